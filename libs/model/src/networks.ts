/**
 * The two networks (facts 1.3-1.6), evaluated at the active resolution only: blocks above the current
 * level of detail do not exist here. Their layers are in layers/. Tensors are NHWC inside. Every
 * function is pure, and differentiable twice with respect to weights and inputs.
 */
import { downscale2d, lerp, pixelNorm, tanh, tf, upscale2d } from '@pggan/engine';
import { highestBlock, type NetworkConfig } from './config.js';
import { trainingMode, type BatchNormMode } from './layers/batch-norm.js';
import type { DiscriminatorLayers } from './layers/network-layers.js';
import type { DiscriminatorNoise } from './layers/noise.js';
import { paperDiscriminator } from './layers/paper-discriminator.js';
import { paperGenerator } from './layers/paper-generator.js';
import { smallDiscriminator } from './layers/small-discriminator.js';
import { smallGenerator } from './layers/small-generator.js';
import type { Weights } from './layers/weights.js';
import type { LodPoint } from './lod.js';

/**
 * G: latents [N, latentSize] and labels [N, labelSize] to images [N, H, W, channels] of the active
 * size, in about [-1, 1] (there is no tanh unless the configuration asks for one).
 * @param labels null when the networks know no labels
 * @param mode where batch normalisation, if there is any, takes its statistics from
 */
export function generator(
  weights: Weights,
  config: NetworkConfig,
  latents: tf.Tensor2D,
  { level, fade }: LodPoint,
  labels: tf.Tensor2D | null = null,
  mode: BatchNormMode = trainingMode,
): tf.Tensor4D {
  const layer = { paper: paperGenerator, small: smallGenerator }[config.architecture](weights, config, mode);
  const top = highestBlock(config) - level;

  const inputs = labels === null ? latents : tf.concat([latents, labels], 1);
  let x = layer.first(config.normalizeLatents ? pixelNorm(inputs, config.pixelnormEpsilon) : inputs);
  let previous: tf.Tensor4D | null = null;
  for (let block = 3; block <= top; block++) {
    if (fade !== null && block === top) previous = layer.toRgb(x, block - 1);
    x = layer.grow(x, block);
  }
  let images = layer.toRgb(x, top);
  if (fade !== null && previous !== null) images = lerp(images, upscale2d(previous, 2), fade);
  return config.tanhOutput ? tanh(images) : images;
}

/**
 * D: images [N, H, W, channels] of the active size to [N, 1 + labelSize]: the score, then the logits
 * of the label. N must divide into minibatch-stddev groups or be smaller than one.
 * @param noise multiplied into the inputs of the convolutions, null = none
 */
export function discriminator(
  weights: Weights,
  config: NetworkConfig,
  images: tf.Tensor4D,
  point: LodPoint,
  noise: DiscriminatorNoise | null = null,
): tf.Tensor2D {
  const layer = discriminatorLayers(weights, config, noise);
  return layer.score(features(layer, config, images, point));
}

/** What D has made of images just before its last layer, [N, F]. */
export function discriminatorFeatures(
  weights: Weights,
  config: NetworkConfig,
  images: tf.Tensor4D,
  point: LodPoint,
): tf.Tensor2D {
  return features(discriminatorLayers(weights, config, null), config, images, point);
}

function features(
  layer: DiscriminatorLayers,
  config: NetworkConfig,
  images: tf.Tensor4D,
  { level, fade }: LodPoint,
): tf.Tensor2D {
  const top = highestBlock(config) - level;

  let x = layer.fromRgb(images, top);
  for (let block = top; block > 2; block--) {
    x = layer.shrink(x, block);
    if (fade !== null && block === top) {
      x = lerp(x, layer.fromRgb(downscale2d(images, 2), block - 1), fade);
    }
  }
  return layer.features(x);
}

function discriminatorLayers(weights: Weights, config: NetworkConfig, noise: DiscriminatorNoise | null) {
  const layers = { paper: paperDiscriminator, small: smallDiscriminator }[config.architecture];
  return layers(weights, config, noise);
}
