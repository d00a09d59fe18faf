import * as tf from '../tf.js';
import type { ConvAttrs } from './conv-gradients.js';

export type Shape4D = [number, number, number, number];
export type Kernel = tf.KernelConfig['kernelFunc'];

/** Padding and strides of a convolution in numbers. */
export function convInfo(inputShape: Shape4D, filterShape: Shape4D, conv: ConvAttrs) {
  return tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    conv.strides,
    1,
    conv.pad,
    conv.dimRoundingMode,
    false,
    'channelsLast',
  );
}
