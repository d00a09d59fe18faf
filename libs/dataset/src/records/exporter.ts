/** Writes a dataset as the official tool does (facts 7.1), one image at a time, plus `index.json`. */
import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatasetError } from '../errors.js';
import { exampleFrame, type ExampleFrame } from './example.js';
import { framingBytes, headerBytes, sealFrame } from './framing.js';
import { indexName, type DatasetIndex, type LevelIndex, type StoredFile } from './index-file.js';
import { imageLevels } from './levels.js';
import { encodeNpy } from './npy.js';
import { OutputFolder } from './output-folder.js';

export interface ExporterOptions {
  readonly resolution: number; // power of two, 4…1024
  readonly channels: 1 | 3;
  readonly name?: string; // prefix of the files; default: last component of the folder
  readonly shuffleSeed?: number; // recorded only; the caller adds images in the order it wants
  readonly source?: Record<string, unknown>; // recorded only
  readonly settings?: Record<string, unknown>; // recorded only
}

/** Frames are gathered to about this size before they are written. */
const chunkBytes = 1 << 20;

class LevelWriter {
  readonly #hash: Hash = createHash('sha256');
  readonly #frame: ExampleFrame;
  readonly #frameBytes: number;
  #chunk: Buffer[] = [];
  #waiting = 0;
  #records = 0;

  private constructor(
    private readonly handle: FileHandle,
    private readonly file: string,
    private readonly resolution: number,
    channels: number,
  ) {
    this.#frame = exampleFrame([channels, resolution, resolution]);
    this.#frameBytes =
      framingBytes +
      this.#frame.before.length +
      channels * resolution * resolution +
      this.#frame.after.length;
  }

  static async create(directory: string, file: string, resolution: number, channels: number) {
    return new LevelWriter(await open(join(directory, file), 'wx'), file, resolution, channels);
  }

  async add(pixels: Uint8Array): Promise<void> {
    const { before, after } = this.#frame;
    const frame = Buffer.allocUnsafe(this.#frameBytes);
    before.copy(frame, headerBytes);
    frame.set(pixels, headerBytes + before.length);
    after.copy(frame, headerBytes + before.length + pixels.length);
    sealFrame(frame);
    this.#chunk.push(frame);
    this.#waiting += frame.length;
    this.#records++;
    if (this.#waiting >= chunkBytes) await this.#flush();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#chunk);
    this.#chunk = [];
    this.#waiting = 0;
    this.#hash.update(bytes);
    await this.handle.writeFile(bytes);
  }

  async finish(): Promise<LevelIndex> {
    await this.#flush();
    await this.handle.sync();
    await this.handle.close();
    return {
      file: this.file,
      resolution: this.resolution,
      records: this.#records,
      recordBytes: this.#frameBytes,
      bytes: this.#records * this.#frameBytes,
      sha256: this.#hash.digest('hex'),
    };
  }

  async abandon(): Promise<void> {
    await this.handle.close().catch(() => undefined);
  }
}

/** `add` every image, then `addLabels` if there are any, then `finish`; or `discard` to leave no trace. */
export class TFRecordExporter {
  readonly #levels: LevelWriter[];
  readonly #files: StoredFile[] = [];
  #labels: DatasetIndex['labels'] = null;
  #images = 0;

  private constructor(
    private readonly folder: OutputFolder,
    private readonly name: string,
    private readonly options: ExporterOptions,
    levels: LevelWriter[],
  ) {
    this.#levels = levels;
  }

  /**
   * @throws DatasetError `option-invalid`, or `output-refused` when `out` holds anything but a dataset
   */
  static async create(out: string, options: ExporterOptions): Promise<TFRecordExporter> {
    const { resolution, channels } = options;
    const log2 = Math.log2(resolution);
    if (!Number.isInteger(log2) || log2 < 2 || log2 > 10)
      throw new DatasetError(
        'option-invalid',
        `resolution: expected a power of two in 4…1024, got ${resolution}`,
      );
    const folder = await OutputFolder.create(out);
    const name = options.name ?? basename(folder.out);
    if (/[/\\]/.test(name))
      throw new DatasetError('option-invalid', `name: expected a name without folders, got ${name}`);
    const levels: LevelWriter[] = [];
    for (let level = log2; level >= 2; level--) {
      const file = `${name}-r${String(level).padStart(2, '0')}.tfrecords`;
      levels.push(await LevelWriter.create(folder.path, file, 2 ** level, channels));
    }
    return new TFRecordExporter(folder, name, options, levels);
  }

  get images(): number {
    return this.#images;
  }

  /** `image`: uint8 CHW at the full resolution. */
  async add(image: Uint8Array): Promise<void> {
    const { channels, resolution } = this.options;
    const expected = channels * resolution * resolution;
    if (image.length !== expected)
      throw new DatasetError(
        'option-invalid',
        `image ${this.#images}: expected ${channels}x${resolution}x${resolution} = ${expected} bytes, got ${image.length}`,
      );
    const levels = imageLevels(image, channels, resolution);
    for (const [i, writer] of this.#levels.entries()) await writer.add(levels[i]!);
    this.#images++;
  }

  /** `labels`: float32 [images, components] in the order of the images; `names`: one per component. */
  async addLabels(
    labels: Float32Array,
    components: number,
    names: readonly string[] | null = null,
  ): Promise<void> {
    if (labels.length !== this.#images * components)
      throw new DatasetError(
        'option-invalid',
        `labels: expected ${this.#images}x${components} numbers, got ${labels.length}`,
      );
    const file = `${this.name}-rxx.labels`;
    const stored = await this.#write(file, encodeNpy(labels, [this.#images, components]));
    this.#labels = { ...stored, components, names: names ? [...names] : null };
  }

  /** A further file that belongs to the dataset. */
  async addFile(file: string, content: Buffer | AsyncIterable<string>): Promise<void> {
    this.#files.push(await this.#write(file, content));
  }

  async #write(file: string, content: Buffer | AsyncIterable<string>): Promise<StoredFile> {
    const hash = createHash('sha256');
    let bytes = 0;
    const handle = await open(join(this.folder.path, file), 'wx');
    try {
      for await (const part of Buffer.isBuffer(content) ? [content] : content) {
        const chunk = Buffer.from(part);
        hash.update(chunk);
        bytes += chunk.length;
        await handle.writeFile(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    return { file, bytes, sha256: hash.digest('hex') };
  }

  /**
   * Completes the files and puts the folder in place.
   * @throws DatasetError `option-invalid` when no image was added
   */
  async finish(): Promise<DatasetIndex> {
    if (this.#images === 0) throw new DatasetError('option-invalid', 'a dataset needs at least one image');
    const levels: LevelIndex[] = [];
    for (const writer of this.#levels) levels.push(await writer.finish());
    const index: DatasetIndex = {
      format: 'pggan-dataset',
      version: 1,
      name: this.name,
      images: this.#images,
      resolution: this.options.resolution,
      channels: this.options.channels,
      levels,
      labels: this.#labels,
      shuffleSeed: this.options.shuffleSeed ?? null,
      files: this.#files,
      source: this.options.source ?? {},
      settings: this.options.settings ?? {},
    };
    await this.#write(indexName, Buffer.from(`${JSON.stringify(index, null, 2)}\n`));
    await this.folder.commit();
    return index;
  }

  async discard(): Promise<void> {
    for (const writer of this.#levels) await writer.abandon();
    await this.folder.discard();
  }
}
