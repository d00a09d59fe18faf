/** The pictures of a zip or tar archive, read where they lie; a gzipped tar is unpacked to the scratch folder. */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { systemReason } from '@pggan/files';
import { DatasetError } from '../errors.js';
import { isTarHeader, tarEntries } from '../formats/tar.js';
import { readZipMember, zipEntries, type ZipMember } from '../formats/zip.js';
import { readAt } from '../records/read-at.js';
import {
  byCodeUnit,
  expectedPictures,
  isHidden,
  isPictureName,
  largestPicture,
  memberPath,
} from './picture-names.js';
import { SourcePictureError, type SourceKind } from './source.js';

export type ArchiveFormat = 'zip' | 'tar' | 'tar.gz';

/** An archive's pictures, sorted as the same folder unpacked would be. */
export interface Archive {
  readonly paths: readonly string[]; // inside the archive
  readonly others: number; // members that are no pictures, links, names that point out of it, replaced members
  /** @throws SourcePictureError, DatasetError `source-changed` */
  read(i: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Where a member lies: in a zip as its list says, in a tar as it is. */
type Place = ZipMember | { readonly offset: number; readonly size: number };

/** Strings and maps of more are beyond what one process can hold. */
const mostMembers = 2 ** 24;

/** By its first bytes; undefined when they are those of no archive we read. */
export async function archiveFormat(file: string): Promise<ArchiveFormat | undefined> {
  const handle = await open(file);
  try {
    const head = await readAt(handle, 0, 4096);
    // PK 3 4 begins a member, PK 5 6 the list of an archive without members.
    if (/^PK(\x03\x04|\x05\x06)/.test(head.toString('latin1', 0, 4))) return 'zip';
    if (isTarHeader(head)) return 'tar';
    if (head.length > 2 && head[0] === 0x1f && head[1] === 0x8b && isTarHeader(beginningOf(head)))
      return 'tar.gz';
    return undefined;
  } finally {
    await handle.close();
  }
}

function beginningOf(gzipped: Buffer): Buffer {
  try {
    return gunzipSync(gzipped, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}

function unreachable(file: string, error: unknown): DatasetError {
  return new DatasetError('source-missing', `${file}: cannot be read (${systemReason(error)})`, {
    cause: error,
  });
}

/**
 * `unpacked`: name of the file a gzipped tar is unpacked to; it goes when the archive is closed.
 * @throws DatasetError `source-missing`, `source-invalid`, `output-failed` when there is no room to unpack
 */
export async function openArchive(file: string, unpacked: string): Promise<Archive> {
  const found = await stat(file).catch((error: unknown) => {
    throw unreachable(file, error);
  });
  // Opening a pipe would wait for somebody to write to it.
  if (!found.isFile()) throw new DatasetError('source-missing', `${file}: is not a file; name an archive`);
  const format = await archiveFormat(file).catch((error: unknown) => {
    throw unreachable(file, error);
  });
  if (!format)
    throw new DatasetError(
      'source-invalid',
      `${file}: is no archive we read (its first bytes are not those of zip, tar or gzipped tar); unpack it, or move it away`,
    );
  if (format !== 'tar.gz') return indexed(file, format === 'zip');
  await unpack(file, unpacked);
  const remove = () => rm(unpacked, { force: true });
  try {
    return { ...(await indexed(unpacked, false, file)), close: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Pictures are compressed already; a bomb of zeros has a thousand bytes for one. */
const largestRatio = 50;

async function unpack(file: string, unpacked: string): Promise<void> {
  try {
    const most = Math.max(2 ** 30, largestRatio * (await stat(file)).size);
    const counter = async function* (chunks: AsyncIterable<Buffer>) {
      let bytes = 0;
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > most)
          throw new DatasetError(
            'source-invalid',
            `${file}: unpacks to more than ${most} bytes, which no pictures do; unpack it yourself and name the folder`,
          );
        yield chunk;
      }
    };
    const gunzip = createGunzip({ chunkSize: 2 ** 18 });
    await pipeline(createReadStream(file), gunzip, counter, createWriteStream(unpacked));
  } catch (error) {
    await rm(unpacked, { force: true }).catch(() => undefined); // what went wrong first is what is told
    if (error instanceof DatasetError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_'))
      throw new DatasetError(
        'source-invalid',
        `${file}: is no sound gzip file (${message}); fetch it again`,
        {
          cause: error,
        },
      );
    throw new DatasetError(
      'output-failed',
      `${file}: cannot be unpacked to ${unpacked} (${message}); make room there, or unpack it yourself and name the folder`,
      { cause: error },
    );
  }
}

async function openChecked(file: string, seen?: { size: number; mtimeMs: number }): Promise<FileHandle> {
  const handle = await open(file).catch((error: unknown) => {
    throw seen ? changed(file) : unreachable(file, error);
  });
  const now = await handle.stat();
  if (!seen || (now.size === seen.size && now.mtimeMs === seen.mtimeMs)) return handle;
  await handle.close();
  throw changed(file);
}

function changed(file: string): DatasetError {
  return new DatasetError(
    'source-changed',
    `${file}: is gone or not what it was when the build began; run the same command again when nobody changes the source`,
  );
}

/** `name`: how messages call the file. */
async function indexed(file: string, zip: boolean, name = file): Promise<Archive> {
  const places = new Map<string, Place>();
  let others = 0;
  const handle = await openChecked(file);
  const seen = await handle.stat();
  try {
    const list = (path: string | undefined, place: Place | undefined) => {
      if (path !== undefined && isHidden(path)) return;
      // Of equal names the last one stays, as when unpacking.
      if (path === undefined || place === undefined || !isPictureName(path) || places.has(path)) others++;
      if (path === undefined || place === undefined || !isPictureName(path)) return;
      places.set(path, place);
      if (places.size > mostMembers)
        throw new DatasetError(
          'source-invalid',
          `${name}: more than ${mostMembers} pictures; pack several archives`,
        );
    };
    if (zip) {
      for await (const { name: member, kind, member: place } of zipEntries(handle, seen.size, name))
        if (kind !== 'folder') list(memberPath(member), kind === 'file' ? place : undefined);
    } else {
      for await (const { name: member, kind, target, offset, size } of tarEntries(handle, seen.size, name)) {
        const linked = kind === 'hard-link' ? places.get(memberPath(target) ?? '') : undefined;
        if (kind !== 'folder') list(memberPath(member), kind === 'file' ? { offset, size } : linked);
      }
    }
  } finally {
    await handle.close();
  }
  const paths = [...places.keys()].sort(byCodeUnit);
  const sorted = paths.map((path) => places.get(path)!);
  places.clear();

  return {
    paths,
    others,
    async read(i) {
      const place = sorted[i]!;
      if (place.size > largestPicture)
        throw new SourcePictureError('too-large', `${place.size} bytes, most is ${largestPicture}`);
      // Opened for each picture, so that a folder of any number of archives needs one file at a time.
      const reading = await openChecked(file, seen);
      try {
        if ('crc' in place) return await readZipMember(reading, seen.size, place, largestPicture);
        return await readAt(reading, place.offset, place.size);
      } catch (error) {
        if (error instanceof SourcePictureError) throw error;
        throw new SourcePictureError('unreadable', (error as NodeJS.ErrnoException).code ?? 'cannot be read');
      } finally {
        await reading.close();
      }
    },
    close: () => Promise.resolve(),
  };
}

export const archive: SourceKind = {
  kind: 'archive',
  summary: 'a .zip, .tar or .tar.gz of pictures, with or without folders inside',
  defaults: {},
  async recognises(path) {
    const found = await stat(path).catch(() => undefined);
    return Boolean(found?.isFile() && (await archiveFormat(path).catch(() => undefined)));
  },
  async open({ path, scratch }) {
    const { paths, others, read, close } = await openArchive(path, join(scratch, 'archive-0.tar'));
    if (paths.length === 0) {
      await close();
      throw new DatasetError(
        'source-empty',
        `${path}: holds no pictures (${others} other members); expected ${expectedPictures}`,
      );
    }
    return {
      count: paths.length,
      others,
      path: (i) => paths[i]!,
      read: async (i) => ({ kind: 'file', bytes: await read(i) }),
      labels: null,
      landmarks: null,
      close,
    };
  },
};
