import { biasAct, conv2d, dense, downscale2d, type tf } from '@pggan/engine';
import { featureMaps, hasMinibatchStddev, highestBlock, type NetworkConfig } from '../config.js';
import { access } from './access.js';
import { batchNorm, trainingMode } from './batch-norm.js';
import { flatten, withDeviation } from './last-block.js';
import type { DiscriminatorLayers } from './network-layers.js';
import { noiseGate, type DiscriminatorNoise } from './noise.js';
import { blockName, gains, layer, type VariableSpec } from './specs.js';
import type { Weights } from './weights.js';

/**
 * D of the MNIST modes experiment (facts 6): one convolution per resolution, with G's maps there
 * divided by a number. The convolution of the final resolution takes the image itself; a fromRGB
 * leads into each lower one, for growing.
 */
export function smallDiscriminatorVariables(config: NetworkConfig): VariableSpec[] {
  const top = highestBlock(config);
  const maps = (block: number) => smallMaps(config, block);
  const inputs = (block: number) => (block === top ? config.numChannels : maps(block + 1));
  const hidden = { normalization: config.useBatchnorm ? 'batch' : 'none' } as const;
  const specs: VariableSpec[] = [];
  for (let block = top; block >= 2; block--) {
    const statistic = block === 2 && hasMinibatchStddev(config) ? 1 : 0;
    const shape = [3, 3, inputs(block) + statistic, maps(block)];
    if (block < top) {
      const fromRgb = [1, 1, config.numChannels, inputs(block)];
      specs.push(...layer(config, `FromRGB_lod${top - block}`, block, fromRgb, { rgb: true }));
    }
    specs.push(...layer(config, `${blockName(block)}/Conv`, block, shape, hidden));
  }
  const features = config.baseWidth * config.baseHeight * maps(2);
  specs.push(...layer(config, '4x4/Dense', 2, [features, 1 + config.labelSize], { gain: gains.linear }));
  return specs;
}

function smallMaps(config: NetworkConfig, block: number): number {
  return Math.trunc(featureMaps(config, block - 2) / config.discriminatorDivisor);
}

/** One convolution and box downscaling per block. */
export function smallDiscriminator(
  weights: Weights,
  config: NetworkConfig,
  noise: DiscriminatorNoise | null,
): DiscriminatorLayers {
  const top = highestBlock(config);
  const { weight, bias } = access(weights, config);
  const disturb = noiseGate(noise);
  const conv = (x: tf.Tensor4D, name: string) => {
    const y = conv2d(disturb(x), weight(name));
    return biasAct(config.useBatchnorm ? batchNorm(y, name, weights, trainingMode) : y, bias(name), 'lrelu');
  };

  return {
    fromRgb(images, block) {
      if (block === top) return images;
      const name = `FromRGB_lod${top - block}`;
      return biasAct(conv2d(images, weight(name)), bias(name), 'lrelu');
    },
    shrink: (x, block) => downscale2d(conv(x, `${blockName(block)}/Conv`), 2),
    features: (x) => flatten(conv(withDeviation(x, config), '4x4/Conv')),
    score(features) {
      const scores = dense(features, weight<tf.Tensor2D>('4x4/Dense', gains.linear));
      return biasAct(scores, bias('4x4/Dense'), 'linear');
    },
  };
}
