/**
 * exp and tanh that can be differentiated twice. tfjs's own hand their output to the gradient, and
 * nothing flows back through a saved output (see kernel.ts), so their second derivative is silently
 * wrong; these compute it from the input.
 */
import * as tf from '../tf.js';
import { defineOperation, runKernel } from './kernel.js';

/** e^x, any shape. */
export function exp<T extends tf.Tensor>(x: T): T {
  return runExp({ x }, {}) as T;
}

/** tanh(x), any shape. */
export function tanh<T extends tf.Tensor>(x: T): T {
  return runTanh({ x }, {}) as T;
}

const runExp = defineOperation<Record<never, never>>({
  name: 'Exp',
  compute: ({ x }) => runKernel(tf.Exp, { x: x as tf.Tensor }, {}),
  saveInputs: ['x'],
  gradient: (dy, [x]) => ({ x: () => tf.mul(dy, exp(x as tf.Tensor)) }),
});

const runTanh = defineOperation<Record<never, never>>({
  name: 'Tanh',
  compute: ({ x }) => runKernel(tf.Tanh, { x: x as tf.Tensor }, {}),
  saveInputs: ['x'],
  gradient: (dy, [x]) => ({ x: () => tf.mul(dy, tf.sub(1, tf.square(tanh(x as tf.Tensor)))) }),
});
