import * as tf from '../tf.js';
import { requireMultiple } from './checks.js';

/**
 * Appends one channel to x [N,H,W,C]: the standard deviation over a group of samples, averaged over
 * H, W and C. Groups have min(groupSize, N) members; sample i belongs to group i mod (N / members)
 * (facts 1.4). Only plain tfjs ops that can be differentiated twice, in the ranks that are fast on wasm.
 * @throws EngineError `shape-invalid` when N is not a multiple of the group size.
 */
export function minibatchStddev(x: tf.Tensor4D, groupSize: number): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const members = Math.min(groupSize, n);
  requireMultiple('minibatchStddev', 'the minibatch', n, members, x.shape);
  const groups = n / members;
  const features = height * width * channels;
  const grouped = tf.reshape<tf.Rank.R2>(x, [members, groups * features]);
  const centred = tf.sub(grouped, tf.mean(grouped, 0, true));
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), 0), 1e-8));
  const perGroup = tf.reshape(tf.mean(tf.reshape(deviation, [groups, features]), 1), [1, groups, 1]);
  const perPixel = tf.mul(perGroup, tf.ones([members, 1, height * width]));
  return tf.concat([x, tf.reshape<tf.Rank.R4>(perPixel, [n, height, width, 1])], 3);
}
