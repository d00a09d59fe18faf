/** The images of a dataset that are nearest to given pictures: has a generator learnt, or learnt by heart? */
import { DatasetError } from '../errors.js';
import { everyRecord, imagesOf, type OperationContext } from '../operations/image-stream.js';
import type { TFRecordDataset } from '../records/dataset.js';
import { formatSize } from '../records/image-size.js';
import { LevelReader } from '../records/level.js';
import type { PictureShape } from './luma.js';

export interface NearestRequest {
  /** uint8 CHW pictures, one after the other, of the size of a level. */
  readonly pictures: Uint8Array;
  readonly shape: PictureShape;
  /** How many images are wanted for each; fewer come from a dataset that has fewer. */
  readonly count: number;
  /** What is compared: numbers of a picture, as many for all. Absent: its pixels. */
  readonly features?: ((pixels: Uint8Array, shape: PictureShape) => Promise<ArrayLike<number>>) | undefined;
}

export interface NearImage {
  readonly record: number;
  /** Root mean square difference of pixels, 0 to 255; of features the Euclidean distance. */
  readonly distance: number;
}

/**
 * For each picture its nearest images, nearest first; of equal ones the first in the dataset. One pass over the level,
 * of which a few megabytes are in memory at a time.
 * @throws DatasetError `option-invalid` when the dataset has no level of that size and those channels, `interrupted`,
 *   `record-corrupt`, `record-invalid`; what `features` throws
 */
export async function findNearestImages(
  dataset: TFRecordDataset,
  { pictures, shape, count, features }: NearestRequest,
  { signal, onProgress }: OperationContext = {},
): Promise<NearImage[][]> {
  const { channels, width, height } = shape;
  const bytes = channels * width * height;
  const level = [...dataset.levels.values()].find(
    ({ shape: [c, h, w] }) => c === channels && h === height && w === width,
  );
  if (level === undefined)
    throw new DatasetError(
      'option-invalid',
      `${dataset.directory}: expected images of ${formatSize(shape)} with ${channels} channel(s), its largest are ` +
        `${formatSize(dataset.size)} with ${dataset.channels}`,
    );
  const wanted = Array.from({ length: pictures.length / bytes }, (_, i) =>
    pictures.subarray(i * bytes, (i + 1) * bytes),
  );
  const seen = features && (await inOrder(wanted, (pixels) => features(pixels, shape)));
  const nearest = wanted.map(() => new Nearest(count));
  const reader = new LevelReader(level, 0);
  try {
    let done = 0;
    for await (const { record, pixels } of imagesOf(reader, everyRecord(dataset.count), signal)) {
      const vector = features && (await features(pixels, shape));
      nearest.forEach((list, i) => {
        const [a, b] = seen && vector ? [seen[i]!, vector] : [wanted[i]!, pixels];
        list.offer(record, squaredDistance(a, b, list.farthest));
      });
      onProgress?.(++done, dataset.count);
    }
  } finally {
    await reader.close();
  }
  const divisor = features ? 1 : bytes;
  return nearest.map((list) =>
    list.entries.map(({ record, distance }) => ({ record, distance: Math.sqrt(distance / divisor) })),
  );
}

async function inOrder<A, B>(items: readonly A[], make: (item: A) => Promise<B>): Promise<B[]> {
  const made: B[] = [];
  for (const item of items) made.push(await make(item));
  return made;
}

/** Numbers between two looks at whether the sum is too large already. */
const stride = 256;

/** Sum of squared differences; Infinity once it cannot be below `limit`. */
function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>, limit: number): number {
  let sum = 0;
  for (let start = 0; start < a.length; start += stride) {
    if (sum >= limit) return Infinity;
    const end = Math.min(start + stride, a.length);
    for (let i = start; i < end; i++) sum += (a[i]! - b[i]!) ** 2;
  }
  return sum;
}

/** The few nearest so far, nearest first. */
class Nearest {
  readonly entries: NearImage[] = [];

  constructor(readonly count: number) {}

  /** What a further image has to be nearer than. */
  get farthest(): number {
    return this.entries.length < this.count ? Infinity : (this.entries.at(-1)?.distance ?? 0);
  }

  offer(record: number, distance: number): void {
    if (distance >= this.farthest) return;
    const place = this.entries.findIndex((entry) => entry.distance > distance);
    this.entries.splice(place < 0 ? this.entries.length : place, 0, { record, distance });
    if (this.entries.length > this.count) this.entries.pop();
  }
}
