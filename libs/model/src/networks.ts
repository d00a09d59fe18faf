/**
 * The two networks (facts 1.3-1.5), evaluated at the active resolution only: blocks above the
 * current level of detail do not exist here. Tensors are NHWC inside. Every function is pure and
 * differentiable twice with respect to weights and inputs.
 */
import {
  biasAct,
  conv2d,
  convDownscale2d,
  dense,
  downscale2d,
  lerp,
  minibatchStddev,
  pixelNorm,
  scaleWeight,
  tf,
  upscale2d,
  upscaleConv2d,
} from '@pggan/engine';
import { featureMaps, highestBlock, type NetworkConfig } from './config.js';
import type { LodPoint } from './lod.js';
import { blockName, gains, variable, type Weights } from './variables.js';

/**
 * G: latents [N, latentSize] to images [N, S, S, channels] of side S = resolution / 2^level, in
 * about [-1, 1] (there is no tanh).
 */
export function generator(
  weights: Weights,
  config: NetworkConfig,
  latents: tf.Tensor2D,
  { level, fade }: LodPoint,
): tf.Tensor4D {
  const layer = generatorLayers(weights, config);
  const top = highestBlock(config) - level;

  let x = layer.first(config.normalizeLatents ? layer.normalize(latents) : latents);
  let previous: tf.Tensor4D | null = null;
  for (let block = 3; block <= top; block++) {
    if (fade !== null && block === top) previous = layer.toRgb(x, block - 1);
    x = layer.grow(x, block);
  }
  const images = layer.toRgb(x, top);
  if (fade === null || previous === null) return images;
  return lerp(images, upscale2d(previous, 2), fade);
}

/**
 * D: images [N, S, S, channels] of the active side to scores [N, 1].
 * N must divide into minibatch-stddev groups or be smaller than one.
 */
export function discriminator(
  weights: Weights,
  config: NetworkConfig,
  images: tf.Tensor4D,
  { level, fade }: LodPoint,
): tf.Tensor2D {
  const layer = discriminatorLayers(weights, config);
  const top = highestBlock(config) - level;

  let x = layer.fromRgb(images, top);
  for (let block = top; block > 2; block--) {
    x = layer.shrink(x, block);
    if (fade !== null && block === top) {
      x = lerp(x, layer.fromRgb(downscale2d(images, 2), block - 1), fade);
    }
  }
  return layer.last(x);
}

function generatorLayers(weights: Weights, config: NetworkConfig) {
  const rectifier = config.useLeakyRelu ? 'lrelu' : 'relu';
  const top = highestBlock(config);
  const { weight, bias } = access(weights, config);
  const normalize = <T extends tf.Tensor>(x: T): T =>
    config.usePixelnorm ? pixelNorm(x, config.pixelnormEpsilon) : x;
  const finish = (x: tf.Tensor4D, name: string) => normalize(biasAct(x, bias(name), rectifier));
  const conv = (x: tf.Tensor4D, name: string) => finish(conv2d(x, weight(name)), name);

  return {
    /** Latents are normalised whether or not the layers are. */
    normalize: (latents: tf.Tensor2D) => pixelNorm(latents, config.pixelnormEpsilon),
    first(latents: tf.Tensor2D): tf.Tensor4D {
      const maps = featureMaps(config, 1);
      const flat = dense(latents, weight<tf.Tensor2D>('4x4/Dense', gains.firstDense));
      // The official layer yields [N, C, 4, 4]; its bias has one entry per map, not per unit.
      const x = tf.transpose(tf.reshape<tf.Rank.R4>(flat, [-1, maps, 4, 4]), [0, 2, 3, 1]);
      return conv(finish(x, '4x4/Dense'), '4x4/Conv');
    },
    grow(x: tf.Tensor4D, block: number): tf.Tensor4D {
      const name = blockName(block);
      if (!config.fusedScale) return conv(conv(upscale2d(x, 2), `${name}/Conv0`), `${name}/Conv1`);
      const up = `${name}/Conv0_up`;
      const inputs = x.shape[3];
      return conv(finish(upscaleConv2d(x, weight(up, gains.relu, 9 * inputs)), up), `${name}/Conv1`);
    },
    toRgb(x: tf.Tensor4D, block: number): tf.Tensor4D {
      const name = `ToRGB_lod${top - block}`;
      return biasAct(conv2d(x, weight(name, gains.linear)), bias(name), 'linear');
    },
  };
}

function discriminatorLayers(weights: Weights, config: NetworkConfig) {
  const top = highestBlock(config);
  const { weight, bias } = access(weights, config);
  const finish = <T extends tf.Tensor>(x: T, name: string) => biasAct(x, bias(name), 'lrelu');
  const conv = (x: tf.Tensor4D, name: string) => finish(conv2d(x, weight(name)), name);

  return {
    fromRgb: (images: tf.Tensor4D, block: number) => conv(images, `FromRGB_lod${top - block}`),
    shrink(x: tf.Tensor4D, block: number): tf.Tensor4D {
      const name = blockName(block);
      const y = conv(x, `${name}/Conv0`);
      // Unfused, pooling follows bias and activation; fused, it precedes them (facts 1.3, trap 2).
      if (!config.fusedScale) return downscale2d(conv(y, `${name}/Conv1`), 2);
      const down = `${name}/Conv1_down`;
      return finish(convDownscale2d(y, weight(down)), down);
    },
    last(x: tf.Tensor4D): tf.Tensor2D {
      const grouped = config.mbstdGroupSize > 1 ? minibatchStddev(x, config.mbstdGroupSize) : x;
      const y = conv(grouped, '4x4/Conv');
      // Flattened in the official order: channel, row, column.
      const flat = tf.reshape<tf.Rank.R2>(tf.transpose(y, [0, 3, 1, 2]), [y.shape[0], 16 * y.shape[3]]);
      const hidden = finish(dense(flat, weight<tf.Tensor2D>('4x4/Dense0')), '4x4/Dense0');
      const scores = dense(hidden, weight<tf.Tensor2D>('4x4/Dense1', gains.linear));
      return biasAct(scores, bias('4x4/Dense1'), 'linear');
    },
  };
}

/** Named weights, scaled by the He constant of their layer (facts 1.2), and biases, never scaled. */
function access(weights: Weights, config: NetworkConfig) {
  return {
    weight<T extends tf.Tensor = tf.Tensor4D>(name: string, gain: number = gains.relu, fanIn?: number): T {
      const raw = variable(weights, `${name}/weight`) as T;
      const inputs = fanIn ?? raw.size / (raw.shape.at(-1) as number);
      return scaleWeight(raw, gain, inputs, config.useWscale);
    },
    bias: (name: string) => variable(weights, `${name}/bias`) as tf.Tensor1D,
  };
}
