import { biasAct, conv2d, dense, pixelNorm, tf, upscale2d, upscaleConv2d } from '@pggan/engine';
import { featureMaps, highestBlock, type NetworkConfig } from '../config.js';
import { access } from './access.js';
import { batchNorm, type BatchNormMode } from './batch-norm.js';
import type { GeneratorLayers } from './network-layers.js';
import { blockName, gains, layer, type VariableSpec } from './specs.js';
import type { Weights } from './weights.js';

/**
 * A dense layer to the base counts as a full convolution of that size, whose fan-in is larger by the
 * pixels of the base (facts 1.2: sqrt(2)/4 for 4x4).
 */
export function firstGain({ baseWidth, baseHeight }: NetworkConfig): number {
  return gains.relu / Math.sqrt(baseWidth * baseHeight);
}

/** G's variables in file order: 4x4 first, every block followed by its toRGB. */
export function paperGeneratorVariables(config: NetworkConfig): VariableSpec[] {
  const top = highestBlock(config);
  const maps = (stage: number) => featureMaps(config, stage);
  const hidden = { normalization: config.useBatchnorm ? 'batch' : 'none', running: true } as const;
  const toRgb = (block: number) =>
    layer(config, `ToRGB_lod${top - block}`, block, [1, 1, maps(block - 1), config.numChannels], {
      gain: gains.linear,
      rgb: true,
    });
  const units = config.baseWidth * config.baseHeight * maps(1);
  const specs = [
    ...layer(config, '4x4/Dense', 2, [config.latentSize + config.labelSize, units], {
      ...hidden,
      gain: firstGain(config),
      bias: config.firstBiasPerUnit ? units : maps(1),
    }),
    ...layer(config, '4x4/Conv', 2, [3, 3, maps(1), maps(1)], hidden),
    ...toRgb(2),
  ];
  for (let block = 3; block <= top; block++) {
    const name = blockName(block);
    const input = maps(block - 2);
    const output = maps(block - 1);
    const up = { ...hidden, fanIn: 9 * input, bias: output };
    specs.push(
      ...(config.fusedScale
        ? layer(config, `${name}/Conv0_up`, block, [3, 3, output, input], up)
        : layer(config, `${name}/Conv0`, block, [3, 3, input, output], hidden)),
      ...layer(config, `${name}/Conv1`, block, [3, 3, output, output], hidden),
      ...toRgb(block),
    );
  }
  return specs;
}

/** G's layers (facts 1.3): upscaling and two convolutions per block, toRGB by a 1x1 one. */
export function paperGenerator(
  weights: Weights,
  config: NetworkConfig,
  mode: BatchNormMode,
): GeneratorLayers {
  const rectifier = config.useLeakyRelu ? 'lrelu' : 'relu';
  const top = highestBlock(config);
  const { weight, bias } = access(weights, config);
  const normalize = (x: tf.Tensor4D) => (config.usePixelnorm ? pixelNorm(x, config.pixelnormEpsilon) : x);
  const finish = (x: tf.Tensor4D, name: string) => {
    const normal = config.useBatchnorm ? batchNorm(x, name, weights, mode) : x;
    return normalize(biasAct(normal, bias(name), rectifier));
  };
  const conv = (x: tf.Tensor4D, name: string) => finish(conv2d(x, weight(name)), name);

  return {
    first(latents) {
      const name = '4x4/Dense';
      const flat = dense(latents, weight<tf.Tensor2D>(name, firstGain(config)));
      if (!config.firstBiasPerUnit) {
        return conv(finish(unflatten(flat, config, featureMaps(config, 1)), name), '4x4/Conv');
      }
      const active = unflatten(biasAct(flat, bias(name), rectifier), config, featureMaps(config, 1));
      return conv(normalize(active), '4x4/Conv');
    },
    grow(x, block) {
      const name = blockName(block);
      if (!config.fusedScale) return conv(conv(upscale2d(x, 2), `${name}/Conv0`), `${name}/Conv1`);
      const up = `${name}/Conv0_up`;
      const inputs = x.shape[3];
      return conv(finish(upscaleConv2d(x, weight(up, gains.relu, 9 * inputs)), up), `${name}/Conv1`);
    },
    toRgb(x, block) {
      const name = `ToRGB_lod${top - block}`;
      return biasAct(conv2d(x, weight(name, gains.linear)), bias(name), 'linear');
    },
  };
}

/**
 * The official dense layer yields [N, C, H, W]; its bias has one entry per map, not per unit.
 * @returns [N, H, W, C]
 */
export function unflatten(
  flat: tf.Tensor2D,
  { baseWidth, baseHeight }: NetworkConfig,
  maps: number,
): tf.Tensor4D {
  return tf.transpose(tf.reshape<tf.Rank.R4>(flat, [-1, maps, baseHeight, baseWidth]), [0, 2, 3, 1]);
}
