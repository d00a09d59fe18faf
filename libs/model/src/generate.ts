/** Using trained networks: latents to pictures, pictures to scores. */
import { downscale2d, tf, upscale2d } from '@pggan/engine';
import { RandomState } from '@pggan/random';
import type { NetworkConfig } from './config.js';
import { ModelError } from './errors.js';
import { valuesToBytes, type ImageBatch } from './image-grid.js';
import { imageShape } from './image-shape.js';
import type { BatchNormMode } from './layers/batch-norm.js';
import { splitLod, type LodPoint } from './lod.js';
import { discriminator, generator } from './networks.js';
import type { Weights } from './variables.js';

/** Pixels of one chunk of {@link generateImages}; keeps the peak memory of large networks modest. */
const chunkPixels = 2 ** 19;

/** However small they are. */
export const mostPicturesAtOnce = 64;

/**
 * G at any level of detail, at full size as the official network yields it.
 * @param latents [N, latentSize]
 * @param lod 0 = everything trained to the final resolution; R-2 = 4x4; fractions fade
 * @param labels [N, labelSize]; null when the network knows none
 * @param statistics of batch normalisation, if there is any: `running` averages make every picture
 *   on its own, `batch` together with the others
 * @returns [N, height, width, channels], about [-1, 1]; the caller disposes of it
 */
export function generate(
  weights: Weights,
  config: NetworkConfig,
  latents: tf.Tensor2D,
  lod = 0,
  labels: tf.Tensor2D | null = null,
  statistics: BatchNormMode['statistics'] = 'running',
): tf.Tensor4D {
  return tf.tidy(() => {
    const point = lodPoint(lod);
    const images = generator(weights, config, latents, point, labels, { statistics });
    return point.level > 0 ? upscale2d(images, 2 ** point.level) : images;
  });
}

/**
 * D on full-size images.
 * @param images [N, height, width, channels]
 * @returns scores and label logits [N, 1 + labelSize]; the caller disposes of them
 */
export function discriminate(
  weights: Weights,
  config: NetworkConfig,
  images: tf.Tensor4D,
  lod = 0,
): tf.Tensor2D {
  return tf.tidy(() => {
    const point = lodPoint(lod);
    const active = point.level > 0 ? downscale2d(images, 2 ** point.level) : images;
    return discriminator(weights, config, active, point);
  });
}

/**
 * Latents that a seed stands for: the first `count` rows of RandomState(seed).randn, row by row.
 * @returns [count * latentSize]
 */
export function seededLatents(seed: number, count: number, latentSize: number): Float32Array {
  return new RandomState(seed).normals(count * latentSize);
}

/** What else pictures depend on; see {@link generateImages}. */
export interface GenerateOptions {
  /**
   * `full` (default) repeats pixels up to the final size as the official pictures do; `active` keeps
   * the size that is being trained.
   */
  readonly size?: 'full' | 'active';
  /** Rows of `config.labelSize` numbers, as many as latents; conditional networks need them. */
  readonly labels?: Float32Array;
  /** As in {@link generate}; default `running`. */
  readonly statistics?: BatchNormMode['statistics'];
}

/**
 * Many pictures as bytes, in chunks that fit memory.
 * @param latents rows of `config.latentSize` numbers, one after another
 * @throws ModelError `options-invalid` when labels are missing, in excess or of another length
 */
export function generateImages(
  weights: Weights,
  config: NetworkConfig,
  latents: Float32Array,
  lod = 0,
  { size = 'full', labels, statistics = 'running' }: GenerateOptions = {},
): ImageBatch {
  const { latentSize, labelSize, numChannels: channels } = config;
  const count = latents.length / latentSize;
  checkLabels(labels, count, labelSize);
  const { level } = splitLod(lod);
  const { width, height } = imageShape(config, size === 'full' ? 0 : level);
  const pixels = width * height * channels;
  const chunk = Math.min(Math.max(Math.floor(chunkPixels / (width * height)), 1), mostPicturesAtOnce);
  const data = new Uint8Array(count * pixels);
  for (let start = 0; start < count; start += chunk) {
    const n = Math.min(chunk, count - start);
    const rows = (values: Float32Array, columns: number) =>
      tf.tensor2d(values.subarray(start * columns, (start + n) * columns), [n, columns]);
    const images = tf.tidy(() => {
      const z = rows(latents, latentSize);
      const c = labels === undefined || labelSize === 0 ? null : rows(labels, labelSize);
      if (size === 'full') return generate(weights, config, z, lod, c, statistics);
      return generator(weights, config, z, lodPoint(lod), c, { statistics });
    });
    data.set(toUint8(images), start * pixels);
    images.dispose();
  }
  return { data, count, width, height, channels };
}

function checkLabels(labels: Float32Array | undefined, count: number, labelSize: number): void {
  const found = labels?.length ?? 0;
  if (found === count * labelSize) return;
  throw new ModelError(
    'options-invalid',
    `labels: expected ${labelSize} numbers for each of ${count} pictures, got ${found} numbers`,
  );
}

/** Network values in about [-1, 1] to bytes of the same layout; reads the tensor back. */
export function toUint8(images: tf.Tensor): Uint8Array {
  return valuesToBytes(images.dataSync());
}

function lodPoint(lod: number): LodPoint {
  const { level, fraction } = splitLod(lod);
  return { level, fade: fraction > 0 ? tf.scalar(fraction) : null };
}
