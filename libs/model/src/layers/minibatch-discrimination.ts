/** Minibatch discrimination of the older version (facts 6), the alternative in row e* of Table 1. */
import { exp, tf } from '@pggan/engine';
import type { VariableSpec } from './specs.js';
import { variable, type Weights } from './weights.js';

const name = '4x4/MinibatchDiscrimination';

/** Numbers per kernel, compared by the sum of their absolute differences. */
const dimensions = 5;

/** Added to a sample's distance from itself, so that it counts nothing. */
const farAway = 1e6;

/** Below this, distances between real images are rounding. */
const leastDistance = 1e-6;

/** Names of what {@link startFrom} sets. */
export const scaleName = `${name}/log_weight_scale`;
export const biasName = `${name}/bias`;

/** @param inputs features per sample */
export function minibatchDiscriminationVariables(inputs: number, kernels: number): VariableSpec[] {
  const common = { equalized: false, trainable: true, block: 2, rgb: false, std: 0, fill: 0 };
  return [
    { ...common, name: `${name}/theta`, shape: [inputs, kernels, dimensions], std: 0.05 },
    { ...common, name: scaleName, shape: [kernels, dimensions] },
    { ...common, name: biasName, shape: [kernels], fill: -1 },
  ];
}

/**
 * Appends one closeness per kernel: sum over the other samples of exp(-distance), plus a bias.
 * @param x [N, F]
 * @returns [N, F + kernels]
 */
export function minibatchDiscrimination(x: tf.Tensor2D, weights: Weights): tf.Tensor2D {
  const closeness = tf.sum(exp(tf.neg(distances(x, weights))), 1);
  return tf.concat([x, tf.add(closeness, variable(weights, biasName))], 1) as tf.Tensor2D;
}

/** [N, N, kernels]: distance of every sample from every other, in every kernel. */
function distances(x: tf.Tensor2D, weights: Weights): tf.Tensor3D {
  const theta = variable(weights, `${name}/theta`) as tf.Tensor3D;
  const logScale = variable(weights, scaleName) as tf.Tensor2D;
  const [inputs, kernels] = theta.shape;
  const [samples] = x.shape;
  const outputs = kernels * dimensions;
  const flat = tf.reshape<tf.Rank.R2>(theta, [inputs, outputs]);
  const scale = tf.div(exp(tf.reshape<tf.Rank.R1>(logScale, [outputs])), tf.sqrt(tf.sum(tf.square(flat), 0)));
  const activation = tf.matMul(x, tf.mul<tf.Tensor2D>(flat, scale));
  const pairs = tf.abs(
    tf.sub(tf.reshape(activation, [samples, 1, outputs]), tf.reshape(activation, [1, samples, outputs])),
  );
  const sums = tf.sum(tf.reshape(pairs, [samples * samples, kernels, dimensions]), 2);
  const self = tf.mul(tf.reshape(tf.eye(samples), [samples, samples, 1]), farAway);
  return tf.add(tf.reshape(sums, [samples, samples, kernels]), self);
}

/**
 * The data-dependent start: the scales and biases with which the closest other sample is about as far
 * away in every kernel, and no kernel has a say on average.
 * @param x [N, F] features of real images
 */
export function startFrom(x: tf.Tensor2D, weights: Weights): Weights {
  const between = distances(x, weights);
  // eslint-disable-next-line no-restricted-syntax -- a start is never differentiated
  const nearest: tf.Tensor1D = tf.mul(tf.mean(tf.min(between, 1), 0), 0.5);
  // Images that are all alike say nothing about distances.
  const half = tf.where(tf.greater(nearest, leastDistance), nearest, tf.onesLike(nearest));
  const closeness = tf.sum(exp(tf.neg(tf.div(between, half))), 1);
  return {
    [scaleName]: tf.sub(variable(weights, scaleName), tf.expandDims(tf.log(half), 1)),
    [biasName]: tf.neg(tf.mean(closeness, 0)),
  };
}
