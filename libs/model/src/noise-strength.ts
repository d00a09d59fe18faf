/** How strong LSGAN's noise is (paper, appendix B): D is disturbed once it is too sure of the fakes. */
import { tf } from '@pggan/engine';
import type { LsganOptions } from './options.js';

/** coefficient * max(average score of the fakes - limit, 0) ^ exponent. */
export function noiseStrength(
  fakeScore: tf.Scalar,
  { noiseCoefficient, noiseLimit, noiseExponent }: LsganOptions,
): tf.Scalar {
  const excess = tf.relu(tf.sub(fakeScore, noiseLimit));
  return tf.mul(tf.pow(excess, noiseExponent), noiseCoefficient);
}

/** The running average after one more step; a score counts as at most 1 and at least 0, one that is not finite not at all. */
export function averagedScore(average: tf.Scalar, score: tf.Scalar, { noiseDecay }: LsganOptions): tf.Scalar {
  const known = tf.where(tf.isFinite(score), score, average);
  const within = tf.sub(tf.relu(known), tf.relu(tf.sub(known, 1)));
  return tf.add(tf.mul(average, noiseDecay), tf.mul(within, 1 - noiseDecay));
}
