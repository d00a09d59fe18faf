import { biasAct, conv2d, dense, pixelNorm, type tf, upscale2d } from '@pggan/engine';
import { featureMaps, highestBlock, type NetworkConfig } from '../config.js';
import { access } from './access.js';
import { batchNorm, type BatchNormMode } from './batch-norm.js';
import type { GeneratorLayers } from './network-layers.js';
import { firstGain, unflatten } from './paper-generator.js';
import { blockName, gains, layer, type VariableSpec } from './specs.js';
import type { Weights } from './weights.js';

/** Of the leaky rectifier here. */
export const smallSlope = 0.3;

/** G of the MNIST modes experiment (facts 6): block r has the maps of stage r-2, toRGB is 3x3. */
export function smallGeneratorVariables(config: NetworkConfig): VariableSpec[] {
  const top = highestBlock(config);
  const maps = (block: number) => featureMaps(config, block - 2);
  const hidden = { normalization: config.useBatchnorm ? 'batch' : 'none', running: true } as const;
  const toRgb = (block: number) =>
    layer(config, `ToRGB_lod${top - block}`, block, [3, 3, maps(block), config.numChannels], {
      gain: gains.linear,
      rgb: true,
    });
  const units = config.baseWidth * config.baseHeight * maps(2);
  const specs = [
    ...layer(config, '4x4/Dense', 2, [config.latentSize + config.labelSize, units], {
      ...hidden,
      gain: firstGain(config),
      bias: maps(2),
    }),
    ...toRgb(2),
  ];
  for (let block = 3; block <= top; block++) {
    const shape = [3, 3, maps(block - 1), maps(block)];
    specs.push(...layer(config, `${blockName(block)}/Conv`, block, shape, hidden), ...toRgb(block));
  }
  return specs;
}

/** Upscaling and one convolution per block. */
export function smallGenerator(
  weights: Weights,
  config: NetworkConfig,
  mode: BatchNormMode,
): GeneratorLayers {
  const top = highestBlock(config);
  const { weight, bias } = access(weights, config);
  const finish = (x: tf.Tensor4D, name: string) => {
    const normal = config.useBatchnorm ? batchNorm(x, name, weights, mode) : x;
    const active = biasAct(normal, bias(name), config.useLeakyRelu ? 'lrelu' : 'relu', smallSlope);
    return config.usePixelnorm ? pixelNorm(active, config.pixelnormEpsilon) : active;
  };

  return {
    first(latents) {
      const flat = dense(latents, weight<tf.Tensor2D>('4x4/Dense', firstGain(config)));
      return finish(unflatten(flat, config, featureMaps(config, 0)), '4x4/Dense');
    },
    grow(x, block) {
      const name = `${blockName(block)}/Conv`;
      return finish(conv2d(upscale2d(x, 2), weight(name)), name);
    },
    toRgb(x, block) {
      const name = `ToRGB_lod${top - block}`;
      return biasAct(conv2d(x, weight(name, gains.linear)), bias(name), 'linear');
    },
  };
}
