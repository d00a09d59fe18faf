/** The images of a dataset as picture files (facts 7.3). */
import { open, readdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import PQueue from 'p-queue';
import sharp from 'sharp';
import { z } from 'zod';
import { DatasetError } from '../../errors.js';
import type { TFRecordDataset } from '../../records/dataset.js';
import type { ImageSize } from '../../records/image-size.js';
import { LevelReader } from '../../records/level.js';
import { encodeNpy } from '../../records/npy.js';
import { explainOutput, OutputFolder } from '../../records/output-folder.js';
import type { Labels } from '../../records/reader.js';
import { imagesOf, type OperationContext } from '../image-stream.js';
import { formatLabelCsv } from './label-file.js';
import { parseRequest } from '../request.js';
import { openSound, type LeftOut } from '../sound-levels.js';

export const pictureFormats = ['png', 'jpeg', 'webp'] as const;
export type PictureFormat = (typeof pictureFormats)[number];

export interface ExtractRequest {
  readonly format?: PictureFormat; // default png
  readonly level?: number; // log2 of the larger side; default: the largest
  readonly range?: { readonly start: number; readonly end: number }; // records, before `end`; default all
  readonly npy?: boolean; // images.npy besides, uint8 [images, channels, height, width]; default false
  readonly workers?: number; // pictures encoded at a time; default: number of cores
}

export interface ExtractSummary {
  readonly out: string;
  readonly images: number;
  readonly size: ImageSize;
  readonly channels: number;
  readonly format: PictureFormat;
  readonly labels: string | null; // names of the files
  readonly npy: string | null;
  readonly damaged: readonly LeftOut[]; // other levels, which were not needed
}

const requestSchema = z.object({
  format: z.enum(pictureFormats).default('png'),
  level: z.number().int().optional(),
  range: z.object({ start: z.number().int().nonnegative(), end: z.number().int() }).optional(),
  npy: z.boolean().default(false),
  workers: z.number().int().positive().optional(),
});

const extensions: Record<PictureFormat, string> = { png: 'png', jpeg: 'jpg', webp: 'webp' };

/** Number of the record, eight digits, as the official tool names them. */
function pictureName(record: number, format: PictureFormat): string {
  return `img${String(record).padStart(8, '0')}.${extensions[format]}`;
}

/** uint8 CHW → a picture file. PNG and WebP keep every pixel; JPEG has quality 95 and full colour resolution. */
async function encode(
  pixels: Uint8Array,
  [channels, height, width]: readonly [number, number, number],
  format: PictureFormat,
): Promise<Buffer> {
  const plane = height * width;
  const interleaved = Buffer.allocUnsafe(pixels.length);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < plane; i++) interleaved[i * channels + c] = pixels[c * plane + i]!;
  const raw = sharp(interleaved, { raw: { width, height, channels: channels as 1 | 3 } });
  // Gray stays one channel, where the format has such pictures.
  const image = channels === 1 && format !== 'webp' ? raw.toColourspace('b-w') : raw;
  if (format === 'png') return image.png().toBuffer();
  if (format === 'webp') return image.webp({ lossless: true }).toBuffer();
  return image.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
}

/** Header of a uint8 array; as long as that of a float32 array of the same shape. */
function bytesHeader(shape: readonly number[]): Buffer {
  const header = encodeNpy(new Float32Array(), shape);
  header.write('|u1', header.indexOf('<f4'), 'latin1');
  return header;
}

async function refuseContents(out: string): Promise<void> {
  const entries = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    const why = error.code === 'ENOTDIR' ? 'is a file' : `cannot be read (${error.code})`;
    throw new DatasetError('output-refused', `${out}: ${why}; choose another output folder`);
  });
  if (entries.length > 0)
    throw new DatasetError(
      'output-refused',
      `${out}: holds ${entries.length} entries; pictures go to a new or an empty folder`,
    );
}

