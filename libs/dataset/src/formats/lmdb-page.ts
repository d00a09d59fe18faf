/**
 * Pages of an LMDB file of on-disk version 1, 64-bit and little-endian, as LMDB 0.9 writes it (mdb.c
 * describes the structures). Every offset is checked against the page before it is used.
 */

/** Makes the error for a file that is damaged or, with `instead`, one that is sound but cannot be read. */
export type Complain = (what: string, instead?: string) => Error;

export const metaBytes = 152; // of a meta page that matter
const magic = 0xbeefc0de;
export const pageHeader = 16; // bytes
const nodeHeader = 8;
const noPage = 2 ** 64; // all bits set, as a double

const pageFlags = { branch: 1, leaf: 2, overflow: 4, meta: 8, fixedDuplicates: 0x20, subpage: 0x40 };
const kindMask = 0x6f; // all of those
const nodeFlags = { overflow: 1, database: 2, duplicates: 4 };

/** What a meta page says of the file and of its main database. */
export interface LmdbMeta {
  readonly pageSize: number;
  readonly transaction: number;
  readonly flags: number; // of the main database
  readonly depth: number;
  readonly entries: number;
  readonly root: number | null; // page; null: the database is empty
  readonly lastPage: number;
}

export function hasLmdbMagic(page: Buffer): boolean {
  return page.length >= 20 && page.readUInt32LE(16) === magic;
}

/** A 64-bit number as a double: beyond 2^53 inexact, but then beyond every file's size as well. */
const wide = (bytes: Buffer, at: number) => bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;

/** `page`: at least `metaBytes` from the start of the page. */
export function parseMeta(page: Buffer, complain: Complain): LmdbMeta {
  if (page.length < metaBytes)
    throw complain(`ends after ${page.length} of a meta page's ${metaBytes} bytes`);
  if (!hasLmdbMagic(page) || !(page.readUInt16LE(10) & pageFlags.meta))
    throw complain(
      'does not start with a meta page of LMDB',
      'expected an LMDB database of a 64-bit machine',
    );
  const version = page.readUInt32LE(20);
  if (version !== 1)
    throw complain(
      `is of LMDB's on-disk version ${version}`,
      'only version 1 (LMDB 0.9, as LSUN comes) can be read; the npm package lmdb writes newer ones',
    );
  const pageSize = page.readUInt32LE(40); // kept in the free list's record
  if (pageSize < 256 || pageSize > 32768 || (pageSize & (pageSize - 1)) !== 0)
    throw complain(`has pages of ${pageSize} bytes, expected a power of two from 256 to 32768`);
  const root = wide(page, 128);
  return {
    pageSize,
    flags: page.readUInt16LE(92),
    depth: page.readUInt16LE(94),
    entries: wide(page, 120),
    root: root === noPage ? null : root,
    lastPage: wide(page, 136),
    transaction: wide(page, 144),
  };
}

/** A page of the tree. */
export interface TreePage {
  readonly number: number;
  readonly bytes: Buffer;
  readonly leaf: boolean;
  readonly count: number; // nodes
}

export function parseTreePage(bytes: Buffer, number: number, complain: Complain): TreePage {
  if (wide(bytes, 0) !== number) throw complain(`page ${number} says that it is page ${wide(bytes, 0)}`);
  const kind = bytes.readUInt16LE(10) & kindMask;
  if (kind !== pageFlags.branch && kind !== pageFlags.leaf)
    throw complain(`page ${number} is of kind ${kind} where a branch (1) or leaf (2) page is due`);
  const [lower, upper] = [bytes.readUInt16LE(12), bytes.readUInt16LE(14)];
  if (lower <= pageHeader || lower % 2 === 1 || lower > upper || upper > bytes.length)
    throw complain(`page ${number} has bounds ${lower} and ${upper} in ${bytes.length} bytes`);
  return { number, bytes, leaf: kind === pageFlags.leaf, count: (lower - pageHeader) / 2 };
}

function nodeStart(page: TreePage, i: number, complain: Complain): number {
  const at = page.bytes.readUInt16LE(pageHeader + 2 * i);
  if (at < pageHeader + 2 * page.count || at + nodeHeader > page.bytes.length)
    throw complain(`page ${page.number}: node ${i} is at ${at}, outside of the page's nodes`);
  return at;
}

/** Number of the page that node i of a branch page leads to. */
export function branchChild(page: TreePage, i: number, complain: Complain): number {
  const at = nodeStart(page, i, complain);
  return page.bytes.readUInt32LE(at) + page.bytes.readUInt16LE(at + 4) * 2 ** 32;
}

export interface LeafNode {
  readonly key: Buffer; // a view of the page
  readonly length: number; // of the value, bytes
  readonly at: number | null; // of the value in the page; null: it has pages of its own
  readonly overflow: number; // the first of those
}

export function leafNode(page: TreePage, i: number, complain: Complain): LeafNode {
  const { bytes, number } = page;
  const at = nodeStart(page, i, complain);
  const length = bytes.readUInt32LE(at);
  const flags = bytes.readUInt16LE(at + 4);
  const keyBytes = bytes.readUInt16LE(at + 6);
  if (flags & (nodeFlags.database | nodeFlags.duplicates))
    throw complain(
      `page ${number}: node ${i} is a database of its own or has several values`,
      'only plain values of the main database can be read',
    );
  const value = at + nodeHeader + keyBytes;
  const far = (flags & nodeFlags.overflow) !== 0;
  if (value + (far ? 8 : length) > bytes.length)
    throw complain(`page ${number}: node ${i} has ${keyBytes} + ${length} bytes, more than the page`);
  return {
    key: bytes.subarray(at + nodeHeader, value),
    length,
    at: far ? null : value,
    overflow: far ? wide(bytes, value) : 0,
  };
}

/** `bytes`: from the start of page `number`, where a value of `length` bytes should lie behind the header. */
export function checkOverflow(
  bytes: Buffer,
  number: number,
  length: number,
  pageSize: number,
  complain: Complain,
): void {
  const [own, flags, pages] = [wide(bytes, 0), bytes.readUInt16LE(10), bytes.readUInt32LE(12)];
  if (own !== number || (flags & kindMask) !== pageFlags.overflow || pageHeader + length > pages * pageSize)
    throw complain(`page ${number} should hold a value of ${length} bytes, but is another page or too short`);
}
