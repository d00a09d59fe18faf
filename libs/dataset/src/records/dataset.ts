/** A dataset on disk: ours (with `index.json`) or one that the official tool wrote (facts 7.2). */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemReason } from '@pggan/files';
import { DatasetError } from '../errors.js';
import { readIndex, type DatasetIndex } from './index-file.js';
import { openLevels, type LevelDamage } from './dataset-levels.js';
import type { ImageSize } from './image-size.js';
import { LevelReader, type Level } from './level.js';
import { decodeNpy } from './npy.js';
import { readPlain } from './plain-file.js';
import { splitName } from './split-name.js';
import { DatasetReader, type Labels, type ReaderOptions } from './reader.js';

export interface OpenOptions {
  readonly resolution?: number; // use the levels up to this larger side; default: all
  readonly labels?: boolean; // read the labels when there are any; default true
  /** A level whose files are not as they must be: refuse the dataset, or leave the level out; default refuse. */
  readonly damaged?: 'refuse' | 'leave-out';
}

/** A million images with 500 components. */
const largestLabels = 2 ** 31;

function invalid(directory: string, what: string): DatasetError {
  return new DatasetError('dataset-invalid', `${directory}: ${what}`);
}

async function listFolder(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT' ? 'no such folder' : code === 'ENOTDIR' ? 'not a folder' : `cannot be read (${code})`;
    throw new DatasetError(
      'dataset-missing',
      `${directory}: ${why}; build a dataset there with "prep build-dataset"`,
    );
  }
}

async function readLabels(
  directory: string,
  index: DatasetIndex | undefined,
  count: number,
): Promise<Labels | null> {
  const name = index
    ? index.labels?.file
    : (await listFolder(directory)).find((file) => file.endsWith('.labels'));
  if (name === undefined) return null;
  const path = join(directory, name);
  const bytes = await readPlain(path, largestLabels).catch((error: unknown) => {
    throw invalid(directory, `${name}: cannot be read (${systemReason(error)})`);
  });
  const { shape, data } = decodeNpy(bytes, path);
  if (shape.length > 2 || (shape[0] ?? 0) < count)
    throw invalid(
      directory,
      `${name}: expected labels for ${count} images, got an array of shape (${shape})`,
    );
  return { components: shape[1] ?? 1, names: index?.labels?.names ?? null, data };
}

export class TFRecordDataset {
  private constructor(
    readonly directory: string,
    readonly index: DatasetIndex | null, // null for datasets of the official tool
    readonly labels: Labels | null,
    /** By number: 2 is the smallest. */
    readonly levels: ReadonlyMap<number, Level>,
    /** Levels that were left out, the largest first. */
    readonly damage: readonly LevelDamage[],
  ) {}

  /**
   * Checks what can be checked without reading it all; each record is checked when it is read.
   * @throws DatasetError `dataset-missing`, `dataset-invalid`, `record-corrupt`, `record-invalid`, `npy-invalid`
   */
  static async open(directory: string, options: OpenOptions = {}): Promise<TFRecordDataset> {
    const present = await listFolder(directory);
    const index = await readIndex(directory);
    const { levels, damage } = await openLevels(directory, present, index);
    if (damage.length > 0 && (options.damaged !== 'leave-out' || levels.size === 0)) throw damage[0]!.error;
    const { resolution } = options;
    if (resolution !== undefined) {
      const sideOf = (level: number) => Math.max(...levels.get(level)!.shape.slice(1));
      const wanted = [...levels.keys()].find((level) => sideOf(level) === resolution);
      if (wanted === undefined)
        throw new DatasetError(
          'option-invalid',
          `resolution: ${directory} has images up to ${sideOf(Math.max(...levels.keys()))}, got ${resolution}`,
        );
      for (const level of [...levels.keys()]) if (level > wanted) levels.delete(level);
    }
    const { count } = levels.values().next().value!;
    const labels = options.labels === false ? null : await readLabels(directory, index ?? undefined, count);
    return new TFRecordDataset(directory, index ?? null, labels, levels, damage);
  }

  get #top(): Level {
    return this.levels.get(Math.max(...this.levels.keys()))!;
  }

  get count(): number {
    return this.#top.count;
  }

  /** Of the largest images. */
  get size(): ImageSize {
    return { width: this.#top.shape[2], height: this.#top.shape[1] };
  }

  /** Larger side of the largest images. */
  get resolution(): number {
    return Math.max(this.size.width, this.size.height);
  }

  get channels(): 1 | 3 {
    return this.#top.shape[0] as 1 | 3;
  }

  /** Which part of its set this is, such as `test` or `held-out`; null: a whole, or unknown. */
  get split(): string | null {
    return splitName(this.index?.source);
  }

  /** Images of a level by record number, NCHW; for looking, not for training. */
  async images(level: number, records: readonly number[]): Promise<Uint8Array> {
    const found = this.levels.get(level);
    const damaged = this.damage.find((each) => each.level === level);
    if (damaged) throw damaged.error;
    if (!found) throw new DatasetError('option-invalid', `level: ${this.directory} has no level ${level}`);
    const outside = records.find(
      (record) => !Number.isInteger(record) || record < 0 || record >= found.count,
    );
    if (outside !== undefined)
      throw new DatasetError('option-invalid', `record: expected 0…${found.count - 1}, got ${outside}`);
    const reader = new LevelReader(found, 0);
    try {
      return await reader.read(Int32Array.from(records));
    } finally {
      await reader.close();
    }
  }

  /** Minibatches for training. Close it at the end. */
  reader(options: ReaderOptions = {}): DatasetReader {
    return new DatasetReader(this.levels, this.labels, options);
  }
}
