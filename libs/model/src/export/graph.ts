/**
 * G for other runtimes: the same layers as in networks.ts, written once for every format. All that is constant is
 * folded into the weights: the equalised learning rate, the averages of batch normalisation, the kernel of fused
 * upscaling, which becomes upscaling and a convolution (facts 1.3, trap 1).
 */
import { highestBlock, type NetworkConfig } from '../config.js';
import { convertGenerator } from '../convert-weights.js';
import { ModelError } from '../errors.js';
import type { LoadedGenerator } from '../generator-file.js';
import { imageShape } from '../image-shape.js';
import { smallSlope } from '../layers/small-generator.js';
import { blockName } from '../layers/specs.js';
import { splitLod } from '../lod.js';
import type { RawTensor } from '../safetensors.js';
import { disposeWeights, generatorVariables, type Weights } from '../variables.js';
import { foldWeights } from './fold.js';

/** What a format must know how to compute; T is how it names a value, a vector or an image per sample. */
export interface GraphOps<T> {
  /** [N, size] */
  input(name: string, size: number): T;
  concat(a: T, b: T): T;
  /** Over the maps of an image, or the components of a vector. */
  pixelNorm(x: T, epsilon: number): T;
  /** @param weight [in, out] */
  dense(x: T, weight: RawTensor, bias: RawTensor | null): T;
  /** A vector of map, row, column to an image. */
  unflatten(x: T, maps: number, height: number, width: number): T;
  /** Stride 1, zero padding to the same size. @param weight [k, k, in, out] */
  conv(x: T, weight: RawTensor, bias: RawTensor): T;
  /** One number per map of an image. */
  bias(x: T, bias: RawTensor): T;
  /** max(slope * x, x); slope 0 is a plain rectifier. */
  rectify(x: T, slope: number): T;
  /** Every pixel twice either way; to an image of this size. */
  upscale(x: T, height: number, width: number): T;
  /** a + (b - a) * t */
  blend(a: T, b: T, t: number): T;
  tanh(x: T): T;
}

/** What a file says of itself. */
export interface GraphShape {
  readonly latentSize: number;
  readonly labelSize: number;
  /** Of the images. */
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/**
 * Builds G at a level of detail, at the size that is active there.
 * @returns the images, about [-1, 1], and what to say of inputs and output
 * @throws ModelError `export-invalid` for a level that the network does not have, `weights-mismatch` when variables that it
 *   needs are absent
 */
export function buildGraph<T>(
  ops: GraphOps<T>,
  { weights, config: original }: Pick<LoadedGenerator, 'weights' | 'config'>,
  lod: number,
): { images: T; shape: GraphShape } {
  const coarsest = highestBlock(original) - 2;
  if (!(lod >= 0 && lod <= coarsest)) {
    throw new ModelError('export-invalid', `lod: expected 0 to ${coarsest}, got ${lod}`);
  }
  const config = { ...original, fusedScale: false };
  const { level, fraction } = splitLod(lod);
  const folded = foldedWeights(weights, original);
  const get = (name: string): RawTensor => {
    const tensor = folded[name];
    if (tensor !== undefined) return tensor;
    throw new ModelError(
      'weights-mismatch',
      `the generator has no variable "${name}", which lod ${lod} needs; choose another lod`,
    );
  };
  const { width, height } = imageShape(config, level);
  const slope = !config.useLeakyRelu ? 0 : config.architecture === 'small' ? smallSlope : 0.2;
  const top = highestBlock(config);
  const active = top - level;

  const normalize = (x: T) => (config.usePixelnorm ? ops.pixelNorm(x, config.pixelnormEpsilon) : x);
  const finish = (x: T) => normalize(ops.rectify(x, slope));
  const linear = (x: T, name: string) => ops.conv(x, get(`${name}/weight`), get(`${name}/bias`));
  const conv = (x: T, name: string) => finish(linear(x, name));
  const toRgb = (x: T, block: number) => linear(x, `ToRGB_lod${top - block}`);
  const upscale = (x: T, block: number) => {
    const size = imageShape(config, top - block);
    return ops.upscale(x, size.height, size.width);
  };

  const latents = ops.input('latents', config.latentSize);
  const inputs = config.labelSize > 0 ? ops.concat(latents, ops.input('labels', config.labelSize)) : latents;
  const normal = config.normalizeLatents ? ops.pixelNorm(inputs, config.pixelnormEpsilon) : inputs;
  let x = first(ops, normal, config, get, finish, slope);
  if (config.architecture === 'paper') x = conv(x, '4x4/Conv');
  let previous: T | null = null;
  for (let block = 3; block <= active; block++) {
    if (fraction > 0 && block === active) previous = toRgb(x, block - 1);
    x = upscale(x, block);
    const layers = config.architecture === 'paper' ? ['Conv0', 'Conv1'] : ['Conv'];
    for (const name of layers) x = conv(x, `${blockName(block)}/${name}`);
  }
  let images = toRgb(x, active);
  if (previous !== null) images = ops.blend(images, upscale(previous, active), fraction);
  // eslint-disable-next-line no-restricted-syntax -- nobody differentiates an exported graph
  if (config.tanhOutput) images = ops.tanh(images);
  const { latentSize, labelSize, numChannels: channels } = config;
  return { images, shape: { latentSize, labelSize, width, height, channels } };
}

/** The dense layer to the base, whose bias has an entry per map, or one per unit. */
function first<T>(
  ops: GraphOps<T>,
  x: T,
  config: NetworkConfig,
  get: (name: string) => RawTensor,
  finish: (x: T) => T,
  slope: number,
): T {
  const weight = get('4x4/Dense/weight');
  const bias = get('4x4/Dense/bias');
  const { baseWidth, baseHeight } = config;
  const maps = weight.shape[1]! / (baseWidth * baseHeight);
  const image = (flat: T) => ops.unflatten(flat, maps, baseHeight, baseWidth);
  if (!config.firstBiasPerUnit) return finish(ops.bias(image(ops.dense(x, weight, null)), bias));
  const active = image(ops.rectify(ops.dense(x, weight, bias), slope));
  return config.usePixelnorm ? ops.pixelNorm(active, config.pixelnormEpsilon) : active;
}

/** Unfused, as plain arrays. Variables that are absent stay so. */
function foldedWeights(weights: Weights, config: NetworkConfig): Record<string, RawTensor> {
  const unfused = convertGenerator(weights, 'unfused');
  try {
    const raw = Object.fromEntries(
      Object.entries(unfused).map(([name, tensor]) => [
        name,
        { shape: tensor.shape, data: tensor.dataSync() as Float32Array },
      ]),
    );
    return foldWeights(raw, generatorVariables({ ...config, fusedScale: false }));
  } finally {
    disposeWeights(unfused);
  }
}
