/** A dataset on disk: ours (with `index.json`) or one that the official tool wrote (facts 7.2). */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError } from '../errors.js';
import { readIndex, type DatasetIndex } from './index-file.js';
import { inspectLevelFile, LevelReader, type LevelFile } from './level-file.js';
import { decodeNpy } from './npy.js';
import { DatasetReader, type Labels, type ReaderOptions } from './reader.js';

export interface OpenOptions {
  readonly resolution?: number; // use the levels up to this side; default: all
  readonly labels?: boolean; // read the labels when there are any; default true
}

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

async function levelFiles(directory: string, index: DatasetIndex | undefined): Promise<LevelFile[]> {
  const present = await listFolder(directory);
  const names =
    index?.levels.map((level) => level.file) ?? present.filter((name) => name.endsWith('.tfrecords'));
  if (names.length === 0)
    throw new DatasetError(
      'dataset-missing',
      `${directory}: holds no *.tfrecords file; build a dataset there with "prep build-dataset"`,
    );
  const files: LevelFile[] = [];
  for (const name of names) {
    if (!present.includes(name)) throw invalid(directory, `${name} is in the index but not in the folder`);
    const expected = index?.levels.find((level) => level.file === name);
    const file = await inspectLevelFile(join(directory, name), expected?.offsets);
    if (expected && expected.bytes !== file.bytes)
      throw invalid(
        directory,
        `${name}: expected ${expected.bytes} bytes as in the index, got ${file.bytes}`,
      );
    if (expected && expected.records !== file.count)
      throw invalid(
        directory,
        `${name}: expected ${expected.records} records as in the index, got ${file.count}`,
      );
    files.push(file);
  }
  return files;
}

/** Every level from 4×4 up, square, of the same channels and count. */
function checkLevels(directory: string, files: readonly LevelFile[]): Map<number, LevelFile> {
  const levels = new Map<number, LevelFile>();
  for (const file of files) {
    const [channels, height, width] = file.shape;
    const level = Math.log2(width);
    if (height !== width || !Number.isInteger(level) || level < 2 || (channels !== 1 && channels !== 3))
      throw invalid(
        directory,
        `${file.path} holds images of shape [${file.shape}]; expected 1 or 3 channels and a square power of two from 4`,
      );
    const twin = levels.get(level);
    if (twin)
      throw invalid(
        directory,
        `${twin.path} and ${file.path} both hold ${width}x${width} images; keep one dataset per folder`,
      );
    levels.set(level, file);
  }
  const top = levels.get(Math.max(...levels.keys()))!;
  for (let level = 2; level < Math.log2(top.shape[1]); level++) {
    const file = levels.get(level);
    if (!file) throw invalid(directory, `the ${2 ** level}x${2 ** level} level is missing`);
    if (file.shape[0] !== top.shape[0])
      throw invalid(directory, `${file.path} has ${file.shape[0]} channels, ${top.path} has ${top.shape[0]}`);
    if (file.count !== top.count)
      throw invalid(directory, `${file.path} has ${file.count} images, ${top.path} has ${top.count}`);
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
  const bytes = await readFile(path).catch((error: unknown) => {
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
    private readonly levels: ReadonlyMap<number, LevelFile>,
  ) {}

  /**
   * Checks what can be checked without reading it all; each record is checked when it is read.
   * @throws DatasetError `dataset-missing`, `dataset-invalid`, `record-corrupt`, `record-invalid`, `npy-invalid`
   */
  static async open(directory: string, options: OpenOptions = {}): Promise<TFRecordDataset> {
    await listFolder(directory);
    const index = await readIndex(directory);
    const levels = checkLevels(directory, await levelFiles(directory, index));
    const { resolution } = options;
    if (resolution !== undefined) {
      const wanted = Math.log2(resolution);
      if (!levels.has(wanted))
        throw new DatasetError(
          'option-invalid',
          `resolution: ${directory} has images up to ${2 ** Math.max(...levels.keys())}, got ${resolution}`,
        );
      for (const level of [...levels.keys()]) if (level > wanted) levels.delete(level);
    }
    const count = levels.get(2)!.count;
    const labels = options.labels === false ? null : await readLabels(directory, index ?? undefined, count);
    return new TFRecordDataset(directory, index ?? null, labels, levels);
  }

  get #top(): LevelFile {
    return this.levels.get(Math.max(...this.levels.keys()))!;
  }

  get count(): number {
    return this.#top.count;
  }

  /** Side of the largest images. */
  get resolution(): number {
    return this.#top.shape[1];
  }

  get channels(): number {
    return this.#top.shape[0];
  }

  /** Images by record number at side 2^level, NCHW; for looking, not for training. */
  async images(level: number, records: readonly number[]): Promise<Uint8Array> {
    const file = this.levels.get(level);
    if (!file)
      throw new DatasetError(
        'option-invalid',
        `level: ${this.directory} has no ${2 ** level}x${2 ** level} images`,
      );
    const outside = records.find((record) => !Number.isInteger(record) || record < 0 || record >= file.count);
    if (outside !== undefined)
      throw new DatasetError('option-invalid', `record: expected 0…${file.count - 1}, got ${outside}`);
    const reader = new LevelReader(file, 0);
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
