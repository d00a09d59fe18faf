/** One level of a dataset: images of one shape, in one file or spread over shards. */
import { totalmem } from 'node:os';
import type { ImageShape } from './example.js';
import { LevelFileReader, type LevelFile } from './level-file.js';

export interface Level {
  readonly shards: readonly LevelFile[];
  readonly firsts: readonly number[]; // number of the first record of each shard
  readonly count: number;
  readonly bytes: number;
  readonly shape: ImageShape;
}

/** `shards`: at least one, in the order of their records, all of one shape. */
export function levelOfShards(shards: readonly LevelFile[]): Level {
  const firsts: number[] = [];
  let [count, bytes] = [0, 0];
  for (const shard of shards) {
    firsts.push(count);
    count += shard.count;
    bytes += shard.bytes;
  }
  return { shards, firsts, count, bytes, shape: shards[0]!.shape };
}

/** Levels up to this size are kept in memory by a reader: an eighth of the machine's, and what one buffer can hold. */
const residentBytes = Math.min(2 ** 31 - 1, Math.max(256 * 2 ** 20, Math.floor(totalmem() / 8)));

/** Random access to the images of a level by record number. */
export class LevelReader {
  readonly imageBytes: number;
  readonly #readers: readonly LevelFileReader[];
  readonly #resident: boolean;

  /** `memoryLimit`: bytes; a level up to this size is read into memory once. */
  constructor(
    readonly level: Level,
    memoryLimit = residentBytes,
  ) {
    const [channels, height, width] = level.shape;
    this.imageBytes = channels * height * width;
    this.#readers = level.shards.map((shard) => new LevelFileReader(shard));
    this.#resident = level.bytes <= memoryLimit;
  }

  /**
   * uint8 images, CHW, one after the other.
   * @throws DatasetError `record-corrupt`, `record-invalid`
   */
  async read(indices: Int32Array): Promise<Uint8Array> {
    const images = new Uint8Array(indices.length * this.imageBytes);
    const wanted = new Map<number, { records: number[]; slots: number[] }>();
    indices.forEach((index, slot) => {
      const shard = this.#shardOf(index);
      let part = wanted.get(shard);
      if (!part) wanted.set(shard, (part = { records: [], slots: [] }));
      part.records.push(index - this.level.firsts[shard]!);
      part.slots.push(slot);
    });
    await Promise.all(
      Array.from(wanted, async ([shard, { records, slots }]) => {
        const reader = this.#readers[shard]!;
        await reader.readInto(records, images, slots, this.#resident ? await reader.load() : null);
      }),
    );
    return images;
  }

  /** Frees files and memory; reading again opens the files again. */
  async close(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.close()));
  }

  /** Last shard whose first record is not beyond `index`. */
  #shardOf(index: number): number {
    const { firsts } = this.level;
    let [low, high] = [0, firsts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (firsts[middle]! <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
