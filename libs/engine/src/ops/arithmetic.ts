/** The operations that need no kernels of their own. */
import * as tf from '../tf.js';
import { requireChannels } from './checks.js';

/**
 * Equalised learning rate: `w * gain / sqrt(fanIn)` when `useWscale`, else w itself (facts 1.2).
 * The factor is rounded to float32, as a constant of the network would be.
 */
export function scaleWeight<T extends tf.Tensor>(w: T, gain: number, fanIn: number, useWscale: boolean): T {
  return useWscale ? tf.mul(w, Math.fround(gain / Math.sqrt(fanIn))) : w;
}

/**
 * x [N,in] times w [in,out].
 * @throws EngineError `shape-invalid` when x has other features than w takes.
 */
export function dense(x: tf.Tensor2D, w: tf.Tensor2D): tf.Tensor2D {
  requireChannels('dense', x, w.shape[0], w);
  return tf.matMul(x, w);
}

/** `a + (b - a) * t`; t a number, a scalar, or anything that broadcasts over a. */
export function lerp<T extends tf.Tensor>(a: T, b: T, t: tf.Tensor | number): T {
  return tf.add(a, tf.mul(tf.sub(b, a), t));
}
