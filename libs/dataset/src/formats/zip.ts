/** Zip archives: the list of members by yauzl, and one member at a time from anywhere in the file. */
import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader, type Entry } from 'yauzl';
import { DatasetError } from '../errors.js';
import { readAt } from '../records/read-at.js';
import { SourcePictureError } from '../sources/source.js';

const inflate = promisify(inflateRaw);

/** Where the bytes of a member are. */
export interface ZipMember {
  readonly offset: number; // of its local header
  readonly stored: number; // bytes in the archive
  readonly size: number; // bytes unpacked, as the list says
  readonly crc: number; // CRC-32 of those
  readonly method: number; // of compression: 0 none, 8 deflate
  readonly encrypted: boolean;
}

export interface ZipEntry {
  readonly name: string; // '/' between folders; not yet checked for where it points
  readonly kind: 'file' | 'folder' | 'other';
  readonly member: ZipMember;
}

const localHeader = { length: 30, signature: 0x04034b50 };
const listHeaderSignature = 0x02014b50;

/**
 * yauzl's own reader leaves positions beyond 2^53 to Node, which throws where nobody catches. This one checks
 * them, and reads ahead: the list is walked 46 bytes at a time.
 */
class CheckedReader extends RandomAccessReader {
  #window: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(
    private readonly handle: FileHandle,
    private readonly size: number,
  ) {
    super();
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    const from = position - this.#start;
    if (from >= 0 && from + length <= this.#window.length) {
      this.#window.copy(buffer, offset, from, from + length);
      callback(null, length);
    } else if (!(position >= 0 && position + length <= this.size)) {
      callback(new Error(`${length} bytes at byte ${position} of ${this.size}`));
    } else
      readAt(this.handle, position, Math.min(Math.max(length, 65_536), this.size - position)).then(
        (window) => {
          this.#window = window;
          this.#start = position;
          callback(null, window.copy(buffer, offset, 0, length));
        },
        callback,
      );
  }
}

/**
 * Members in the order of the list at the archive's end; their number is bounded by the size of the file.
 * @throws DatasetError `source-invalid`
 */
export async function* zipEntries(handle: FileHandle, size: number, file: string): AsyncGenerator<ZipEntry> {
  const invalid = (what: string, cause?: unknown) =>
    new DatasetError('source-invalid', `${file}: is no sound zip archive (${what}); fetch or pack it again`, {
      cause,
    });
  const reader = new CheckedReader(handle, size);
  try {
    const zip = await fromRandomAccessReaderPromise(reader, size, {
      autoClose: false, // the handle is the caller's
      decodeStrings: false,
      validateEntrySizes: false, // a member that lies about its size is no reason to refuse the others
    });
    for await (const entry of zip.eachEntry()) yield entryOf(entry);
    // A count beyond 65535 that was written without zip64 wraps around: yauzl stops early then.
    const end = zip.readEntryCursor as unknown as number; // its type says boolean
    const next = end + 4 <= size ? await readAt(handle, end, 4) : Buffer.alloc(4);
    if (next.readUInt32LE() === listHeaderSignature)
      throw invalid(`its list goes on after the ${zip.entryCount} members it counts`);
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    throw invalid((error as Error).message, error);
  }
}

function entryOf(entry: Entry): ZipEntry {
  const name = nameOf(entry);
  const unixMode = entry.versionMadeBy >> 8 === 3 ? entry.externalFileAttributes >>> 16 : 0;
  const regular = (unixMode & 0o170000) === 0 || (unixMode & 0o170000) === 0o100000;
  return {
    name,
    kind: name.endsWith('/') ? 'folder' : regular ? 'file' : 'other',
    member: {
      offset: entry.relativeOffsetOfLocalHeader,
      stored: entry.compressedSize,
      size: entry.uncompressedSize,
      crc: entry.crc32,
      method: entry.compressionMethod,
      encrypted: entry.isEncrypted(),
    },
  };
}

/** Names are CP437 unless marked as UTF-8; macOS writes UTF-8 without the mark. */
function nameOf({ fileNameRaw, generalPurposeBitFlag, extraFields }: Entry): string {
  const flags = generalPurposeBitFlag | (isUtf8(fileNameRaw) ? 0x800 : 0);
  return getFileNameLowLevel(flags, fileNameRaw, extraFields, false);
}

/**
 * The unpacked bytes of a member, as many as its list entry says and with the right CRC-32. `most` bounds
 * what is allocated for them.
 * @throws SourcePictureError
 */
export async function readZipMember(
  handle: FileHandle,
  fileSize: number,
  member: ZipMember,
  most: number,
): Promise<Buffer> {
  const { offset, stored, size, method } = member;
  const unreadable = (what: string) => new SourcePictureError('unreadable', what);
  if (member.encrypted) throw unreadable('encrypted in the archive; unpack it with the password first');
  if (method !== 0 && method !== 8)
    throw unreadable(`compression method ${method} of the archive is not read, only 0 and 8 (deflate)`);
  if (size > most) throw new SourcePictureError('too-large', `${size} bytes, most is ${most}`);
  // Deflate adds a few bytes per block; anything else that is longer than what it unpacks to is a lie.
  if (method === 0 ? stored !== size : stored > size + size / 16 + 65_536)
    throw unreadable(`${stored} bytes in the archive cannot be ${size} bytes unpacked`);

  const noHeader = `no member begins at byte ${offset} of the archive`;
  if (offset + localHeader.length > fileSize) throw unreadable(noHeader);
  const header = await readAt(handle, offset, localHeader.length);
  if (header.length < localHeader.length || header.readUInt32LE(0) !== localHeader.signature)
    throw unreadable(noHeader);
  const start = offset + localHeader.length + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + stored > fileSize)
    throw unreadable(`${stored} bytes at byte ${start} reach beyond the archive's ${fileSize}`);
  const packed = await readAt(handle, start, stored);
  const bytes = method === 0 ? packed : await inflated(packed, size);
  if (bytes.length !== size) throw unreadable(`unpacks to ${bytes.length} bytes, ${size} were announced`);
  if (crc32(bytes) !== member.crc) throw unreadable('its CRC-32 is not the one in the archive');
  return bytes;
}

async function inflated(packed: Buffer, size: number): Promise<Buffer> {
  const chunkSize = Math.min(Math.max(size, 1024), 2 ** 20);
  return inflate(packed, { maxOutputLength: Math.max(size, 1), chunkSize }).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    const what =
      code === 'ERR_BUFFER_TOO_LARGE' ? `unpacks to more than the ${size} bytes announced` : message;
    throw new SourcePictureError('unreadable', what);
  });
}
