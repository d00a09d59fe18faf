/** Sets of images to measure: a folder, a dataset, what a generator makes. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { RandomState } from '@pggan/random';
import sharp from 'sharp';
import { MetricsError } from '../errors.js';
import { samplesOf, type ImageBatch, type ImageShape } from '../images/batch.js';
import { contentHash } from '../cache/content-hash.js';
import { imageFolder } from '../images/folder.js';
import type { Meter } from './measure.js';
import { leastImages, metricName } from './metric-name.js';
import { evaluationStream } from './streams.js';

export interface ImageSet {
  readonly kind: 'dataset' | 'folder' | 'generator';
  readonly name: string;
  readonly shape: ImageShape;
  /** How many different images it has; null: as many as anybody asks for. */
  readonly count: number | null;
  /** Which part of a larger set it is, such as `test`; absent: a whole, or unknown. */
  readonly split?: string | undefined;
  /** The same for the same images in the same order, and for no others: a hash of pixels, files or weights. */
  identity(): Promise<string>;
  /**
   * `count` images from number `first` on, in batches of `minibatch`; the last one may be smaller. Where a set that may
   * be read over again ends, it begins anew.
   */
  images(first: number, count: number, minibatch: number, seed: number): AsyncIterable<ImageBatch>;
}

/**
 * The pictures of a folder by name, gray when all of them are; see `imageFolder`.
 * @throws MetricsError `folder-invalid`
 */
export async function folderSet(folder: string): Promise<ImageSet> {
  const { files } = await imageFolder(folder);
  const channels = (await areGray(files)) ? 1 : 3;
  const { shape, count } = await imageFolder(folder, { channels });
  return {
    kind: 'folder',
    name: folder,
    shape,
    count,
    identity: once(() => hashFiles(files)),
    async *images(first, wanted, minibatch) {
      yield* await imageFolder(folder, { channels, minibatch, first, most: wanted });
    },
  };
}

/** What of a dataset is read here; the dataset library's TFRecordDataset fits. */
export interface RecordedImages {
  readonly channels: 1 | 3;
  readonly size: { readonly width: number; readonly height: number };
  readonly count: number;
  readonly levels: ReadonlyMap<number, unknown>;
  readonly split?: string | null;
  /** NCHW, uint8. */
  images(level: number, records: readonly number[]): Promise<Uint8Array>;
}

/**
 * The largest images of a dataset in stored order, over and over (facts 8.1).
 * @param sha256 of its images, where somebody knows it; otherwise they are all read for it
 */
export function datasetSet(name: string, dataset: RecordedImages, sha256?: string): ImageSet {
  const { channels, size, count } = dataset;
  const split = dataset.split ?? undefined;
  const shape = { channels, ...size };
  const level = Math.max(...dataset.levels.keys());
  async function* images(first: number, wanted: number, minibatch: number): AsyncGenerator<ImageBatch> {
    for (let at = 0; at < wanted; at += minibatch) {
      const records = Array.from(
        { length: Math.min(minibatch, wanted - at) },
        (_, i) => (first + at + i) % count,
      );
      yield { ...shape, data: await dataset.images(level, records) };
    }
  }
  const identity = once(async () => sha256 ?? (await contentHash(images(0, count, 64))));
  return { kind: 'dataset', name, shape, count, split, identity, images };
}

/** Each image mirrored with a chance of one half, as runs with mirrored reals have seen them (facts 8.1). */
export function mirroredSet(set: ImageSet): ImageSet {
  return {
    ...set,
    identity: async () => `${await set.identity()} mirrored`,
    async *images(first, wanted, minibatch, seed) {
      const random = evaluationStream(seed, 'mirror');
      random.uniforms(first);
      for await (const batch of set.images(first, wanted, minibatch, seed)) yield mirrored(batch, random);
    },
  };
}

function mirrored(batch: ImageBatch, random: RandomState): ImageBatch {
  const data = batch.data.slice();
  const samples = samplesOf(batch);
  for (let at = 0; at < data.length; at += samples) {
    if (random.uniform() >= 0.5) continue;
    for (let row = at; row < at + samples; row += batch.width)
      data.subarray(row, row + batch.width).reverse();
  }
  return { ...batch, data };
}

/**
 * @param before images that others take before the meter's
 * @throws MetricsError `too-few` when a set that is read once has not enough
 */
export function mustHave(set: ImageSet, before: number, { images, metrics }: Meter): void {
  const needed = before + images;
  if (set.kind !== 'folder' || set.count === null || set.count >= needed) return;
  const [metric] = metrics;
  // In the same number of parts as were asked for.
  const most = Math.floor((metric!.images * set.count) / needed);
  const fitting = metric!.kind === 'msssim' ? most - (most % 2) : most;
  const parts = needed > metric!.images ? ` (${needed / metric!.images} times as many)` : '';
  const advice = fitting >= leastImages[metric!.kind] ? `; ask for at most ${metric!.kind}${fitting}` : '';
  throw new MetricsError(
    'too-few',
    `${set.name}: ${metricName(metric!)} needs ${needed} images${parts}, the folder has ${set.count}${advice}`,
  );
}

/** Gray images with three equal channels, as the official evaluation takes them; colour images as they are. */
export function colourSet(set: ImageSet): ImageSet {
  if (set.shape.channels === 3) return set;
  const shape: ImageShape = { ...set.shape, channels: 3 };
  return {
    ...set,
    shape,
    identity: async () => `${await set.identity()} in colour`,
    async *images(...which) {
      for await (const { data, width, height } of set.images(...which)) {
        const area = width * height;
        const planes = new Uint8Array(3 * data.length);
        for (let at = 0; at < data.length; at += area)
          for (let c = 0; c < 3; c++) planes.set(data.subarray(at, at + area), 3 * at + c * area);
        yield { ...shape, data: planes };
      }
    },
  };
}

/** By what their headers say; what cannot be read is told when it is its turn. */
async function areGray(files: readonly string[]): Promise<boolean> {
  for (const file of files) {
    const { space } = await sharp(file)
      .metadata()
      .catch(() => ({ space: 'unknown' }));
    if (space !== 'b-w' && space !== 'grey16') return false;
  }
  return true;
}

/** SHA-256 of the bytes of files, one after the other. */
async function hashFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = await readFile(file);
    hash.update(`${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
