/** Minibatches of a dataset for training: random access, full permutations, resumable, prefetching. */
import { DatasetError } from '../errors.js';
import { EpochCursor } from './cursor.js';
import { LevelReader, type LevelFile } from './level-file.js';

export interface ReaderOptions {
  readonly seed?: number; // of the order of images, 0…2^32−1; default 0
  readonly shuffle?: boolean; // default true; false: stored order, over and over
  readonly prefetch?: boolean; // read the next minibatch of the same kind ahead; default true
  readonly memoryLimit?: number; // bytes; a level file up to this size is kept in memory; default 256 MiB
}

export interface Batch {
  readonly images: Uint8Array; // NCHW
  readonly indices: Int32Array; // record numbers
  readonly labels: Float32Array | null; // [minibatch, components]
}

export interface Labels {
  readonly components: number;
  readonly names: readonly string[] | null;
  readonly data: Float32Array; // [images, components]
}

interface Prefetched {
  readonly key: string;
  readonly images: Promise<Uint8Array>;
}

export class DatasetReader {
  readonly resolution: number;
  readonly channels: number;
  readonly count: number;
  readonly labelSize: number;
  readonly #levels: ReadonlyMap<number, LevelFile>;
  readonly #cursor: EpochCursor;
  readonly #options: ReaderOptions;
  readonly #labels: Labels | null;
  #open: { level: number; reader: LevelReader } | undefined;
  #prefetched: Prefetched | undefined;
  #closed = false;

  /** `levels`: log2 of the side → file, all of `count` images; use `TFRecordDataset.reader`. */
  constructor(levels: ReadonlyMap<number, LevelFile>, labels: Labels | null, options: ReaderOptions = {}) {
    const top = levels.get(Math.max(...levels.keys()))!;
    this.#levels = levels;
    this.#labels = labels;
    this.#options = options;
    this.channels = top.shape[0];
    this.resolution = top.shape[1];
    this.count = top.count;
    this.labelSize = labels?.components ?? 0;
    this.#cursor = new EpochCursor(this.count, options.shuffle === false ? null : (options.seed ?? 0));
  }

  /** uint8 images NCHW of side 2^level; the place moves on by `minibatch` images. */
  async next(level: number, minibatch: number): Promise<Uint8Array> {
    return (await this.nextBatch(level, minibatch)).images;
  }

  /** As `next`, with labels and record numbers. @throws DatasetError */
  async nextBatch(level: number, minibatch: number): Promise<Batch> {
    if (this.#closed) throw new DatasetError('option-invalid', 'the dataset reader is closed');
    if (!Number.isInteger(minibatch) || minibatch < 1)
      throw new DatasetError('option-invalid', `minibatch: expected a positive integer, got ${minibatch}`);
    const file = this.#levels.get(level);
    if (!file)
      throw new DatasetError(
        'option-invalid',
        `level: expected 2…${Math.log2(this.resolution)} (log2 of the side), got ${level}`,
      );
    // Before anything is awaited, so that calls in flight together get different images.
    const key = `${level}:${minibatch}:${this.#cursor.place}`;
    const indices = this.#cursor.take(minibatch);
    const waiting = this.#prefetched?.key === key ? this.#prefetched.images : undefined;
    const reader = await this.#readerOf(level, file);
    const images = await (waiting ?? reader.read(indices));
    this.#prefetch(level, minibatch, reader);
    return { images, indices, labels: this.#labelsOf(indices) };
  }

  /** Plain JSON: where the order of images stands. What was prefetched does not count. */
  state(): unknown {
    return this.#cursor.state();
  }

  /** @throws DatasetError `option-invalid` when the state is damaged or belongs to another dataset */
  restore(state: unknown): void {
    this.#cursor.restore(state);
    this.#prefetched = undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#prefetched?.images.catch(() => undefined);
    this.#prefetched = undefined;
    await this.#open?.reader.close();
    this.#open = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #prefetch(level: number, minibatch: number, reader: LevelReader): void {
    if (this.#closed || this.#options.prefetch === false) return;
    const ahead = this.#cursor.peek(minibatch);
    if (!ahead) return;
    const images = reader.read(ahead);
    // An error waits for the call that wants this minibatch.
    images.catch(() => undefined);
    this.#prefetched = { key: `${level}:${minibatch}:${this.#cursor.place}`, images };
  }

  /** One level is open at a time: training moves up and never back. */
  async #readerOf(level: number, file: LevelFile): Promise<LevelReader> {
    if (this.#open?.level === level) return this.#open.reader;
    await this.#prefetched?.images.catch(() => undefined);
    await this.#open?.reader.close();
    this.#open = { level, reader: new LevelReader(file, this.#options.memoryLimit) };
    return this.#open.reader;
  }

  #labelsOf(indices: Int32Array): Float32Array | null {
    if (!this.#labels) return null;
    const { components, data } = this.#labels;
    const rows = new Float32Array(indices.length * components);
    indices.forEach((record, i) =>
      rows.set(data.subarray(record * components, (record + 1) * components), i * components),
    );
    return rows;
  }
}
