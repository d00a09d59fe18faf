/** Files and folders that others made: found, measured, and read within limits. */
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError } from '../errors.js';
import { readAt } from '../records/read-at.js';

export interface InputFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly size: number; // bytes
}

export interface FolderEntry {
  readonly name: string;
  readonly folder: boolean; // otherwise a plain file
}

/** One read of Node takes no more. */
export const largestRead = 2 ** 31 - 1;

const missing = (path: string, error: unknown, wanted: string) =>
  new DatasetError(
    'source-missing',
    `${path}: cannot be read (${(error as NodeJS.ErrnoException).code}); expected ${wanted}`,
  );

/** @throws DatasetError `source-missing` when it is neither; `wanted` says what the path should name */
export async function kindOfPath(path: string, wanted: string): Promise<'file' | 'folder'> {
  const found = await stat(path).catch((error: unknown) => {
    throw missing(path, error, wanted);
  });
  if (found.isDirectory()) return 'folder';
  if (found.isFile()) return 'file';
  throw new DatasetError('source-missing', `${path}: neither a file nor a folder; expected ${wanted}`);
}

/** Files and folders in a folder by name, code unit by code unit; links followed, hidden ones left out. */
export async function listFolder(folder: string): Promise<FolderEntry[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw missing(folder, error, 'a folder');
  });
  const entries: FolderEntry[] = [];
  for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    // A link to nothing counts as none.
    const kind = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => null) : entry;
    if (kind?.isDirectory() || kind?.isFile()) entries.push({ name: entry.name, folder: kind.isDirectory() });
  }
  return entries;
}

/** A plain file only: a pipe or a device could keep us waiting, or never end. */
export async function openInput(path: string, wanted: string): Promise<InputFile> {
  if ((await kindOfPath(path, wanted)) !== 'file')
    throw new DatasetError('source-missing', `${path}: is a folder; expected ${wanted}`);
  const handle = await open(path).catch((error: unknown) => {
    throw missing(path, error, wanted);
  });
  try {
    return { path, handle, size: (await handle.stat()).size };
  } catch (error) {
    await handle.close();
    throw missing(path, error, wanted);
  }
}

/**
 * Exactly `length` bytes from `offset`; the caller has checked that they lie in the file.
 * @throws DatasetError `source-changed`
 */
export async function readExactly(file: InputFile, offset: number, length: number): Promise<Buffer> {
  const bytes = await readAt(file.handle, offset, length).catch((error: unknown) => {
    throw missing(file.path, error, 'a readable file');
  });
  if (bytes.length !== length)
    throw new DatasetError(
      'source-changed',
      `${file.path}: has become shorter: ${bytes.length} bytes at ${offset} where there were ${length}`,
    );
  return bytes;
}

/** The first `length` bytes, or all of a shorter file; empty for what cannot be read. For guessing only. */
export async function firstBytes(path: string, length: number): Promise<Buffer> {
  const file = await openInput(path, 'a file').catch(() => null);
  if (!file) return Buffer.alloc(0);
  try {
    return await readExactly(file, 0, Math.min(length, file.size));
  } catch {
    return Buffer.alloc(0);
  } finally {
    await file.handle.close();
  }
}

/** @throws DatasetError `source-missing`, `source-invalid` when it has more than `limit` bytes */
export async function readInput(path: string, wanted: string, limit: number): Promise<Buffer> {
  const file = await openInput(path, wanted);
  try {
    if (file.size > limit)
      throw new DatasetError(
        'source-invalid',
        `${path}: has ${file.size} bytes; expected ${wanted} of at most ${limit}`,
      );
    return await readExactly(file, 0, file.size);
  } finally {
    await file.handle.close();
  }
}
