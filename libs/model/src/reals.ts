/** Real images on their way to D (facts section 2), at the active resolution. */
import { downscale2d, lerp, tf, upscale2d } from '@pggan/engine';

/**
 * Bytes of images [N, C, H, W] as a tensor of the same shape with values 0 … 255; the rest of the
 * way is tensor arithmetic and belongs to the recorded step.
 */
export function bytesToTensor(
  bytes: Uint8Array,
  shape: readonly [count: number, channels: number, height: number, width: number],
): tf.Tensor4D {
  return tf.tensor4d(Float32Array.from(bytes), [...shape]);
}

/**
 * Byte values [N, C, H, W] to images [N, H, W, C] in [-1, 1]: range, mirror, fade.
 * The official code then repeats pixels up to the full size, where D begins by averaging them again.
 * @param mirror [N, 1, 1, 1], 1 = flip horizontally, 0 = keep; null = keep all
 * @param fade share of the 2x2 box average blended in, null outside a fade
 */
export function processReals(
  bytes: tf.Tensor4D,
  mirror: tf.Tensor4D | null,
  fade: tf.Scalar | null,
): tf.Tensor4D {
  const scaled = tf.sub<tf.Tensor4D>(tf.mul(bytes, 2 / 255), 1);
  let x = tf.transpose(scaled, [0, 2, 3, 1]);
  if (mirror !== null) {
    // Arithmetic with exactly 0 and 1 chooses between the two without changing either.
    const flipped = tf.mul<tf.Tensor4D>(tf.reverse(x, 2), mirror);
    x = tf.add(tf.mul(x, tf.sub(1, mirror)), flipped);
  }
  return fade === null ? x : lerp(x, upscale2d(downscale2d(x, 2), 2), fade);
}
