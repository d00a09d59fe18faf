/** Using trained networks: latents to pictures, pictures to scores. */
import { downscale2d, tf, upscale2d } from '@pggan/engine';
import { RandomState } from '@pggan/random';
import type { NetworkConfig } from './config.js';
import { valuesToBytes, type ImageBatch } from './image-grid.js';
import { splitLod, type LodPoint } from './lod.js';
import { discriminator, generator } from './networks.js';
import type { Weights } from './variables.js';

/** Pixels of one chunk of {@link generateImages}; keeps the peak memory of large networks modest. */
const chunkPixels = 2 ** 19;

/**
 * G at any level of detail, at full size as the official network yields it.
 * @param latents [N, latentSize]
 * @param lod 0 = everything trained to the final resolution; R-2 = 4x4; fractions fade
 * @returns [N, resolution, resolution, channels], about [-1, 1]; the caller disposes of it
 */
export function generate(
  weights: Weights,
  config: NetworkConfig,
  latents: tf.Tensor2D,
  lod = 0,
): tf.Tensor4D {
  return tf.tidy(() => {
    const point = lodPoint(lod);
    const images = generator(weights, config, latents, point);
    return point.level > 0 ? upscale2d(images, 2 ** point.level) : images;
  });
}

/**
 * D on full-size images.
 * @param images [N, resolution, resolution, channels]
 * @returns scores [N, 1]; the caller disposes of them
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

/**
 * Many pictures as bytes, in chunks that fit memory.
 * @param latents rows of `config.latentSize` numbers, one after another
 * @param size `full` repeats pixels up to the final resolution as the official pictures do;
 *   `active` keeps the resolution that is being trained
 */
export function generateImages(
  weights: Weights,
  config: NetworkConfig,
  latents: Float32Array,
  lod = 0,
  size: 'full' | 'active' = 'full',
): ImageBatch {
  const { latentSize, numChannels: channels } = config;
  const { level } = splitLod(lod);
  const count = latents.length / latentSize;
  const activeSide = config.resolution / 2 ** level;
  const side = size === 'full' ? config.resolution : activeSide;
  const chunk = Math.min(Math.max(Math.floor(chunkPixels / side ** 2), 1), 64);
  const data = new Uint8Array(count * side * side * channels);
  for (let start = 0; start < count; start += chunk) {
    const n = Math.min(chunk, count - start);
    const rows = latents.subarray(start * latentSize, (start + n) * latentSize);
    const images = tf.tidy(() => {
      const z = tf.tensor2d(rows, [n, latentSize]);
      if (size === 'full') return generate(weights, config, z, lod);
      return generator(weights, config, z, lodPoint(lod));
    });
    data.set(toUint8(images), start * side * side * channels);
    images.dispose();
  }
  return { data, count, side, channels };
}

/** Network values in about [-1, 1] to bytes of the same layout; reads the tensor back. */
export function toUint8(images: tf.Tensor): Uint8Array {
  return valuesToBytes(images.dataSync());
}

function lodPoint(lod: number): LodPoint {
  const { level, fraction } = splitLod(lod);
  return { level, fade: fraction > 0 ? tf.scalar(fraction) : null };
}
