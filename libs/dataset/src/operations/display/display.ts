/** Images of a dataset to look at: a contact sheet (PNG) and a page (HTML). */
import { basename, resolve } from 'node:path';
import { writeAtomic } from '@pggan/files';
import { z } from 'zod';
import { DatasetError } from '../../errors.js';
import { contactSheet } from '../../pipeline/sheet.js';
import type { TFRecordDataset } from '../../records/dataset.js';
import { formatSize } from '../../records/image-size.js';
import { displayPage, type PageImage } from './display-page.js';
import { checkSignal, sampleRecords, type OperationContext } from '../image-stream.js';
import { labelTexts } from './label-texts.js';
import { manifestEntries, recordsOf } from '../manifest-lines.js';
import { besideDataset, checkTarget } from '../output-file.js';
import { rawImage } from '../raw-image.js';
import { parseRequest, seedSchema } from '../request.js';
import { openSound, type LeftOut } from '../sound-levels.js';

/** Images up to this larger side are shown, unless a level is named. */
const shownSide = 256;
/** Images that are shown when nothing is said. */
const shownImages = 96;
/** All of them are in memory at a time. */
const mostPixels = 64 * 2 ** 20;

const whole = z.number().int();
const requestSchema = z.object({
  sheet: z.string().optional(), // PNG file to write
  page: z.string().optional(), // HTML file to write
  level: whole.optional(), // default: the largest up to 256 pixels
  records: z.array(whole.nonnegative()).min(1).optional(), // in this order; default: a sample
  sample: whole.positive().default(shownImages), // images
  seed: seedSchema.default(0), // of the sample
  columns: whole.positive().max(1000).optional(), // of the sheet; default: about a third more than rows
  labels: z.boolean().default(true), // names, and a filter, on the page
});
export type DisplayRequest = z.input<typeof requestSchema>;

/** Plain JSON. */
export interface Display {
  readonly directory: string;
  readonly level: number;
  readonly width: number; // of an image
  readonly height: number;
  readonly records: readonly number[];
  readonly columns: number; // of the sheet
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly damaged: readonly LeftOut[]; // other levels, which were not shown
}

function chooseLevel({ directory, levels }: TFRecordDataset, wanted: number | undefined) {
  const side = (level: number) => Math.max(...levels.get(level)!.shape.slice(1));
  const numbers = [...levels.keys()].sort((a, b) => b - a);
  const level = wanted ?? numbers.find((number) => side(number) <= shownSide) ?? numbers.at(-1)!;
  const found = levels.get(level);
  if (!found)
    throw new DatasetError(
      'option-invalid',
      `level: ${directory} has levels ${numbers.at(-1)} to ${numbers[0]}, got ${level}`,
    );
  const [, height, width] = found.shape;
  return { level, size: { width, height } };
}

/** Names of the pictures that the images were made from, where the manifest has them. */
async function sourcesOf(
  dataset: TFRecordDataset,
  wanted: ReadonlySet<number>,
): Promise<Map<number, string>> {
  const sources = new Map<number, string>();
  for await (const entry of manifestEntries(dataset))
    for (const record of recordsOf(entry))
      if (wanted.has(record))
        sources.set(record, record === entry.mirrored ? `${entry.path}, mirrored` : entry.path);
  return sources;
}

/**
 * Writes the sheet, the page, or both; each file appears whole, an older picture or page of the name is replaced.
 * @throws DatasetError `option-invalid`, `output-refused`, `interrupted`, those of `TFRecordDataset.open`
 */
export async function displayDataset(
  directory: string,
  request: DisplayRequest,
  { signal, onProgress }: OperationContext = {},
): Promise<Display> {
  const { sheet, page, sample, seed, ...options } = parseRequest(requestSchema, request);
  if (sheet === undefined && page === undefined)
    throw new DatasetError('option-invalid', 'display: expected a sheet or a page to write, got neither');
  const { dataset, damaged } = await openSound(directory, options.level ?? 'any');
  if (sheet !== undefined) await checkTarget(sheet, directory, 'png');
  if (page !== undefined) await checkTarget(page, directory, 'html');

  const { count, channels, index } = dataset;
  const records = options.records ?? [...sampleRecords(count, sample, seed)];
  const { level, size } = chooseLevel(dataset, options.level);
  const pixels = records.length * size.width * size.height;
  if (pixels > mostPixels)
    throw new DatasetError(
      'option-invalid',
      `${records.length} images of ${formatSize(size)} are too many to look at together; ` +
        `show at most ${Math.floor(mostPixels / (size.width * size.height))}, or a smaller level`,
    );
  const images = await dataset.images(level, records);
  const columns =
    options.columns ?? Math.ceil(Math.sqrt((records.length * 4 * size.height) / (3 * size.width)));
  const files: { path: string; bytes: number }[] = [];
  const write = async (path: string, content: Buffer) => {
    checkSignal(signal);
    await writeAtomic(path, content);
    files.push({ path, bytes: content.length });
  };

  if (sheet !== undefined)
    await write(
      sheet,
      await contactSheet(images, { columns: Math.min(columns, records.length), ...size, channels }),
    );
  if (page !== undefined) {
    const texts = dataset.labels && options.labels ? labelTexts(dataset.labels, count) : null;
    const sources = await sourcesOf(dataset, new Set(records));
    const imageBytes = images.length / records.length;
    const shown: PageImage[] = [];
    for (const [i, record] of records.entries()) {
      checkSignal(signal);
      const webp = await rawImage(images.subarray(i * imageBytes, (i + 1) * imageBytes), channels, size)
        .webp({ lossless: true })
        .toBuffer();
      const facts = [texts?.text(record) ?? '', sources.get(record) ?? ''].filter((text) => text !== '');
      const uri = `data:image/webp;base64,${webp.toString('base64')}`;
      shown.push({ record, uri, on: texts?.on(record) ?? [], facts: facts.join(' · ') });
      onProgress?.(i + 1, records.length);
    }
    const title = index?.name ?? basename(resolve(directory));
    const which =
      options.records || records.length === count
        ? `${records.length} shown`
        : `${records.length} shown, drawn with seed ${seed}`;
    const at = formatSize(size) === formatSize(dataset.size) ? '' : ` at ${formatSize(size)}`;
    const summary = `${count} images of ${formatSize(dataset.size)}, ${channels === 3 ? 'RGB' : 'gray'}; ${which}${at}`;
    const html = displayPage({ title, summary, ...size, labels: texts?.names ?? [], images: shown });
    await write(page, Buffer.from(html));
  }
  return { directory, level, ...size, records, columns, files, damaged };
}

/** `<dataset>.png` and `<dataset>.html` beside the dataset's folder. */
export function displayTargets(directory: string): { sheet: string; page: string } {
  return { sheet: besideDataset(directory, '.png'), page: besideDataset(directory, '.html') };
}
