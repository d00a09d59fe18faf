import { tf } from '@pggan/engine';
import { variable, type Weights } from './weights.js';

const epsilon = 1e-4;

/** Share of the newest minibatch in the running averages. */
export const runningShare = 0.1;

/** Per map [C], over samples, rows and columns. */
export interface BatchStatistics {
  readonly mean: tf.Tensor1D;
  /** 1 / sqrt(variance + 1e-4). */
  readonly invStd: tf.Tensor1D;
}

/**
 * Where batch normalisation takes its statistics from: `batch` from the samples at hand, as in
 * training; `running` from the averages kept in the weights, so that a picture does not depend on
 * those made with it. `observe` is told the former by layer name.
 */
export interface BatchNormMode {
  readonly statistics: 'batch' | 'running';
  readonly observe?: (layer: string, statistics: BatchStatistics) => void;
}

export const trainingMode: BatchNormMode = { statistics: 'batch' };

/**
 * Batch normalisation of the older version (facts 6) without its shift, which is the layer's bias:
 * (x - mean) * gamma / sqrt(variance + 1e-4).
 * @param x [N, H, W, C]
 */
export function batchNorm(x: tf.Tensor4D, name: string, weights: Weights, mode: BatchNormMode): tf.Tensor4D {
  const statistics = mode.statistics === 'batch' ? batchStatistics(x) : running(weights, name);
  mode.observe?.(name, statistics);
  const scale = tf.mul(statistics.invStd, variable(weights, `${name}/gamma`));
  return tf.mul(tf.sub(x, statistics.mean), scale);
}

/** Population statistics of a minibatch. */
export function batchStatistics(x: tf.Tensor4D): BatchStatistics {
  const maps = x.shape[3];
  const pixels = tf.reshape<tf.Rank.R2>(x, [x.size / maps, maps]);
  const mean: tf.Tensor1D = tf.mean(pixels, 0);
  const variance: tf.Tensor1D = tf.mean(tf.square(tf.sub(pixels, mean)), 0);
  return { mean, invStd: tf.div(1, tf.sqrt(tf.add(variance, epsilon))) };
}

function running(weights: Weights, name: string): BatchStatistics {
  return {
    mean: variable(weights, `${name}/mean`) as tf.Tensor1D,
    invStd: variable(weights, `${name}/inv_std`) as tf.Tensor1D,
  };
}

/** The running averages of a layer after one more minibatch, by variable name. */
export function movedAverages(weights: Weights, name: string, { mean, invStd }: BatchStatistics): Weights {
  const move = (entry: string, value: tf.Tensor) => {
    const old = variable(weights, `${name}/${entry}`);
    return tf.add(old, tf.mul(tf.sub(value, old), runningShare));
  };
  return { [`${name}/mean`]: move('mean', mean), [`${name}/inv_std`]: move('inv_std', invStd) };
}
