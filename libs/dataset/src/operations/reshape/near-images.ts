/**
 * Near duplicates among the images of a level: candidates by perceptual hash, confirmed by comparing their
 * pixels, because different faces in one pose can have nearly the same hash.
 *
 * Measured with the default limits on the 701 photographs of the test data, cropped to squares, at 32×32. Found
 * again: all after JPEG at quality 20, reduced to half, blurred, brighter with more contrast; 99.9 % made gray or
 * cropped by 1.5 %; 95 % cropped by 3 %, 76 % by 5 %, 5 % by 10 %; 51 % turned by 2 degrees. Of 245,350 pairs of
 * different pictures 20 have hashes this near; the pixels leave 4, which are the same photographs twice.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DatasetError } from '../../errors.js';
import { LevelReader, type Level } from '../../records/level.js';
import { HashIndex } from '../../similarity/hash-index.js';
import { likeness, lumaOf, type PictureShape } from '../../similarity/luma.js';
import { LumaCache } from '../../similarity/luma-cache.js';
import {
  checkDistance,
  defaultDistance,
  defaultLikeness,
  limitsAt,
  type LikeLimits,
} from '../../similarity/near-duplicates.js';
import { PictureHasher } from '../../similarity/perceptual-hash.js';
import { imagesOf, type OperationContext } from '../image-stream.js';

/** What a user may say of that; the defaults of what is not said are those of `nearLimits`. */
export const similarSchema = z.object({
  distance: z.number().optional(), // most bits between perceptual hashes; default 8
  likeness: z.number().optional(), // least correlation of pixels; default 0.9
  mirrors: z.boolean().optional(), // mirror images are near as well
});

export interface NearLimits extends LikeLimits {
  readonly mirrors: boolean; // a picture and its mirror image are near as well
}

export interface NearImages {
  readonly first: number; // the one that came earlier
  readonly second: number;
  readonly distance: number;
  readonly likeness: number;
  readonly mirrored: boolean; // the first is like the second's mirror image
}

/** The level at which images are compared: 32 pixels a side show what is the same picture. */
const comparedLevel = 5;

export function largestLevel(levels: ReadonlyMap<number, Level>): Level {
  return levels.get(Math.max(...levels.keys()))!;
}

export function levelToCompare(levels: ReadonlyMap<number, Level>): Level {
  return levels.get(comparedLevel) ?? largestLevel(levels);
}

/** @throws DatasetError `option-invalid` */
export function nearLimits(level: Level, given: Partial<NearLimits>): NearLimits {
  const { distance = defaultDistance, likeness: least = defaultLikeness, mirrors = true } = given;
  checkDistance(distance);
  if (!(least >= -1 && least <= 1))
    throw new DatasetError('option-invalid', `likeness: expected -1 to 1, got ${least}`);
  const [, height, width] = level.shape;
  return { ...limitsAt({ width, height }, { distance, likeness: least }), mirrors };
}

function digestOf(pixels: Uint8Array): string {
  return createHash('sha256').update(pixels).digest('base64');
}

export interface NearSearch extends OperationContext {
  readonly level: Level;
  readonly records: Int32Array; // images to look at, in this order
  readonly limits: NearLimits;
  /** Whether a candidate pair is worth comparing; asked again after each find. Default: always. */
  readonly wanted?: (first: number, second: number) => boolean;
  /** Called for a confirmed pair; of several for one `second` the nearest first. */
  readonly found: (pair: NearImages) => void;
}

/** Of lumas. */
const cachedBytes = 32 * 2 ** 20;

interface Candidate {
  readonly first: number;
  readonly distance: number;
  readonly mirrored: boolean;
}

const byDistance = (a: Candidate, b: Candidate) => a.distance - b.distance || a.first - b.first;

/**
 * Compares every image with those before it. Of images with equal pixels only the first is compared with others; the
 * rest are reported as its duplicates without asking `wanted`. Keeps some hundred bytes per image in memory, and
 * the level itself when it is small.
 * @throws DatasetError `interrupted`, `record-corrupt`, `record-invalid`
 */
export async function nearImages(search: NearSearch): Promise<void> {
  const { level, records, limits, wanted = () => true, found, signal, onProgress } = search;
  const [channels, height, width] = level.shape;
  const shape = { channels, height, width } as PictureShape;
  const hasher = new PictureHasher(shape);
  const index = new HashIndex(records.length, limits.distance);
  const indexed: number[] = []; // image of each hash of the index
  const firstOf = new Map<string, number>(); // by a digest of the pixels
  const reader = new LevelReader(level);
  const lumas = new LumaCache(Math.ceil(cachedBytes / (2 * width * height)));
  const lumaAt = async (record: number) =>
    lumas.put(record, lumaOf(await reader.read(Int32Array.of(record)), shape));
  try {
    let done = 0;
    for await (const { record: second, pixels } of imagesOf(reader, records, signal)) {
      onProgress?.(++done, records.length);
      const digest = digestOf(pixels);
      const equal = firstOf.get(digest);
      if (equal !== undefined) {
        found({ first: equal, second, distance: 0, likeness: 1, mirrored: false });
        continue;
      }
      firstOf.set(digest, second);

      const luma = lumaOf(pixels, shape);
      const hashes = hasher.hash(luma);
      const candidates: Candidate[] = [];
      const gather = (mirrored: boolean) => (number: number, distance: number) =>
        void candidates.push({ first: indexed[number]!, distance, mirrored });
      index.search(hashes.plain, gather(false));
      if (limits.mirrors) index.search(hashes.mirrored, gather(true));
      for (const { first, distance, mirrored } of candidates.sort(byDistance)) {
        if (!wanted(first, second)) continue;
        const alike = likeness(luma, lumas.get(first) ?? (await lumaAt(first)), mirrored);
        if (alike >= limits.likeness)
          found({ first, second, distance, likeness: Number(alike.toFixed(4)), mirrored });
      }
      index.add(hashes.plain);
      indexed.push(second);
    }
  } finally {
    await reader.close();
  }
}

/**
 * For each of `records` the earliest one with the same pixels, or −1; by place in `records`.
 * @throws DatasetError `interrupted`, `record-corrupt`, `record-invalid`
 */
export async function equalImages(
  level: Level,
  records: Int32Array,
  { signal, onProgress }: OperationContext,
): Promise<Int32Array> {
  const firstOf = new Map<string, number>();
  const equal = new Int32Array(records.length).fill(-1);
  const reader = new LevelReader(level, 0);
  try {
    let place = 0;
    for await (const { record, pixels } of imagesOf(reader, records, signal)) {
      const digest = digestOf(pixels);
      const first = firstOf.get(digest);
      if (first === undefined) firstOf.set(digest, record);
      else equal[place] = first;
      onProgress?.(++place, records.length);
    }
  } finally {
    await reader.close();
  }
  return equal;
}
