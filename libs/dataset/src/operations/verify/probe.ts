/** What a level file holds, found out from the file itself, damaged or not. */
import { lstat, open, stat, type FileHandle } from 'node:fs/promises';
import { DatasetError } from '../../errors.js';
import { decodeExample, exampleFrame, type ImageShape } from '../../records/example.js';
import { framingBytes, headerBytes, openFrame, readLength } from '../../records/framing.js';
import { largestFrame, type RecordOffsets } from '../../records/level-file.js';
import { readAt } from '../../records/read-at.js';

/** Records that are tried for a shape. */
const recordsTried = 16;

export type Presence =
  | { readonly state: 'file'; readonly bytes: number }
  | { readonly state: 'missing' }
  | { readonly state: 'unreadable'; readonly why: string };

/** Whether `path` is a file that can be read; reading a pipe or a device might never end. */
export async function presence(path: string): Promise<Presence> {
  try {
    const status = await stat(path);
    if (status.isFile()) return { state: 'file', bytes: status.size };
    return { state: 'unreadable', why: status.isDirectory() ? 'is a folder' : 'is no file' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') return { state: 'unreadable', why: `cannot be read (${code})` };
    const link = await lstat(path).catch(() => undefined);
    return link ? { state: 'unreadable', why: 'is a link to nothing' } : { state: 'missing' };
  }
}

/** Bytes of a record as `TFRecordExporter` and the official tool write it. */
export function frameBytes(shape: ImageShape): number {
  const { before, after } = exampleFrame(shape);
  return framingBytes + before.length + shape[0] * shape[1] * shape[2] + after.length;
}

/** Where the whole records of a file lie. */
export interface Walk {
  readonly offsets: RecordOffsets;
  readonly count: number;
  readonly end: number; // of the last whole record, bytes
  readonly lost: boolean; // an unreadable header at `end` hides what follows
}

/** Length of the frame at `offset`, or undefined when its header is damaged or no image's. */
async function frameAt(handle: FileHandle, offset: number, bytes: number): Promise<number | undefined> {
  const header = await readAt(handle, offset, headerBytes);
  try {
    const length = readLength(header, { file: '', record: 0, offset }, Infinity) + framingBytes;
    return length <= largestFrame && offset <= bytes ? length : undefined;
  } catch (error) {
    if (error instanceof DatasetError) return undefined;
    throw error;
  }
}

function walkOf(recordBytes: number, bytes: number): Walk {
  const count = Math.floor(bytes / recordBytes);
  return { offsets: { recordBytes }, count, end: count * recordBytes, lost: false };
}

async function scan(handle: FileHandle, bytes: number): Promise<Walk> {
  const starts: number[] = [];
  for (let offset = 0; ;) {
    const length = offset < bytes ? await frameAt(handle, offset, bytes) : 0;
    if (length === undefined || length === 0 || offset + length > bytes) {
      const lost = length === undefined && bytes - offset >= headerBytes;
      return { offsets: { starts: Float64Array.from(starts) }, count: starts.length, end: offset, lost };
    }
    starts.push(offset);
    offset += length;
  }
}

/**
 * Records of one size if the file's size says so, or its first and last whole record do; otherwise as far as the
 * headers lead. `likely`: what to take the records for when the first header is damaged.
 */
export async function findRecords(
  path: string,
  bytes: number,
  likely?: ImageShape,
): Promise<Walk | undefined> {
  const handle = await open(path, 'r');
  try {
    const first = await frameAt(handle, 0, bytes);
    if (first === undefined) return likely && walkOf(frameBytes(likely), bytes);
    const walk = walkOf(first, bytes);
    if (walk.end === bytes) return walk;
    if (walk.count > 1 && (await frameAt(handle, walk.end - first, bytes)) === first) return walk;
    return await scan(handle, bytes);
  } finally {
    await handle.close();
  }
}

/** Shape of the first sound image among the first records, or undefined. */
export async function findShape(
  path: string,
  count: number,
  span: (record: number) => { readonly start: number; readonly end: number },
): Promise<ImageShape | undefined> {
  const handle = await open(path, 'r');
  try {
    for (let record = 0; record < Math.min(count, recordsTried); record++) {
      const { start, end } = span(record);
      try {
        const place = { file: path, record, offset: start };
        const payload = openFrame(await readAt(handle, start, end - start), place);
        return decodeExample(payload, () => path).shape;
      } catch (error) {
        if (!(error instanceof DatasetError)) throw error;
      }
    }
    return undefined;
  } finally {
    await handle.close();
  }
}
