import * as tf from '../tf.js';
import type { ConvAttrs } from './conv-gradients.js';
import { runKernel } from './kernel.js';
import { convInfo, type Kernel, type Shape4D } from './wasm-conv-info.js';

/**
 * W(x, dy): the convolution whose image is x with batch and channels swapped, and whose filter is
 * dy, dilated by the stride. N is the contracted channel axis.
 */
export function filterGradient({ inputs, attrs }: Parameters<Kernel>[0]): tf.TensorInfo {
  return tf.tidy(() => {
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const { filterShape, ...conv } = attrs as unknown as ConvAttrs & { filterShape: Shape4D };
    const info = convInfo(x.shape, filterShape, conv);
    if (info.filterHeight * info.filterWidth * info.strideHeight * info.strideWidth === 1) {
      return tf.reshape(pointwiseGradient(x, dy), filterShape);
    }
    const { top, bottom, left, right } = info.padInfo;
    const [k, l] = filterShape;
    // The dilated dy may leave rows of x unread at the far end; cut them, or the result is too large.
    const far = (size: number, near: number, end: number, taps: number, out: number, stride: number) =>
      end - (size + near + end - (stride * (out - 1) + taps));
    const endRow = far(x.shape[1], top, bottom, k, dy.shape[1], info.strideHeight);
    const endColumn = far(x.shape[2], left, right, l, dy.shape[2], info.strideWidth);
    const image = tf.slice(tf.transpose(x, [3, 1, 2, 0]), 0, [
      x.shape[3],
      x.shape[1] + Math.min(endRow, 0),
      x.shape[2] + Math.min(endColumn, 0),
      x.shape[0],
    ]);
    const gradient = runKernel(
      tf.Conv2D,
      { x: image, filter: tf.transpose(dy, [1, 2, 0, 3]) },
      {
        strides: 1,
        pad: [
          [0, 0],
          [top, Math.max(endRow, 0)],
          [left, Math.max(endColumn, 0)],
          [0, 0],
        ],
        dataFormat: 'NHWC',
        dilations: [info.strideHeight, info.strideWidth],
      },
    );
    return tf.transpose(gradient, [1, 2, 0, 3]);
  });
}

/**
 * x^T dy over all pixels. The right operand of a product is repacked at every call, the slowest part
 * of one this narrow, so the operand with fewer channels goes there.
 */
function pointwiseGradient(x: tf.Tensor4D, dy: tf.Tensor4D): tf.Tensor {
  const pixels = (t: tf.Tensor4D): tf.Tensor2D => tf.reshape(t, [t.size / t.shape[3], t.shape[3]]);
  return x.shape[3] < dy.shape[3]
    ? tf.transpose(tf.matMul(tf.transpose(pixels(dy)), pixels(x)))
    : tf.matMul(tf.transpose(pixels(x)), pixels(dy));
}
