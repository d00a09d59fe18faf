import { biasAct, conv2d, convDownscale2d, dense, downscale2d, type tf } from '@pggan/engine';
import { featureMaps, hasMinibatchStddev, highestBlock, type NetworkConfig } from '../config.js';
import { access } from './access.js';
import { layerNorm } from './layer-norm.js';
import { flatten, withDeviation } from './last-block.js';
import { minibatchDiscrimination, minibatchDiscriminationVariables } from './minibatch-discrimination.js';
import type { DiscriminatorLayers } from './network-layers.js';
import { noiseGate, type DiscriminatorNoise } from './noise.js';
import { blockName, gains, layer, type VariableSpec } from './specs.js';
import { variable, type Weights } from './weights.js';

/** D's variables in file order: the highest resolution first. */
export function paperDiscriminatorVariables(config: NetworkConfig): VariableSpec[] {
  const top = highestBlock(config);
  const maps = (stage: number) => featureMaps(config, stage);
  const hidden = { normalization: config.useLayernorm ? 'layer' : 'none' } as const;
  const fromRgb = (block: number) =>
    layer(config, `FromRGB_lod${top - block}`, block, [1, 1, config.numChannels, maps(block - 1)], {
      rgb: true,
    });
  const specs = fromRgb(top);
  for (let block = top; block > 2; block--) {
    const name = blockName(block);
    const [input, output] = [maps(block - 1), maps(block - 2)];
    const down = `${name}/${config.fusedScale ? 'Conv1_down' : 'Conv1'}`;
    specs.push(
      ...layer(config, `${name}/Conv0`, block, [3, 3, input, input], hidden),
      ...layer(config, down, block, [3, 3, input, output], hidden),
      ...fromRgb(block - 1),
    );
  }
  const statistic = hasMinibatchStddev(config) ? 1 : 0;
  const kernels = config.minibatchDiscriminationKernels;
  const pixels = config.baseWidth * config.baseHeight;
  specs.push(
    ...layer(config, '4x4/Conv', 2, [3, 3, maps(1) + statistic, maps(1)], hidden),
    ...layer(config, '4x4/Dense0', 2, [pixels * maps(1), maps(0)], hidden),
    ...(kernels > 0 ? minibatchDiscriminationVariables(maps(0), kernels) : []),
    ...layer(config, '4x4/Dense1', 2, [maps(0) + kernels, 1 + config.labelSize], { gain: gains.linear }),
  );
  return specs;
}

/** D's layers (facts 1.3): two convolutions and downscaling per block, fromRGB by a 1x1 one. */
export function paperDiscriminator(
  weights: Weights,
  config: NetworkConfig,
  noise: DiscriminatorNoise | null,
): DiscriminatorLayers {
  const top = highestBlock(config);
  const { weight, bias } = access(weights, config);
  const disturb = noiseGate(noise);
  const gain = (name: string) => variable(weights, `${name}/gain`) as tf.Scalar;
  const activate = <T extends tf.Tensor>(x: T, name: string) => biasAct(x, bias(name), 'lrelu');
  const finish = <T extends tf.Tensor>(x: T, name: string) =>
    activate(config.useLayernorm ? layerNorm(x, gain(name)) : x, name);
  const conv = (x: tf.Tensor4D, name: string) => finish(conv2d(disturb(x), weight(name)), name);

  return {
    fromRgb(images, block) {
      const name = `FromRGB_lod${top - block}`;
      return activate(conv2d(images, weight(name)), name);
    },
    shrink(x, block) {
      const name = blockName(block);
      const y = conv(x, `${name}/Conv0`);
      // Unfused, pooling follows bias and activation; fused, it precedes them (facts 1.3, trap 2).
      if (!config.fusedScale) return downscale2d(conv(y, `${name}/Conv1`), 2);
      const down = `${name}/Conv1_down`;
      return finish(convDownscale2d(disturb(y), weight(down)), down);
    },
    features(x) {
      const y = disturb(conv(withDeviation(x, config), '4x4/Conv'));
      return finish(dense(flatten(y), weight<tf.Tensor2D>('4x4/Dense0')), '4x4/Dense0');
    },
    score(features) {
      const compared =
        config.minibatchDiscriminationKernels > 0 ? minibatchDiscrimination(features, weights) : features;
      const scores = dense(compared, weight<tf.Tensor2D>('4x4/Dense1', gains.linear));
      return biasAct(scores, bias('4x4/Dense1'), 'linear');
    },
  };
}
