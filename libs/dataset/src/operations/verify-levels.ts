/** Every record of every level: sound, of its shape, and the average of the largest image. */
import { levelSizes } from '../records/image-size.js';
import { imageLevels } from '../records/levels.js';
import type { Findings } from './findings.js';
import { shapeOf, type Layout } from './layout.js';
import { LevelWalk, type WalkOptions } from './level-walk.js';

/** Where two images differ, for people. */
function difference(walk: LevelWalk, at: number, expected: Uint8Array): string {
  let [first, count] = [-1, 0];
  expected.forEach((value, i) => {
    if (walk.bytes[at + i] === value) return;
    if (first < 0) first = i;
    count++;
  });
  const [, height, width] = walk.shape;
  const [channel, row] = [Math.floor(first / (height * width)), Math.floor(first / width) % height];
  return (
    `is not the average of the largest image: ${count} of ${expected.length} bytes differ, ` +
    `first channel ${channel}, row ${row}, column ${first % width}: expected ${expected[first]}, got ${walk.bytes[at + first]}`
  );
}

/**
 * Which of the levels of the largest image each walk must equal, -1 for none. Shards may turn out to hold other shapes
 * than they should, which has been reported; nothing can be compared then.
 */
function comparisons({ size, channels }: Layout, walks: readonly LevelWalk[]): number[] {
  if (`${walks[0]!.shape}` !== `${shapeOf(channels, size)}`) return walks.map(() => -1);
  const shapes = (levelSizes(size) ?? []).map((each) => `${shapeOf(channels, each)}`);
  return walks.map(({ shape }) => shapes.indexOf(`${shape}`, 1));
}

/** Averages are made for about so many bytes of largest images at a time: calls cost as much as small images do. */
const batchBytes = 1 << 18;

/** The largest images of a run of records, side by side as planes of one image. */
class Batch {
  readonly #pixels: Buffer;
  readonly #bytes: number; // of an image
  readonly #places: Int32Array; // of image i of the run in the batch, -1: not sound
  #filled = 0;

  constructor(
    readonly images: number,
    private readonly layout: Layout,
  ) {
    this.#bytes = layout.channels * layout.size.width * layout.size.height;
    this.#pixels = Buffer.allocUnsafeSlow(images * this.#bytes);
    this.#places = new Int32Array(images);
  }

  clear(): void {
    this.#filled = 0;
  }

  /** `at`: where image `i` of the run begins in `bytes`; negative: it is not sound. */
  put(i: number, bytes: Buffer, at: number): void {
    this.#places[i] = at < 0 ? -1 : this.#filled;
    if (at < 0) return;
    bytes.copy(this.#pixels, this.#filled * this.#bytes, at, at + this.#bytes);
    this.#filled++;
  }

  place(i: number): number {
    return this.#places[i]!;
  }

  /** Of all images of the batch, one after the other in each level. */
  levels(): Uint8Array[] {
    const { channels, size } = this.layout;
    const pixels = this.#pixels.subarray(0, this.#filled * this.#bytes);
    return this.#filled > 0 ? imageLevels(pixels, channels * this.#filled, size) : [];
  }
}

/** One pass over all levels side by side, a chunk of each in memory. @throws DatasetError `interrupted` */
export async function verifyLevels(layout: Layout, findings: Findings, options: WalkOptions): Promise<void> {
  const walks = layout.levels.map((level) => new LevelWalk(level, findings, options));
  const images = Math.max(0, ...layout.levels.map((level) => level.images));
  const imageBytes = layout.channels * layout.size.width * layout.size.height;
  const batch = new Batch(Math.max(1, Math.floor(batchBytes / Math.max(1, imageBytes))), layout);
  try {
    for (let image = 0; image < images;) {
      for (const walk of walks) await walk.ready(image);
      const until = Math.min(images, ...walks.map((walk) => walk.until));
      // Files that are not there may stand for any number of images: their gap is jumped over.
      if (walks.some((walk) => walk.readable))
        for (let first = image; first < until; first += batch.images)
          lookAt(layout, walks, batch, first, Math.min(until, first + batch.images));
      image = until;
    }
    // What follows the last image: the end of each file.
    for (const walk of walks) await walk.ready(images);
  } finally {
    for (const walk of walks) await walk.close();
  }
}

/** The images from `first` to before `end`, at most a batch, in all levels. */
function lookAt(layout: Layout, walks: readonly LevelWalk[], batch: Batch, first: number, end: number): void {
  const places = comparisons(layout, walks);
  const comparable = places.some((place) => place > 0);
  const [top, ...lower] = walks;
  batch.clear();
  for (let image = first; image < end; image++) {
    const at = top!.look(image);
    batch.put(image - first, top!.bytes, comparable ? at : -1);
  }
  const levels = batch.levels();
  lower.forEach((walk, i) => {
    const averages = levels[places[i + 1]!];
    const bytes = walk.shape[0] * walk.shape[1] * walk.shape[2];
    for (let image = first; image < end; image++) {
      const found = walk.look(image);
      const place = batch.place(image - first);
      if (found < 0 || place < 0 || !averages) continue;
      const [start, stop] = [place * bytes, (place + 1) * bytes];
      if (walk.bytes.compare(averages, start, stop, found, found + bytes) !== 0)
        walk.report('level-differs', difference(walk, found, averages.subarray(start, stop)));
    }
  });
}
