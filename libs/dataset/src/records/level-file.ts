/** A TFRecord file whose records are all images of one shape: a level of a dataset, or a shard of one. */
import { read } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
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
import { openPlain } from './plain-file.js';
import { readAt } from './read-at.js';

/** Largest frame of an image: 1024×1024 in colour, and some kilobytes. */
export const largestFrame = 3 * 1024 * 1024 + 65536;

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
    const length = readLength(header, place, bytes - offset) + framingBytes;
    checkFrame(length, place);
    offset += length;
  }
  return Float64Array.from(starts);
}

/** @throws DatasetError `record-invalid` before anybody allocates a frame of `length` bytes */
function checkFrame(length: number, place: RecordPlace): void {
  if (length > largestFrame)
    throw new DatasetError(
      'record-invalid',
      `${describePlace(place)} has ${length} bytes; images of up to 1024x1024 are known`,
    );
}

function checkStarts(starts: readonly number[], path: string, bytes: number): void {
  const wrong = starts.findIndex((start, i) => start <= (starts[i - 1] ?? -1) || start >= bytes);
  if (wrong < 0 && starts[0] === 0) {
    starts.forEach((offset, record) =>
      checkFrame((starts[record + 1] ?? bytes) - offset, { file: path, record, offset }),
    );
    return;
  }
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
  const handle = await openPlain(path);
  try {
    const bytes = (await handle.stat()).size;
    if (bytes === 0) throw new DatasetError('dataset-invalid', `${path}: is empty; expected image records`);
    const place = { file: path, record: 0, offset: 0 };
    const first = readLength(await readAt(handle, 0, headerBytes), place, bytes) + framingBytes;
    checkFrame(first, place);
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

/** Where a record lies in its file. */
export function recordSpan({ offsets, bytes }: LevelFile, record: number): { start: number; end: number } {
  if ('recordBytes' in offsets)
    return { start: record * offsets.recordBytes, end: (record + 1) * offsets.recordBytes };
  return { start: offsets.starts[record]!, end: offsets.starts[record + 1] ?? bytes };
}

/**
 * Pixels of a record, a view into `frame`, after both checksums.
 * @throws DatasetError `record-corrupt`, `record-invalid`
 */
export function recordPixels(file: LevelFile, record: number, frame: Buffer): Buffer {
  const place: RecordPlace = { file: file.path, record, offset: recordSpan(file, record).start };
  const { shape, data } = decodeExample(openFrame(frame, place), () => describePlace(place));
  const expected = file.shape;
  if (shape[0] !== expected[0] || shape[1] !== expected[1] || shape[2] !== expected[2])
    throw new DatasetError(
      'record-invalid',
      `${describePlace(place)} has shape [${shape}]; expected [${expected}] as in the first record`,
    );
  return data;
}

/** A file in memory. */
interface Resident {
  readonly bytes: Buffer;
  /** By record: where its pixels begin, once it was checked; 0 before. */
  readonly pixelsAt: Uint32Array;
}

async function readWhole({ path, bytes, count }: LevelFile): Promise<Resident> {
  const handle = await openPlain(path);
  try {
    return { bytes: await readAt(handle, 0, bytes), pixelsAt: new Uint32Array(count) };
  } finally {
    await handle.close();
  }
}

/** A minibatch is many small reads, for which the callback costs half of what a file handle's promise does. */
const readOnce = promisify(read);

/** What a file that ends early leaves out stays as it is, which the checksums tell. */
async function fill(handle: FileHandle, frame: Buffer, offset: number): Promise<void> {
  const { bytesRead } = await readOnce(handle.fd, frame, 0, frame.length, offset);
  if (bytesRead < frame.length) await readAt(handle, offset, frame.length, frame.fill(0));
}

/** Reads records of one file: each is checked every time that it is read from there, in memory once. */
export class LevelFileReader {
  #handle: Promise<FileHandle> | undefined;
  #resident: Promise<Resident> | undefined;

  constructor(readonly file: LevelFile) {}

  /** The file's bytes, read into memory once. */
  load(): Promise<Resident> {
    return (this.#resident ??= readWhole(this.file));
  }

  /**
   * Puts the pixels of `records[i]` at `slots[i]` images into `images`. `resident`: the whole file, where `load` has
   * read it; whoever has it needs no open file, so that reading that goes on after `close` opens none.
   */
  async readInto(
    records: readonly number[],
    images: Uint8Array,
    slots: readonly number[],
    resident: Resident | null,
  ): Promise<void> {
    const { shape } = this.file;
    const imageBytes = shape[0] * shape[1] * shape[2];
    if (resident) {
      const { bytes, pixelsAt } = resident;
      records.forEach((record, i) => {
        const at = (pixelsAt[record] ||= this.#findPixels(bytes, record));
        bytes.copy(images, slots[i]! * imageBytes, at, at + imageBytes);
      });
      return;
    }
    const handle = await this.#open();
    const spans = records.map((record) => recordSpan(this.file, record));
    const frames = Buffer.allocUnsafe(spans.reduce((sum, { start, end }) => sum + end - start, 0));
    let place = 0;
    await Promise.all(
      spans.map(async ({ start, end }, i) => {
        const frame = frames.subarray(place, (place += end - start));
        await fill(handle, frame, start);
        images.set(recordPixels(this.file, records[i]!, frame), slots[i]! * imageBytes);
      }),
    );
  }

  /** Frees file and memory; reading again opens the file again. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#resident = undefined;
    await (await handle)?.close();
  }

  #findPixels(bytes: Buffer, record: number): number {
    const { start, end } = recordSpan(this.file, record);
    return recordPixels(this.file, record, bytes.subarray(start, end)).byteOffset - bytes.byteOffset;
  }

  #open(): Promise<FileHandle> {
    return (this.#handle ??= openPlain(this.file.path));
  }
}
