import * as tf from '../tf.js';
import { requireChannels, requireMultiple } from './checks.js';
import './conv-gradients.js';
import { spreadKernel } from './spread.js';
import './wasm-kernels.js';

/**
 * Stride 1, SAME. x [N,H,W,in], w [k,k,in,out] -> [N,H,W,out].
 * @throws EngineError `shape-invalid` when x has other channels than w takes.
 */
export function conv2d(x: tf.Tensor4D, w: tf.Tensor4D): tf.Tensor4D {
  requireChannels('conv2d', x, w.shape[2], w);
  return tf.conv2d(x, w, 1, 'same');
}

/**
 * Fused nearest-neighbour upscale by 2 and convolution: the spread kernel as a transposed
 * convolution of stride 2 (facts 1.3). x [N,H,W,in], w [k,k,out,in], already scaled -> [N,2H,2W,out].
 * Equal to `conv2d(upscale2d(x), v)` where v is w with in and out swapped and both spatial axes reversed.
 * @throws EngineError `shape-invalid` when x has other channels than w takes.
 */
export function upscaleConv2d(x: tf.Tensor4D, w: tf.Tensor4D): tf.Tensor4D {
  requireChannels('upscaleConv2d', x, w.shape[3], w);
  const [n, height, width] = x.shape;
  const shape: [number, number, number, number] = [n, 2 * height, 2 * width, w.shape[2]];
  return tf.conv2dTranspose(x, spreadKernel(w, 1), shape, 2, 'same');
}

/**
 * Fused convolution and box downscale by 2: a quarter of the spread kernel with stride 2 (facts
 * 1.3). x [N,H,W,in], w [k,k,in,out] -> [N,H/2,W/2,out]. Equal to `downscale2d(conv2d(x, w))`.
 * @throws EngineError `shape-invalid` on an odd side, or when x has other channels than w takes.
 */
export function convDownscale2d(x: tf.Tensor4D, w: tf.Tensor4D): tf.Tensor4D {
  requireChannels('convDownscale2d', x, w.shape[2], w);
  requireMultiple('convDownscale2d', 'height', x.shape[1], 2, x.shape);
  requireMultiple('convDownscale2d', 'width', x.shape[2], 2, x.shape);
  return tf.conv2d(x, spreadKernel(w, 0.25), 2, 'same');
}
