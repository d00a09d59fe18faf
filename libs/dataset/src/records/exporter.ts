/** Writes a dataset as the official tool does (facts 7.1), one image at a time, plus `index.json`. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { explainIssues } from '@pggan/files';
import { z } from 'zod';
import { DatasetError } from '../errors.js';
import { formatCrc } from './crc.js';
import { datasetNameSchema } from './dataset-name.js';
import { formatSize, levelSizes, type ImageSize } from './image-size.js';
import { imageSizeSchema } from './image-size-schema.js';
import {
  formatIndex,
  indexName,
  indexVersion,
  type DatasetIndex,
  type LevelIndex,
  type StoredFile,
} from './index-file.js';
import { LevelWriter } from './level-writer.js';
import { imageLevels } from './levels.js';
import { encodeNpy } from './npy.js';
import { OutputFolder } from './output-folder.js';

export interface ExporterOptions {
  /** Of the largest level: side of a square (a power of two, 4…1024), or a size that halves evenly. */
  readonly size: number | ImageSize;
  readonly channels: 1 | 3;
  readonly shardImages?: number; // split every level into files of so many images; default: one file
  readonly name?: string; // prefix of the files; default: last component of the folder
  readonly shuffleSeed?: number; // recorded only; the caller adds images in the order it wants
  readonly versions?: Record<string, string>; // of further programs that made the images; recorded only
  readonly source?: Record<string, unknown>; // recorded only
  readonly settings?: Record<string, unknown>; // recorded only
}

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const optionsSchema = z.object({
  size: imageSizeSchema,
  channels: z.union([z.literal(1), z.literal(3)]),
  name: datasetNameSchema.optional(),
  shardImages: z.number().int().positive().optional(),
});

/** `add` every image, then `addLabels` if there are any, then `finish`; or `discard` to leave no trace. */
export class TFRecordExporter {
  readonly #levels: LevelWriter[];
  readonly #files: StoredFile[] = [];
  #labels: DatasetIndex['labels'] = null;
  #images = 0;

  private constructor(
    private readonly folder: OutputFolder,
    private readonly name: string,
    private readonly size: ImageSize,
    private readonly options: ExporterOptions,
  ) {
    const { channels, shardImages } = options;
    this.#levels = levelSizes(size)!.map(
      (level, i) =>
        new LevelWriter({
          directory: folder.path,
          name,
          size: level,
          channels,
          shardImages,
          largest: i === 0,
        }),
    );
  }

  /**
   * @throws DatasetError `option-invalid`, or `output-refused` when `out` holds anything but a dataset
   */
  static async create(out: string, options: ExporterOptions): Promise<TFRecordExporter> {
    const checked = optionsSchema.safeParse(options);
    if (!checked.success)
      throw new DatasetError('option-invalid', explainIssues(checked.error, options, 'the options'));
    const folder = await OutputFolder.create(out);
    const { name = basename(folder.out), size } = checked.data;
    return new TFRecordExporter(folder, name, size, options);
  }

  get images(): number {
    return this.#images;
  }

  /** `image`: uint8 CHW at the full resolution. */
  async add(image: Uint8Array): Promise<void> {
    const { channels } = this.options;
    const expected = channels * this.size.height * this.size.width;
    if (image.length !== expected)
      throw new DatasetError(
        'option-invalid',
        `image ${this.#images}: expected ${expected} bytes (${channels} channels of ${formatSize(this.size)}), got ${image.length}`,
      );
    const levels = imageLevels(image, channels, this.size);
    for (const [i, writer] of this.#levels.entries()) {
      const writing = writer.add(levels[i]!);
      if (writing) await writing;
    }
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
    let crc = 0;
    const handle = await open(join(this.folder.path, file), 'wx');
    try {
      for await (const part of Buffer.isBuffer(content) ? [content] : content) {
        const chunk = Buffer.from(part);
        hash.update(chunk);
        crc = crc32c(chunk, crc);
        bytes += chunk.length;
        await handle.writeFile(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    return { file, bytes, crc32c: formatCrc(crc), sha256: hash.digest('hex') };
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
      version: indexVersion,
      versions: { '@pggan/dataset': version, ...this.options.versions },
      name: this.name,
      images: this.#images,
      ...this.size,
      channels: this.options.channels,
      levels,
      labels: this.#labels,
      shuffleSeed: this.options.shuffleSeed ?? null,
      files: this.#files,
      source: this.options.source ?? {},
      settings: this.options.settings ?? {},
    };
    await this.#write(indexName, Buffer.from(formatIndex(index)));
    await this.folder.commit();
    return index;
  }

  async discard(): Promise<void> {
    for (const writer of this.#levels) await writer.abandon();
    await this.folder.discard();
  }
}
