/** Descriptors of a set of images: 7x7 patches of every pyramid level, at random places (facts 8.2). */
import type { RandomState } from '@pggan/random';
import { MetricsError } from '../errors.js';
import {
  checked,
  samplesOf,
  shapeName,
  type ImageBatch,
  type ImageShape,
  type ImageSource,
} from '../images/batch.js';
import { wholeNumber } from '../options.js';
import { withPool, type WorkOptions } from '../work/pool.js';
import { patchArea, patchSide, type LevelBlock, type Places } from './describe-task.js';
import { levelSizes, type LevelSize } from './level-sizes.js';
import { mergeMoments, normaliser, type Moments } from './moments.js';

export interface LevelDescriptors extends LevelSize {
  readonly blocks: readonly Float32Array[]; // [patch, channel, x, y] each, not normalised, in shared memory
  readonly moments: readonly Moments[]; // per channel
}

/** 4 * 49 * channels * patches bytes per image and level: 75 KB of a colour image's level with 128 patches. */
export interface Descriptors {
  readonly shape: ImageShape;
  readonly images: number;
  readonly patches: number; // per image and level
  readonly levels: readonly LevelDescriptors[]; // full size first
}

export interface DescriptorOptions extends WorkOptions {
  readonly random: RandomState; // places are drawn from it, batch by batch
  readonly patches?: number | undefined; // per image and level; default 128
  readonly images?: number | undefined; // how many will come, for the progress only
}

/** Places on all levels for `count` images: on each, all x first and then all y, as the official metric draws them. */
function drawPlaces(random: RandomState, sizes: readonly LevelSize[], count: number): Places[] {
  const centres = (side: number) => {
    const out = new Int32Array(count);
    for (let i = 0; i < count; i++) out[i] = (patchSide >> 1) + random.randint(side - patchSide + 1);
    return out;
  };
  return sizes.map(({ width, height }) => {
    const xs = centres(width);
    return { xs, ys: centres(height) };
  });
}

const taskBytes = 2 ** 20;

/** `batch` in parts for one task each, of one size whatever the number of workers: moments are added up by part. */
function* parts(batch: ImageBatch, count: number, places: readonly Places[], patches: number) {
  const samples = samplesOf(batch);
  const images = Math.min(16, Math.max(1, Math.floor(taskBytes / samples)));
  for (let first = 0; first < count; first += images) {
    const last = Math.min(count, first + images);
    const cut = (all: Int32Array) => all.slice(first * patches, last * patches);
    yield {
      channels: batch.channels,
      width: batch.width,
      height: batch.height,
      data: batch.data.slice(first * samples, last * samples),
      places: places.map(({ xs, ys }) => ({ xs: cut(xs), ys: cut(ys) })),
    };
  }
}

/**
 * The descriptors of all images. Images are read a few batches ahead and not kept.
 * @throws MetricsError `images-invalid`, `too-few` when there are none, `option-invalid`, `interrupted`
 */
export async function describeImages(images: ImageSource, options: DescriptorOptions): Promise<Descriptors> {
  const { random, patches = 128, images: expected, onProgress } = options;
  wholeNumber('patches', patches, 1, 2 ** 16);
  return withPool(options, async (pool) => {
    let shape: ImageShape | undefined;
    let count = 0;
    let done = 0;
    const results: (readonly LevelBlock[])[] = [];
    for await (const { batch, count: inBatch } of checked(images)) {
      const sizes = levelSizes(batch);
      shape ??= { channels: batch.channels, width: batch.width, height: batch.height };
      count += inBatch;
      for (const task of parts(batch, inBatch, drawPlaces(random, sizes, inBatch * patches), patches)) {
        const place = results.push([]) - 1;
        await pool.give('describe', task, (blocks) => {
          results[place] = blocks;
          done += task.data.length / samplesOf(task);
          onProgress?.({ done, total: expected ?? null });
        });
      }
    }
    await pool.finish();
    if (!shape) throw new MetricsError('too-few', 'descriptors: expected at least one image, got none');
    const levels = levelSizes(shape).map((size, level) => ({
      ...size,
      blocks: results.map((blocks) => blocks[level]!.values),
      moments: Array.from({ length: shape.channels }, (_, channel) =>
        results.map((blocks) => blocks[level]!.moments[channel]!).reduce(mergeMoments),
      ),
    }));
    return { shape, images: count, patches, levels };
  });
}

export function componentsOf({ channels }: ImageShape): number {
  return channels * patchArea;
}

/** Normalised descriptors of a level, [patch, channel, x, y]: less the channel's mean, over its deviation. */
export function normalisedDescriptors({ blocks, moments }: LevelDescriptors): Float32Array {
  const components = moments.length * patchArea;
  const normalisers = moments.map(normaliser);
  const all = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all.map((value, i) => {
    const { mean, factor } = normalisers[Math.floor((i % components) / patchArea)]!;
    return (value - mean) * factor;
  });
}

/** Refuses two sets that do not compare. */
export function mustCompare(reals: Descriptors, fakes: Descriptors): void {
  const differs = (what: string, a: string | number, b: string | number) =>
    new MetricsError(
      'images-differ',
      `sliced Wasserstein distance: both sets must have the same ${what}, got ${a} and ${b}`,
    );
  if (shapeName(reals.shape) !== shapeName(fakes.shape))
    throw differs('channels x width x height', shapeName(reals.shape), shapeName(fakes.shape));
  if (reals.images !== fakes.images) throw differs('number of images', reals.images, fakes.images);
  if (reals.patches !== fakes.patches)
    throw differs('number of patches per image', reals.patches, fakes.patches);
}
