import { tf } from '@pggan/engine';

const epsilon = 1e-4;

/**
 * Layer normalisation of the older version's D (facts 6): every sample minus its mean, divided by its
 * deviation over rows, columns and maps, times one gain for the whole layer.
 * @param x [N, H, W, C] or [N, C]
 * @param gain scalar
 */
export function layerNorm<T extends tf.Tensor>(x: T, gain: tf.Scalar): T {
  const samples = x.shape[0] as number;
  const flat = tf.reshape<tf.Rank.R2>(x, [samples, x.size / samples]);
  const centred = tf.sub(flat, tf.mean(flat, 1, true));
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
  return tf.reshape(tf.mul(tf.div(centred, deviation), gain), x.shape) as T;
}
