import type * as tf from '../tf.js';
import * as reference from './reference.js';

export type Activation = 'lrelu' | 'relu' | 'linear';

/** Adds b [C] over the last axis of x, then applies the activation; the slope is for 'lrelu'. */
export function biasAct<T extends tf.Tensor>(x: T, b: tf.Tensor1D, act: Activation, slope = 0.2): T {
  return reference.biasAct(x, b, act, slope);
}

/** `max(slope * y, y)` of y = x + b, b [C] over the last axis. */
export function biasLeakyRelu<T extends tf.Tensor>(x: T, b: tf.Tensor1D, slope = 0.2): T {
  return biasAct(x, b, 'lrelu', slope);
}
