/** Taking a few files out of a large wheel (a zip archive) without unpacking the rest. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { EngineError } from '../errors.js';
import { abortError } from './command.js';
import type { ReportProgress } from './progress.js';

export interface ExtractOptions {
  readonly wheel: string; //                               path of the archive
  readonly folder: string; //                              where `select`ed entries go, under their own names
  readonly select: (name: string) => boolean;
  readonly required?: readonly string[]; //                names that must be among them
  readonly report?: ReportProgress;
  readonly signal?: AbortSignal | undefined;
}

export interface ExtractedFile {
  readonly name: string; //  inside the archive and below `folder`
  readonly bytes: number;
}

/**
 * Streams the selected entries to disk, checks each one's length and CRC-32 and syncs it.
 * @throws EngineError `wheel-corrupt` for an archive that is cut, damaged or names a path outside `folder`
 */
export async function extractFromWheel(options: ExtractOptions): Promise<ExtractedFile[]> {
  const { wheel, folder, select, report, signal } = options;
  return reading(wheel, async (zip) => {
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('/') && select(entry.fileName)) entries.push(entry);
    }
    const missing = (options.required ?? []).filter(
      (name) => !entries.some((entry) => entry.fileName === name),
    );
    if (missing.length > 0) throw corrupt(wheel, `it holds no ${missing.join(' and no ')}`);
    const total = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
    let done = 0;
    const advance = (bytes: number) =>
      report?.({ step: 'unpacking', done: (done += bytes), total, unit: 'bytes' });
    for (const entry of entries) {
      if (signal?.aborted) throw abortError('unpacking');
      await extractEntry(zip, entry, insideOf(folder, entry.fileName, wheel), wheel, advance, signal);
    }
    return entries.map((entry) => ({ name: entry.fileName, bytes: entry.uncompressedSize }));
  });
}

/** The text of one small entry, or undefined when no name matches. */
export async function readFromWheel(
  wheel: string,
  select: (name: string) => boolean,
): Promise<string | undefined> {
  return reading(wheel, async (zip) => {
    for await (const entry of zip.eachEntry()) {
      if (!select(entry.fileName)) continue;
      const chunks: Buffer[] = [];
      for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    }
    return undefined;
  });
}

async function reading<T>(wheel: string, read: (zip: ZipFile) => Promise<T>): Promise<T> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(wheel, { autoClose: false, lazyEntries: true });
    return await read(zip);
  } catch (error) {
    // System errors (a full disk, a missing file) mean what they say; the rest is yauzl's or zlib's verdict on the bytes.
    if (error instanceof EngineError || isSystemError(error)) throw error;
    throw corrupt(wheel, (error as Error).message, error);
  } finally {
    zip?.close();
  }
}

async function extractEntry(
  zip: ZipFile,
  entry: Entry,
  path: string,
  wheel: string,
  advance: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  let sum = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      sum = crc32(chunk, sum);
      advance(chunk.length);
      next(null, chunk);
    },
  });
  const source = await zip.openReadStreamPromise(entry);
  try {
    await pipeline(source, check, createWriteStream(path, { flush: true }), { ...(signal && { signal }) });
  } catch (error) {
    if (signal?.aborted) throw abortError('unpacking');
    throw error;
  }
  if (sum !== entry.crc32) {
    throw corrupt(wheel, `${entry.fileName} has CRC ${hex(sum)}, expected ${hex(entry.crc32)}`);
  }
}

function insideOf(folder: string, name: string, wheel: string): string {
  const path = normalize(join(folder, name));
  if (!path.startsWith(normalize(folder) + sep))
    throw corrupt(wheel, `it names ${name}, outside its own folder`);
  return path;
}

function corrupt(wheel: string, why: string, cause?: unknown): EngineError {
  return new EngineError(
    'wheel-corrupt',
    `The wheel ${wheel} is damaged: ${why}. Download it again; if it persists, clear pip's cache (pip cache purge).`,
    { cause },
  );
}

const hex = (value: number) => value.toString(16).padStart(8, '0');

/** Whether the operating system said it, as opposed to zlib, whose codes also start with a Z. */
function isSystemError(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).syscall !== undefined;
}
