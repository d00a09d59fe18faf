/**
 * The slow, obvious twin of every operation in this folder: plain tfjs ops, all of them known to be
 * differentiable twice. Tests compare the fast ops with these in value, gradient and second
 * gradient; nothing else uses them. Convolution twins cannot be differentiated with respect to the
 * filter on wasm, which has no such kernel.
 */
import * as tf from '../tf.js';
import type { Activation } from './bias-act.js';

/** `w * gain / sqrt(fanIn)` when `useWscale`, else `w` (facts 1.2). */
export function scaleWeight<T extends tf.Tensor>(w: T, gain: number, fanIn: number, useWscale: boolean): T {
  return useWscale ? tf.mul(w, Math.fround(gain / Math.sqrt(fanIn))) : w;
}

/** Stride 1, SAME. x [N,H,W,in], w [k,k,in,out] -> [N,H,W,out]. */
export function conv2d(x: tf.Tensor4D, w: tf.Tensor4D): tf.Tensor4D {
  return tf.conv2d(x, w, 1, 'same');
}

/** The k+1 wide kernel that is the sum of w at the offsets (0,0), (0,1), (1,0), (1,1) (facts 1.3). */
export function spreadKernel(w: tf.Tensor4D): tf.Tensor4D {
  const at = (top: number, left: number): tf.Tensor4D =>
    tf.pad4d(w, [
      [top, 1 - top],
      [left, 1 - left],
      [0, 0],
      [0, 0],
    ]);
  return tf.addN<tf.Tensor4D>([at(0, 0), at(0, 1), at(1, 0), at(1, 1)]);
}

/** Fused upscale and convolution. x [N,H,W,in], w [k,k,out,in] -> [N,2H,2W,out] (facts 1.3). */
export function upscaleConv2d(x: tf.Tensor4D, w: tf.Tensor4D): tf.Tensor4D {
  const [n, height, width] = x.shape;
  return tf.conv2dTranspose(x, spreadKernel(w), [n, 2 * height, 2 * width, w.shape[2]], 2, 'same');
}

/** Fused convolution and downscale. x [N,H,W,in], w [k,k,in,out] -> [N,H/2,W/2,out] (facts 1.3). */
export function convDownscale2d(x: tf.Tensor4D, w: tf.Tensor4D): tf.Tensor4D {
  return tf.conv2d(x, tf.mul<tf.Tensor4D>(spreadKernel(w), 0.25), 2, 'same');
}

/** x [N,in] times w [in,out]. */
export function dense(x: tf.Tensor2D, w: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(x, w);
}

/** `max(slope * x, x)` for a slope in [0, 1], written with relu, whose gradient is differentiable. */
export function leakyRelu<T extends tf.Tensor>(x: T, slope: number): T {
  return tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), slope));
}

/** Bias over the last axis, then the activation. */
export function biasAct<T extends tf.Tensor>(x: T, b: tf.Tensor1D, act: Activation, slope = 0.2): T {
  const biased = tf.add<T>(x, b);
  if (act === 'linear') return biased;
  return act === 'relu' ? tf.relu(biased) : leakyRelu(biased, slope);
}

/** `x / sqrt(mean(x^2 over the last axis) + epsilon)` (facts 1.3). */
export function pixelNorm<T extends tf.Tensor>(x: T, epsilon = 1e-8): T {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon)));
}

/** Nearest neighbour: every pixel becomes factor x factor equal ones. */
export function upscale2d(x: tf.Tensor4D, factor = 2): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const copies = <T extends tf.Tensor>(t: T, axis: number): T =>
    tf.concat(new Array<T>(factor).fill(t), axis);
  const wide = copies(x, 3).reshape([n, height, width * factor * channels]);
  return copies(wide, 2).reshape([n, height * factor, width * factor, channels]);
}

/** Box: every factor x factor block becomes its mean. */
export function downscale2d(x: tf.Tensor4D, factor = 2): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const blocks = x.reshape([n, height / factor, factor, width / factor, factor, channels]);
  return tf.mean(blocks, [2, 4]);
}

/** Appends the standard deviation over strided groups as one channel (facts 1.4). */
export function minibatchStddev(x: tf.Tensor4D, groupSize: number): tf.Tensor4D {
  const [n, height, width] = x.shape;
  const group = Math.min(groupSize, n);
  const grouped = x.reshape([group, n / group, ...x.shape.slice(1)]);
  const centred = tf.sub(grouped, tf.mean(grouped, 0, true));
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), 0), 1e-8));
  const perGroup = tf.mean(deviation, [1, 2, 3]).reshape([n / group, 1, 1, 1]);
  const perSample = tf.concat(new Array<tf.Tensor>(group).fill(perGroup), 0);
  return tf.concat([x, tf.mul<tf.Tensor4D>(perSample, tf.ones([1, height, width, 1]))], 3);
}

/** `a + (b - a) * t`. */
export function lerp<T extends tf.Tensor>(a: T, b: T, t: tf.Tensor | number): T {
  return tf.add(a, tf.mul(tf.sub(b, a), t));
}

/** e^x, from sinh and cosh: no code in common with the fast one. */
export function exp<T extends tf.Tensor>(x: T): T {
  return tf.add(tf.sinh(x), tf.cosh(x));
}

/** tanh(x). */
export function tanh<T extends tf.Tensor>(x: T): T {
  return tf.div(tf.sinh(x), tf.cosh(x));
}
