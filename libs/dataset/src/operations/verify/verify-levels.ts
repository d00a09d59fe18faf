/** Every record of every level: sound, of its shape, and the average of the largest image. */
import { halvingsInPlace } from '../../kernels/levels.js';
import { levelSizes, type ImageSize } from '../../records/image-size.js';
import type { Findings } from './findings.js';
import { shapeOf, type Layout } from './layout.js';
import { LevelWalk, type WalkOptions } from './level-walk.js';

/** Where planes of an image differ from what they should be, for people. `channel`: of the first plane. */
function difference(walk: LevelWalk, at: number, expected: Uint8Array, channel: number): string {
  let [first, count] = [-1, 0];
  expected.forEach((value, i) => {
    if (walk.bytes[at + i] === value) return;
    if (first < 0) first = i;
    count++;
  });
  const [, height, width] = walk.shape;
  const row = Math.floor(first / width) % height;
  return (
    `is not the average of the largest image: ${count} of ${expected.length} bytes differ, first channel ` +
    `${channel + Math.floor(first / (height * width))}, row ${row}, column ${first % width}: ` +
    `expected ${expected[first]}, got ${walk.bytes[at + first]}`
  );
}

/** Averages are made of about so many bytes at a time: less, and calls cost more than the work; more, and the cache is left. */
const batchBytes = 1 << 18;

/** The same records in all levels, a few at a time. */
class Comparison {
  /** Records that are looked at together. */
  readonly images: number;
  readonly #imageBytes: number;
  readonly #averaged: readonly ImageSize[]; // of the levels below the largest
  readonly #found: readonly Int32Array[]; // by walk: where the pixels of each record begin, -1: not sound
  #places: readonly number[] = []; // by walk, in `#averaged`

  constructor(
    private readonly layout: Layout,
    private readonly walks: readonly LevelWalk[],
  ) {
    const { size, channels } = layout;
    this.#imageBytes = channels * size.width * size.height;
    this.images = Math.max(1, Math.floor(batchBytes / Math.max(1, this.#imageBytes)));
    this.#averaged = levelSizes(size)?.slice(1) ?? [];
    this.#found = walks.map(() => new Int32Array(this.images));
  }

  /** Shapes of the walks may have changed. */
  chooseLevels(): void {
    this.#places = comparisons(this.layout, this.#averaged, this.walks);
  }

  /** Images from `first` to before `end`, at most `images`, which every walk is ready for. */
  look(first: number, end: number): void {
    for (const [w, walk] of this.walks.entries()) {
      const found = this.#found[w]!;
      for (let image = first; image < end; image++) found[image - first] = walk.look(image);
    }
    if (!this.#places.some((place) => place >= 0)) return;
    if (this.images > 1) this.#compareTogether(first, end - first);
    else if (this.#found[0]![0]! >= 0) this.#comparePlanes(first);
  }

  /** Small images lie side by side as planes of one. */
  #compareTogether(first: number, count: number): void {
    const [top, ...lower] = this.walks;
    const [tops, ...founds] = this.#found;
    const sound: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const at = tops![i]!;
      if (at >= 0) sound.push(top!.bytes.subarray(at, at + this.#imageBytes));
    }
    if (sound.length === 0) return;
    const levels = halvingsInPlace(sound, this.layout.channels * sound.length, this.#averaged);
    for (const [w, walk] of lower.entries()) {
      const averages = levels[this.#places[w + 1]!];
      if (!averages) continue;
      const bytes = averages.length / sound.length;
      for (let i = 0, start = 0; i < count; i++) {
        if (tops![i]! < 0) continue;
        const found = founds[w]![i]!;
        if (found >= 0) this.#compare(walk, first + i, found, averages, start, start + bytes, 0);
        start += bytes;
      }
    }
  }

  /** Of a large image one plane at a time. */
  #comparePlanes(image: number): void {
    const { channels } = this.layout;
    const [top, ...lower] = this.walks;
    const [tops, ...founds] = this.#found;
    const plane = this.#imageBytes / channels;
    const differs = new Set<LevelWalk>();
    for (let channel = 0; channel < channels; channel++) {
      const at = tops![0]! + channel * plane;
      const levels = halvingsInPlace([top!.bytes.subarray(at, at + plane)], 1, this.#averaged);
      for (const [w, walk] of lower.entries()) {
        const averages = levels[this.#places[w + 1]!];
        const found = founds[w]![0]!;
        if (!averages || found < 0 || differs.has(walk)) continue;
        const start = found + channel * averages.length;
        if (!this.#compare(walk, image, start, averages, 0, averages.length, channel)) differs.add(walk);
      }
    }
  }

  /** Whether `averages[start…end)` is what lies at `found` in the record of `image`; if not, that is reported. */
  #compare(
    walk: LevelWalk,
    image: number,
    found: number,
    averages: Uint8Array,
    start: number,
    end: number,
    channel: number,
  ): boolean {
    if (walk.bytes.compare(averages, start, end, found, found + end - start) === 0) return true;
    walk.report('level-differs', difference(walk, found, averages.subarray(start, end), channel), image);
    return false;
  }
}

/**
 * Which of the levels below the largest image each walk must equal, -1 for none. Shards may turn out to hold other shapes
 * than they should, which has been reported; nothing can be compared then.
 */
function comparisons(
  { size, channels }: Layout,
  averaged: readonly ImageSize[],
  walks: readonly LevelWalk[],
): number[] {
  if (`${walks[0]!.shape}` !== `${shapeOf(channels, size)}`) return walks.map(() => -1);
  const shapes = averaged.map((each) => `${shapeOf(channels, each)}`);
  return walks.map(({ shape }) => shapes.indexOf(`${shape}`));
}

/** One pass over all levels side by side, a chunk of each in memory. @throws DatasetError `interrupted` */
export async function verifyLevels(layout: Layout, findings: Findings, options: WalkOptions): Promise<void> {
  const walks = layout.levels.map((level) => new LevelWalk(level, findings, options));
  const images = Math.max(0, ...layout.levels.map((level) => level.images));
  const comparison = new Comparison(layout, walks);
  try {
    for (let image = 0; image < images;) {
      for (const walk of walks) await walk.ready(image);
      const until = Math.min(images, ...walks.map((walk) => walk.until));
      comparison.chooseLevels();
      // Files that are not there may stand for any number of images: their gap is jumped over.
      if (walks.some((walk) => walk.readable))
        for (let first = image; first < until; first += comparison.images)
          comparison.look(first, Math.min(until, first + comparison.images));
      image = until;
    }
    // What follows the last image: the end of each file.
    for (const walk of walks) await walk.ready(images);
  } finally {
    for (const walk of walks) await walk.close();
  }
}
