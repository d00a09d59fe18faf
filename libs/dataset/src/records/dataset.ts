/** A dataset on disk: ours (with `index.json`) or one that the official tool wrote (facts 7.2). */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError } from '../errors.js';
import { readIndex, type DatasetIndex } from './index-file.js';
import { formatSize, levelOf, levelSizes, smallestLevel, type ImageSize } from './image-size.js';
import { sizeExpectation } from './image-size-schema.js';
import { inspectLevelFile, type LevelFile } from './level-file.js';
import { LevelReader, levelOfShards, type Level } from './level.js';
import { decodeNpy } from './npy.js';
import { readPlain } from './plain-file.js';
import { DatasetReader, type Labels, type ReaderOptions } from './reader.js';

export interface OpenOptions {
  readonly resolution?: number; // use the levels up to this larger side; default: all
  readonly labels?: boolean; // read the labels when there are any; default true
}

/** A million images with 500 components. */
const largestLabels = 2 ** 31;

const shardSuffix = /-(\d{5,})-of-(\d{5,})(?=\.tfrecords$)/;

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

/** Files without an index: one of each shape, or shards that say so in their names. */
async function foundLevels(directory: string, present: readonly string[]): Promise<Level[]> {
  const names = present.filter((name) => name.endsWith('.tfrecords'));
  if (names.length === 0)
    throw new DatasetError(
      'dataset-missing',
      `${directory}: holds no *.tfrecords file; build a dataset there with "prep build-dataset"`,
    );
  const groups = new Map<string, LevelFile[]>();
  for (const name of names) {
    const file = await inspectLevelFile(join(directory, name));
    const level = name.replace(shardSuffix, '');
    groups.set(level, [...(groups.get(level) ?? []), file]);
  }
  for (const [level, shards] of groups) {
    const of = shardSuffix.exec(shards[0]!.path)?.[2];
    if (of !== undefined && Number(of) !== shards.length)
      throw invalid(directory, `${level} has ${shards.length} of ${Number(of)} shards`);
  }
  return [...groups.values()].map((shards) => levelOfShards(shards));
}

async function indexedLevels(
  directory: string,
  present: readonly string[],
  index: DatasetIndex,
): Promise<Level[]> {
  const levels: Level[] = [];
  for (const level of index.levels) {
    const shards: LevelFile[] = [];
    for (const shard of level.shards) {
      const { file: name } = shard;
      if (!present.includes(name)) throw invalid(directory, `${name} is in the index but not in the folder`);
      const file = await inspectLevelFile(join(directory, name), shard.offsets);
      const agree = (what: string, expected: unknown, got: unknown) => {
        if (`${expected}` !== `${got}`)
          throw invalid(directory, `${name}: expected ${expected} ${what} as in the index, got ${got}`);
      };
      agree('bytes', shard.bytes, file.bytes);
      agree('records', shard.records, file.count);
      agree('(channels, height, width)', [index.channels, level.height, level.width], file.shape);
      shards.push(file);
    }
    levels.push(levelOfShards(shards));
  }
  return levels;
}

/** Every level from level 2 up, half the size of the next, of the same channels and count. */
function checkLevels(directory: string, found: readonly Level[]): Map<number, Level> {
  const levels = new Map<number, Level>();
  for (const level of found) {
    for (const { path, shape } of level.shards)
      if (`${shape}` !== `${level.shape}`)
        throw invalid(
          directory,
          `${path} holds images of shape [${shape}], its first shard of [${level.shape}]`,
        );
    const [channels, height, width] = level.shape;
    const { path } = level.shards[0]!;
    if (!levelSizes({ width, height }) || (channels !== 1 && channels !== 3))
      throw invalid(
        directory,
        `${path} holds images of shape [${level.shape}]; expected 1 or 3 channels and ${sizeExpectation}`,
      );
    const number = levelOf({ width, height });
    const twin = levels.get(number);
    if (twin)
      throw invalid(
        directory,
        `${twin.shards[0]!.path} and ${path} both hold ${formatSize({ width, height })} images; keep one dataset per folder`,
      );
    levels.set(number, level);
  }
  const top = levels.get(Math.max(...levels.keys()))!;
  const [channels, height, width] = top.shape;
  for (const size of levelSizes({ width, height })!) {
    const level = levels.get(levelOf(size));
    if (!level) throw invalid(directory, `the ${formatSize(size)} level is missing`);
    const { path } = level.shards[0]!;
    if (level.shape[0] !== channels)
      throw invalid(
        directory,
        `${path} has ${level.shape[0]} channels, ${top.shards[0]!.path} has ${channels}`,
      );
    if (level.shape[1] !== size.height || level.shape[2] !== size.width)
      throw invalid(
        directory,
        `${path} holds images of shape [${level.shape}], expected ${formatSize(size)}`,
      );
    if (level.count !== top.count)
      throw invalid(directory, `${path} has ${level.count} images, ${top.shards[0]!.path} has ${top.count}`);
  }
  return levels;
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
    throw invalid(directory, `${name}: cannot be read (${(error as Error).message})`);
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
  ) {}

  /**
   * Checks what can be checked without reading it all; each record is checked when it is read.
   * @throws DatasetError `dataset-missing`, `dataset-invalid`, `record-corrupt`, `record-invalid`, `npy-invalid`
   */
  static async open(directory: string, options: OpenOptions = {}): Promise<TFRecordDataset> {
    const present = await listFolder(directory);
    const index = await readIndex(directory);
    const levels = checkLevels(
      directory,
      index ? await indexedLevels(directory, present, index) : await foundLevels(directory, present),
    );
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
    const count = levels.get(smallestLevel)!.count;
    const labels = options.labels === false ? null : await readLabels(directory, index ?? undefined, count);
    return new TFRecordDataset(directory, index ?? null, labels, levels);
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

  /** Images of a level by record number, NCHW; for looking, not for training. */
  async images(level: number, records: readonly number[]): Promise<Uint8Array> {
    const found = this.levels.get(level);
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
