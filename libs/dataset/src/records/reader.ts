/** Minibatches of a dataset for training: random access, full permutations, resumable, prefetching. */
import { DatasetError } from '../errors.js';
import { EpochCursor } from './cursor.js';
import { LevelReader, type Level } from './level.js';

export interface ReaderOptions {
  readonly seed?: number; // of the order of images, 0…2^32−1; default 0
  readonly shuffle?: boolean; // default true; false: stored order, over and over
  readonly prefetch?: boolean; // read the next minibatch of the same kind ahead; default true
  readonly memoryLimit?: number; // bytes; a level up to this size is kept in memory; default an eighth of the machine's, at least 256 MiB, less than 2 GiB
  /** Only the records from `start` to before `end`, for machines that share work; default: all. */
  readonly range?: { readonly start: number; readonly end: number };
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
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly count: number; // images of the range
  readonly labelSize: number;
  readonly #levels: ReadonlyMap<number, Level>;
  readonly #cursor: EpochCursor;
  readonly #options: ReaderOptions;
  readonly #labels: Labels | null;
  readonly #start: number;
  #open: { level: number; reader: LevelReader } | undefined;
  #prefetched: Prefetched | undefined;
  #closed = false;

  /**
   * `levels`: by number, all of as many images; use `TFRecordDataset.reader`.
   * @throws DatasetError `option-invalid` for a range outside the dataset
   */
  constructor(levels: ReadonlyMap<number, Level>, labels: Labels | null, options: ReaderOptions = {}) {
    const top = levels.get(Math.max(...levels.keys()))!;
    this.#levels = levels;
    this.#labels = labels;
    this.#options = options;
    this.channels = top.shape[0];
    this.height = top.shape[1];
    this.width = top.shape[2];
    const { start, end } = options.range ?? { start: 0, end: top.count };
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end <= start || end > top.count)
      throw new DatasetError(
        'option-invalid',
        `range: expected 0 <= start < end <= ${top.count} records, got ${start} to ${end}`,
      );
    this.#start = start;
    this.count = end - start;
    this.labelSize = labels?.components ?? 0;
    this.#cursor = new EpochCursor(this.count, options.shuffle === false ? null : (options.seed ?? 0));
  }

  /** The larger side, pixels. */
  get resolution(): number {
    return Math.max(this.width, this.height);
  }

  /** Labels of the whole dataset, to draw from; null without labels. */
  get labels(): Labels | null {
    return this.#labels;
  }

  /** uint8 images NCHW of the level (side 2^level for squares); the place moves on by `minibatch` images. */
  async next(level: number, minibatch: number): Promise<Uint8Array> {
    return (await this.nextBatch(level, minibatch)).images;
  }

  /** As `next`, with labels and record numbers. @throws DatasetError */
  async nextBatch(level: number, minibatch: number): Promise<Batch> {
    if (this.#closed) throw new DatasetError('option-invalid', 'the dataset reader is closed');
    if (!Number.isInteger(minibatch) || minibatch < 1)
      throw new DatasetError('option-invalid', `minibatch: expected a positive integer, got ${minibatch}`);
    const found = this.#levels.get(level);
    if (!found)
      throw new DatasetError(
        'option-invalid',
        `level: expected ${Math.min(...this.#levels.keys())}…${Math.max(...this.#levels.keys())} (log2 of the larger side), got ${level}`,
      );
    // Before anything is awaited, so that calls in flight together get different images.
    const key = `${level}:${minibatch}:${this.#cursor.place}`;
    const indices = this.#records(this.#cursor.take(minibatch));
    const waiting = this.#prefetched?.key === key ? this.#prefetched.images : undefined;
    const reader = await this.#readerOf(level, found);
    const images = await (waiting ?? reader.read(indices));
    this.#prefetch(level, minibatch, reader);
    return { images, indices, labels: this.#labelsOf(indices) };
  }

  /** Plain JSON: where the order of images stands. What was prefetched does not count. */
  state(): unknown {
    return { ...this.#cursor.state(), start: this.#start };
  }

  /** @throws DatasetError `option-invalid` when the state is damaged or belongs to another dataset or range */
  restore(state: unknown): void {
    const start = (state as { start?: unknown } | null)?.start ?? 0;
    if (start !== this.#start)
      throw new DatasetError(
        'option-invalid',
        `reader state: belongs to the records from ${String(start)} on, this reader's begin at ${this.#start}`,
      );
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
    const images = reader.read(this.#records(ahead));
    // An error waits for the call that wants this minibatch.
    images.catch(() => undefined);
    this.#prefetched = { key: `${level}:${minibatch}:${this.#cursor.place}`, images };
  }

  /** One level is open at a time: training moves up and never back. */
  async #readerOf(level: number, wanted: Level): Promise<LevelReader> {
    if (this.#open?.level === level) return this.#open.reader;
    await this.#prefetched?.images.catch(() => undefined);
    await this.#open?.reader.close();
    this.#open = { level, reader: new LevelReader(wanted, this.#options.memoryLimit) };
    return this.#open.reader;
  }

  /** Record numbers in the dataset of places in the range. */
  #records(places: Int32Array): Int32Array {
    return this.#start === 0 ? places : places.map((place) => place + this.#start);
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
