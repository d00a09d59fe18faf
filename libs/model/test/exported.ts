/** Networks of every kind that can be exported, and their pictures at the active size. */
import { tf } from '@pggan/engine';
import { RandomState } from '@pggan/random';
import {
  generatorVariables,
  networkConfigSchema,
  type LoadedGenerator,
  type NetworkConfigInput,
} from '../src/index.js';
import { splitLod } from '../src/lod.js';
import { generator } from '../src/networks.js';

/** Weights that are all in play: nothing is 0 or 1 by chance. The caller disposes of them. */
export function randomGenerator(input: NetworkConfigInput, seed = 5): LoadedGenerator {
  const config = networkConfigSchema.parse(input);
  const random = new RandomState(seed);
  const weights = Object.fromEntries(
    generatorVariables(config).map(({ name, shape, std, equalized }) => {
      const size = shape.reduce((product, side) => product * side, 1);
      const scale = std === 0 ? 0.3 : equalized ? 1 : std;
      const positive = /gamma|inv_std/.test(name);
      const values = random.normals(size).map((x) => (positive ? 0.5 + Math.abs(x) : x * scale));
      return [name, tf.tensor(values, [...shape])];
    }),
  );
  return { weights, config, lod: 0, kimg: 1, origin: { seed } };
}

export interface Inputs {
  readonly count: number;
  readonly latents: Float32Array;
  readonly labels: Float32Array | null;
}

export function inputsOf({ latentSize, labelSize }: LoadedGenerator['config'], count: number): Inputs {
  const latents = new RandomState(8).normals(count * latentSize);
  const labels = new Float32Array(count * labelSize);
  for (let i = 0; labelSize > 0 && i < count; i++) labels[i * labelSize + (i % labelSize)] = 1;
  return { count, latents, labels: labelSize > 0 ? labels : null };
}

/** [N, height, width, channels] at the size active at the lod. */
export function ourPictures({ weights, config }: LoadedGenerator, inputs: Inputs, lod: number): tf.Tensor4D {
  return tf.tidy(() => {
    const { level, fraction } = splitLod(lod);
    const fade = fraction > 0 ? tf.scalar(fraction) : null;
    const z = tf.tensor2d(inputs.latents, [inputs.count, config.latentSize]);
    const labels = inputs.labels && tf.tensor2d(inputs.labels, [inputs.count, config.labelSize]);
    return generator(weights, config, z, { level, fade }, labels, { statistics: 'running' });
  });
}

/** One of each that matters to an export. */
export const kinds: readonly (readonly [string, NetworkConfigInput])[] = [
  ['RGB, fused', { resolution: 16, fmapBase: 64, fmapMax: 8 }],
  [
    'gray with labels, unfused',
    { resolution: 8, fmapBase: 32, fmapMax: 8, numChannels: 1, labelSize: 3, fusedScale: false },
  ],
  [
    '7x5 base, plain ReLU, no pixel norm',
    {
      resolution: 8,
      baseWidth: 7,
      baseHeight: 5,
      fmapBase: 32,
      fmapMax: 6,
      useLeakyRelu: false,
      usePixelnorm: false,
      normalizeLatents: false,
    },
  ],
  [
    'batch norm, tanh, plain weights',
    { resolution: 8, fmapBase: 32, fmapMax: 6, useBatchnorm: true, tanhOutput: true, useWscale: false },
  ],
  [
    'small, 3x4 base',
    {
      architecture: 'small',
      resolution: 16,
      baseWidth: 3,
      fmapBase: 16,
      tanhOutput: true,
      useBatchnorm: true,
    },
  ],
  ['a bias per unit', { resolution: 8, fmapBase: 32, fmapMax: 6, firstBiasPerUnit: true, fusedScale: false }],
];

/** Whole levels and fades of a network. */
export function lodsOf(resolution: number): number[] {
  const coarsest = Math.log2(resolution) - 2;
  return Array.from({ length: coarsest + 1 }, (_, level) =>
    level < coarsest ? [level, level + 0.35] : [level],
  ).flat();
}
