/** Tar archives (ustar, GNU, pax): the list of members with their places, so that each can be read alone. */
import type { FileHandle } from 'node:fs/promises';
import { DatasetError } from '../errors.js';
import { readAt } from '../records/read-at.js';

export interface TarEntry {
  readonly name: string; // not yet checked for where it points
  readonly kind: 'file' | 'hard-link' | 'folder' | 'other';
  readonly target: string; // of a link
  readonly offset: number; // of the content, in the archive
  readonly size: number; // bytes of content
}

const block = 512;
/** Longest extended header; names are a few hundred bytes. */
const longestHeader = 2 ** 20;

/** What extended headers say about the member that follows them. */
interface Extended {
  path?: string;
  linkpath?: string;
  size?: number;
}

/** Whether the 512 bytes are a member's header: they carry their own checksum. */
export function isTarHeader(header: Buffer): boolean {
  if (header.length < block || header[0] === 0) return false;
  // Its own eight bytes count as blanks. Old archives were summed with signed bytes.
  let [unsigned, signed] = [8 * 32, 8 * 32];
  for (let i = 0; i < block; i++) {
    if (i >= 148 && i < 156) continue;
    unsigned += header[i]!;
    signed += (header[i]! << 24) >> 24;
  }
  const sum = numberAt(header, 148, 8);
  return sum === unsigned || sum === signed;
}

/** Octal text, or with the high bit set a big-endian number; undefined when it is neither. */
function numberAt(header: Buffer, start: number, length: number): number | undefined {
  const field = header.subarray(start, start + length);
  if (field[0]! & 0x80) {
    let value = field[0]! & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const text = textOf(field).trim();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text || '0', 8) : undefined;
}

/** Up to the first zero byte. */
function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Records `LENGTH KEY=VALUE\n`, the length counting itself. Undefined when they do not add up. */
function parsePax(bytes: Buffer): Map<string, string> | undefined {
  const records = new Map<string, string>();
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(0x20, start);
    const digits = space < 0 ? '' : bytes.toString('latin1', start, Math.min(space, start + 9));
    const end = start + Number(/^\d+$/.test(digits) ? digits : NaN);
    if (!(end > space + 1 && end <= bytes.length) || bytes[end - 1] !== 0x0a) return undefined;
    const equals = bytes.indexOf(0x3d, space + 1);
    if (equals < 0 || equals >= end) return undefined;
    records.set(bytes.toString('utf8', space + 1, equals), bytes.toString('utf8', equals + 1, end - 1));
    start = end;
  }
  return records;
}

/**
 * Members in the order of the archive.
 * @throws DatasetError `source-invalid`: a wrong checksum, a cut archive, sparse or multi-volume members
 */
export async function* tarEntries(handle: FileHandle, size: number, file: string): AsyncGenerator<TarEntry> {
  let offset = 0;
  const invalid = (what: string, remedy = 'fetch or pack it again') =>
    new DatasetError('source-invalid', `${file}: byte ${offset}: ${what}; ${remedy}`);

  // Small members are walked through one read of many; between large ones only headers are read.
  let window: Buffer = Buffer.alloc(0);
  let [windowStart, ahead] = [0, 65_536];
  const bytesAt = async (start: number, length: number): Promise<Buffer> => {
    const from = start - windowStart;
    if (from >= 0 && from + length <= window.length) return window.subarray(from, from + length);
    window = await readAt(handle, start, Math.min(Math.max(length, ahead), size - start));
    windowStart = start;
    return window.subarray(0, length);
  };

  let extended: Extended = {};
  while (true) {
    // A sound archive ends with two blocks of zeros; without them members may be missing.
    if (offset + block > size) throw invalid('the tar archive ends without its end mark, it may be cut off');
    const header = await bytesAt(offset, block);
    if (header.every((byte) => byte === 0)) return;
    if (!isTarHeader(header)) throw invalid('expected the header of a tar member, its checksum is wrong');

    const type = String.fromCharCode(header[156]!);
    const ownSize = numberAt(header, 124, 12);
    if (ownSize === undefined) throw invalid('the size of the tar member is no number');
    const isExtension = 'xgLK'.includes(type);
    // Links, devices and folders have no content, whatever size they carry.
    const length = '123456'.includes(type) ? 0 : isExtension ? ownSize : (extended.size ?? ownSize);
    const content = offset + block;
    if (content + length > size)
      throw invalid(`the tar member has ${length} bytes, ${size - content} are left; the archive is cut off`);

    if (isExtension) {
      if (length > longestHeader)
        throw invalid(`an extended tar header of ${length} bytes, most is ${longestHeader}`);
      const bytes = await bytesAt(content, length);
      if (type === 'L') extended.path = textOf(bytes);
      else if (type === 'K') extended.linkpath = textOf(bytes);
      else {
        const records = parsePax(bytes);
        if (!records) throw invalid('the records of the pax header do not add up');
        if ([...records.keys()].some((key) => key.startsWith('GNU.sparse'))) throw invalid(...sparse);
        if (type === 'x') extended = { ...extended, ...paxFields(records, invalid) };
      }
    } else {
      if (type === 'S') throw invalid(...sparse);
      if (type === 'M') throw invalid('the tar member continues one of another volume', 'join the volumes');
      const name = extended.path ?? ownName(header);
      yield {
        name,
        kind: kindOf(type, name),
        target: extended.linkpath ?? textOf(header.subarray(157, 257)),
        offset: content,
        size: length,
      };
      extended = {};
    }
    ahead = length < 32_768 ? 65_536 : block;
    offset = content + Math.ceil(length / block) * block;
  }
}

const sparse = ['the tar member is sparse', 'pack it again without --sparse'] as const;

function paxFields(records: Map<string, string>, invalid: (what: string) => DatasetError): Extended {
  const [path, linkpath, size] = ['path', 'linkpath', 'size'].map((key) => records.get(key));
  const bytes = Number(size);
  if (size !== undefined && !(/^\d+$/.test(size) && Number.isSafeInteger(bytes)))
    throw invalid('the size in the pax header is no number');
  return {
    ...(path !== undefined && { path }),
    ...(linkpath !== undefined && { linkpath }),
    ...(size !== undefined && { size: bytes }),
  };
}

/** ustar splits long names; GNU, with another mark, uses the place of the first half otherwise. */
function ownName(header: Buffer): string {
  const name = textOf(header.subarray(0, 100));
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? textOf(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function kindOf(type: string, name: string): TarEntry['kind'] {
  if (type === '5') return 'folder';
  if (type === '1') return 'hard-link';
  if (type !== '0' && type !== '\0' && type !== '7') return 'other';
  return name.endsWith('/') ? 'folder' : 'file'; // the oldest archives mark folders by their names
}
