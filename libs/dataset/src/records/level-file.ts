/** One level of a dataset: a TFRecord file whose records are all images of one shape. */
import { open, type FileHandle } from 'node:fs/promises';
import { DatasetError } from '../errors.js';
import { decodeExample, type ImageShape } from './example.js';
import {
  describePlace,
  framingBytes,
  headerBytes,
  openFrame,
  readLength,
  type RecordPlace,
} from './framing.js';
import { readAt } from './read-at.js';

/** Files up to this size are kept in memory by a reader: 64×64 colour, 20000 images. */
export const residentBytes = 256 * 2 ** 20;

/** Largest frame that is read while looking for a shape: a 1024×1024 colour image and some kilobytes. */
const largestFrame = 3 * 1024 * 1024 + 65536;

/** Where the records of a file start. */
export type RecordOffsets = { readonly recordBytes: number } | { readonly starts: Float64Array };

export interface LevelFile {
  readonly path: string;
  readonly bytes: number;
  readonly count: number;
  readonly shape: ImageShape;
  readonly offsets: RecordOffsets;
}

/** Starts of all records from their headers alone. @throws DatasetError `record-corrupt` */
async function scanStarts(handle: FileHandle, path: string, bytes: number): Promise<Float64Array> {
  const starts: number[] = [];
  for (let offset = 0; offset < bytes;) {
    starts.push(offset);
    const header = await readAt(handle, offset, headerBytes);
    const place = { file: path, record: starts.length - 1, offset };
    offset += readLength(header, place, bytes - offset) + framingBytes;
  }
  return Float64Array.from(starts);
}

function checkStarts(starts: readonly number[], path: string, bytes: number): void {
  const wrong = starts.findIndex((start, i) => start <= (starts[i - 1] ?? -1) || start >= bytes);
  if (wrong < 0 && starts[0] === 0) return;
  throw new DatasetError(
    'dataset-invalid',
    `${path}: the index places record ${Math.max(0, wrong)} at byte ${starts[Math.max(0, wrong)]}; expected rising offsets below ${bytes}`,
  );
}

/**
 * Opens, looks at the first record and closes. Without an index the records are taken to be of one
 * size when the file's size is a multiple of the first one's; otherwise all headers are read.
 * @throws DatasetError `record-corrupt`, `record-invalid`, `dataset-invalid`
 */
export async function inspectLevelFile(path: string, starts?: readonly number[]): Promise<LevelFile> {
  const handle = await open(path, 'r');
  try {
    const bytes = (await handle.stat()).size;
    if (bytes === 0) throw new DatasetError('dataset-invalid', `${path}: is empty; expected image records`);
    const place = { file: path, record: 0, offset: 0 };
    const first = readLength(await readAt(handle, 0, headerBytes), place, bytes) + framingBytes;
    if (first > largestFrame)
      throw new DatasetError(
        'record-invalid',
        `${describePlace(place)} has ${first} bytes; images of up to 1024x1024 are known`,
      );
    const payload = openFrame(await readAt(handle, 0, first), place);
    const { shape } = decodeExample(payload, () => describePlace(place));
    if (starts || bytes % first !== 0) {
      if (starts) checkStarts(starts, path, bytes);
      const all = starts ? Float64Array.from(starts) : await scanStarts(handle, path, bytes);
      return { path, bytes, count: all.length, shape, offsets: { starts: all } };
    }
    return { path, bytes, count: bytes / first, shape, offsets: { recordBytes: first } };
  } finally {
    await handle.close();
  }
}

/** Random access to the images of one level; every record is checked each time it is read. */
export class LevelReader {
  readonly imageBytes: number;
  #handle: Promise<FileHandle> | undefined;
  #resident: Promise<Buffer> | undefined;

  constructor(
    readonly file: LevelFile,
    private readonly memoryLimit = residentBytes,
  ) {
    this.imageBytes = file.shape[0] * file.shape[1] * file.shape[2];
  }

  /**
   * uint8 images, CHW, one after the other.
   * @throws DatasetError `record-corrupt`, `record-invalid`
   */
  async read(indices: Int32Array): Promise<Uint8Array> {
    const images = new Uint8Array(indices.length * this.imageBytes);
    if (this.file.bytes <= this.memoryLimit) {
      const bytes = await (this.#resident ??= this.#load());
      indices.forEach((record, i) => {
        const { start, end } = this.#span(record);
        this.#decode(bytes.subarray(start, end), record, images, i);
      });
      return images;
    }
    const handle = await (this.#handle ??= open(this.file.path, 'r'));
    await Promise.all(
      Array.from(indices, async (record, i) => {
        const { start, end } = this.#span(record);
        this.#decode(await readAt(handle, start, end - start), record, images, i);
      }),
    );
    return images;
  }

  /** Frees file and memory; reading again opens the file again. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#resident = undefined;
    await (await handle)?.close();
  }

  async #load(): Promise<Buffer> {
    const handle = await open(this.file.path, 'r');
    try {
      return await readAt(handle, 0, this.file.bytes);
    } finally {
      await handle.close();
    }
  }

  #span(record: number): { start: number; end: number } {
    const { offsets, bytes } = this.file;
    if ('recordBytes' in offsets)
      return { start: record * offsets.recordBytes, end: (record + 1) * offsets.recordBytes };
    return { start: offsets.starts[record]!, end: offsets.starts[record + 1] ?? bytes };
  }

  #decode(frame: Buffer, record: number, images: Uint8Array, slot: number): void {
    const place: RecordPlace = { file: this.file.path, record, offset: this.#span(record).start };
    const { shape, data } = decodeExample(openFrame(frame, place), () => describePlace(place));
    const expected = this.file.shape;
    if (shape[0] !== expected[0] || shape[1] !== expected[1] || shape[2] !== expected[2])
      throw new DatasetError(
        'record-invalid',
        `${describePlace(place)} has shape [${shape}]; expected [${expected}] as in the first record`,
      );
    images.set(data, slot * this.imageBytes);
  }
}
