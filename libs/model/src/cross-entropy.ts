import { exp, tf } from '@pggan/engine';

/**
 * Softmax cross-entropy -sum(label * log softmax(logits)) per sample. A label with a single component
 * therefore has none, as in the official code.
 * @param labels [N, L], usually one-hot
 * @param logits [N, L]
 * @returns [N]
 */
export function crossEntropy(labels: tf.Tensor2D, logits: tf.Tensor2D): tf.Tensor1D {
  // The largest logit is subtracted first, or exp overflows. It cancels, so how it is differentiated is no matter.
  // eslint-disable-next-line no-restricted-syntax
  const shifted = tf.sub<tf.Tensor2D>(logits, tf.max(logits, 1, true));
  const logSum = tf.log(tf.sum(exp(shifted), 1, true));
  return tf.sum(tf.mul(labels, tf.sub(logSum, shifted)), 1);
}