function chooseRecords(count: number, range: ExtractRequest['range']): Int32Array {
  const { start, end } = range ?? { start: 0, end: count };
  if (end <= start || end > count)
    throw new DatasetError(
      'option-invalid',
      `range: expected 0 <= start < end <= ${count} records, got ${start} to ${end}`,
    );
  return Int32Array.from({ length: end - start }, (_, i) => start + i);
}

function chooseLevel(dataset: TFRecordDataset, level: number | undefined) {
  const numbers = [...dataset.levels.keys()].sort((a, b) => a - b);
  const chosen = dataset.levels.get(level ?? numbers.at(-1)!);
  if (chosen) return chosen;
  throw new DatasetError(
    'option-invalid',
    `level: expected ${numbers[0]}…${numbers.at(-1)} (log2 of the larger side), got ${level}`,
  );
}

/**
 * Writes one picture per record, named by its number, `labels.csv` if there are labels, and `images.npy` on request.
 * The folder appears complete or not at all.
 * @throws DatasetError `output-refused` unless `out` is new or empty, `option-invalid`, `interrupted`, and those of the dataset
 */
export async function extractDataset(
  directory: string,
  out: string,
  request: ExtractRequest = {},
  context: OperationContext = {},
): Promise<ExtractSummary> {
  const { format, npy, ...checked } = parseRequest(requestSchema, request);
  const { dataset, damaged } = await openSound(directory, checked.level ?? 'largest');
  const level = chooseLevel(dataset, checked.level);
  const records = chooseRecords(level.count, checked.range);
  await refuseContents(out);

  const advice = 'free some space or choose another --out; nothing was left there';
  const folder = await OutputFolder.create(out).catch((error: unknown) => {
    throw explainOutput(error, out, advice);
  });
  try {
    await writePictures(folder.path, new LevelReader(level, 0), records, {
      ...context,
      format,
      npy,
      ...checked,
    });
    if (dataset.labels) await writeLabels(folder.path, dataset.labels, records, format);
    await refuseContents(out);
    await folder.commit();
  } catch (error) {
    await folder.discard();
    throw explainOutput(error, out, advice);
  }
  const [channels, height, width] = level.shape;
  return {
    out: folder.out,
    images: records.length,
    size: { width, height },
    channels,
    format,
    labels: dataset.labels ? labelsName : null,
    npy: npy ? npyName : null,
    damaged,
  };
}

const labelsName = 'labels.csv';
const npyName = 'images.npy';

interface PictureContext extends OperationContext {
  readonly format: PictureFormat;
  readonly npy: boolean;
  readonly workers?: number | undefined;
}

async function writePictures(
  directory: string,
  reader: LevelReader,
  records: Int32Array,
  { format, npy, workers = availableParallelism(), signal, onProgress }: PictureContext,
): Promise<void> {
  const { shape } = reader.level;
  const queue = new PQueue({ concurrency: workers });
  const array = npy ? await open(join(directory, npyName), 'wx') : undefined;
  let failure: { readonly error: unknown } | undefined;
  let done = 0;
  try {
    await array?.writeFile(bytesHeader([records.length, ...shape]));
    for await (const { record, pixels } of imagesOf(reader, records, signal)) {
      await array?.writeFile(pixels);
      void queue
        .add(async () =>
          writeFile(join(directory, pictureName(record, format)), await encode(pixels, shape, format)),
        )
        .then(() => onProgress?.(++done, records.length))
        .catch((error: unknown) => (failure ??= { error }));
      // Reading must not run away from encoding.
      await queue.onSizeLessThan(workers);
      if (failure) break;
    }
    await queue.onIdle();
    await array?.sync();
  } finally {
    queue.clear();
    await queue.onIdle();
    await array?.close();
    await reader.close();
  }
  if (failure) throw failure.error;
}

async function writeLabels(
  directory: string,
  labels: Labels,
  records: Int32Array,
  format: PictureFormat,
): Promise<void> {
  const rows = Array.from(records, (record) => ({
    path: pictureName(record, format),
    row: labels.data.subarray(record * labels.components, (record + 1) * labels.components),
  }));
  await writeFile(join(directory, labelsName), formatLabelCsv(rows, labels));
}
