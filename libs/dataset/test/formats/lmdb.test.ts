import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LmdbReader } from '../../src/formats/lmdb.js';
import { testData } from '../faces-support.js';
import { temporaryFolder } from '../folder.js';
import { failure } from '../sources/opening.js';
import { lmdbPages, writeLmdb, type LmdbEntry, type LmdbLayout } from './lmdb-writer.js';

const folder = temporaryFolder();
const fixtures = resolve(import.meta.dirname, '../fixtures/lmdb');

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** [key, bytes, start of the value's sha256] of everything. */
async function readAll(path: string): Promise<[string, number, string][]> {
  const database = await LmdbReader.open(path);
  const all: [string, number, string][] = [];
  for (let i = 0; i < database.count; i++) {
    const value = await database.value(i);
    all.push([database.key(i).toString('latin1'), database.length(i), digest(value)]);
  }
  await database.close();
  return all;
}

const listed = (entries: readonly LmdbEntry[]) =>
  entries.map(([key, value]) => [key, value.length, digest(value)] as const);

function entriesOf(count: number, bytes: (i: number) => number): LmdbEntry[] {
  return Array.from({ length: count }, (_, i) => [
    `key${String(i).padStart(7, '0')}`,
    Buffer.alloc(bytes(i), `value ${i};`),
  ]);
}

async function written(entries: readonly LmdbEntry[], layout: LmdbLayout = {}): Promise<string> {
  const path = join(folder, 'written.mdb');
  await writeFile(path, '');
  await writeLmdb(path, lmdbPages(entries, layout), layout.pageSize);
  return path;
}

describe('databases that LMDB wrote', async () => {
  const expected = JSON.parse(await readFile(join(fixtures, 'expected.json'), 'utf8')) as Record<
    string,
    unknown
  >;

  it.each([
    ['small', 'two levels'],
    ['deep', 'three levels'],
    ['large', 'values with pages of their own'],
    ['changed', 'deleted and replaced entries, free pages'],
    ['empty', 'nothing left'],
  ])('%s: %s', async (name) => {
    expect(await readAll(join(fixtures, `${name}.mdb`))).toEqual(expected[name]);
  });

  it('a database inside of one is refused', async () => {
    expect(await failure(LmdbReader.open(join(fixtures, 'named.mdb')))).toMatch(
      /^source-invalid: .*named.mdb: page 4: node 0 is a database of its own or has several values; only plain values/,
    );
  });

  const sample = join(testData, 'lmdb-sample');
  it.skipIf(!existsSync(sample))('lmdb-sample of PGGAN_TEST_DATA', async () => {
    expect(await readAll(join(sample, 'gt.lmdb'))).toEqual([
      ['baboon', 544501, '6e3458ee0eb0e1f2'],
      ['comic', 199679, '72d65ca500b0e99d'],
    ]);
    expect(await readAll(join(sample, 'lq.lmdb/data.mdb'))).toEqual([
      ['baboon', 35646, '5ae3a962f2804683'],
      ['comic', 14334, 'ab368c2e8b1ecfd7'],
    ]);
  });
});

describe('databases of every shape', () => {
  it.each([
    ['one entry', entriesOf(1, () => 10), {}],
    ['one page', entriesOf(50, (i) => i), {}],
    ['three levels of small pages', entriesOf(3000, (i) => i % 20), { pageSize: 512 }],
    ['five levels of tiny pages', entriesOf(3000, () => 30), { pageSize: 256 }],
    ['large values between small ones', entriesOf(100, (i) => (i % 3 === 0 ? 5000 + 97 * i : i)), {}],
    ['values of whole pages', entriesOf(4, (i) => 4096 * (i + 1) - 16), {}],
    ['large pages', entriesOf(500, (i) => 100 * i), { pageSize: 32768 }],
    [
      'binary keys in the order of their bytes',
      [
        ['\x00', Buffer.from('a')],
        ['\x7f', Buffer.from('b')],
        ['\xff', Buffer.from('c')],
        ['\xff\x00', Buffer.alloc(0)],
      ] as LmdbEntry[],
      {},
    ],
  ])('%s', async (_, entries, layout) => {
    expect(await readAll(await written(entries, layout))).toEqual(listed(entries));
  });

  it('a value of no bytes at the very end of a page', async () => {
    // 4096 - 16 - 2 for the place - 8 for the header.
    const entries: LmdbEntry[] = [
      ['k'.repeat(2000), Buffer.alloc(0)],
      ['l', Buffer.from('x')],
    ];
    expect(await readAll(await written(entries))).toEqual(listed(entries));
  });

  it('pages beyond 4 GiB', async () => {
    const entries = entriesOf(200, (i) => (i % 50 === 0 ? 9000 : 60));
    const path = await written(entries, { firstPage: 2 ** 21 + 5 });
    expect(await readAll(path)).toEqual(listed(entries));
  });

  it('values in any order, at the same time', async () => {
    const entries = entriesOf(100, (i) => 50 * i);
    const database = await LmdbReader.open(await written(entries));
    const order = [99, 0, 50, 99, 1];
    const values = await Promise.all(order.map((i) => database.value(i)));
    expect(values.map(digest)).toEqual(order.map((i) => digest(entries[i]![1])));
    await database.close();
  });

  it('the folder of the database stands for it', async () => {
    const entries = entriesOf(3, () => 3);
    await mkdir(join(folder, 'x_lmdb'));
    await writeLmdb(join(folder, 'x_lmdb/data.mdb'), lmdbPages(entries));
    expect(await readAll(join(folder, 'x_lmdb'))).toEqual(listed(entries));
  });
});

describe('of the two meta pages', () => {
  const entries = entriesOf(5, () => 5);
  const swapped = () => {
    const pages = lmdbPages(entries, { transaction: 7 });
    const [empty, full] = [pages.get(0)!, pages.get(1)!];
    return pages.set(0, full).set(1, empty);
  };

  it('the one of the later transaction counts', async () => {
    expect(await readAll(await written(entries, { transaction: 7 }))).toHaveLength(5);
    const path = join(folder, 'swapped.mdb');
    await writeLmdb(path, swapped());
    expect(await readAll(path)).toHaveLength(5);
  });

  it('one that was not written whole is passed over', async () => {
    const pages = swapped();
    pages.get(1)!.fill(0, 0, 160).writeBigUInt64LE(99n, 144);
    const path = join(folder, 'torn.mdb');
    await writeLmdb(path, pages);
    expect(await readAll(path)).toHaveLength(5);
  });
});

describe('what cannot be read is refused by name and reason', () => {
  const entries = entriesOf(300, (i) => (i === 7 ? 9000 : 40));
  const sound = lmdbPages(entries);
  const last = Math.max(...sound.keys());

  /** The database with one change, and how opening it fails. */
  async function refusal(change: (page: (number: number) => Buffer) => void): Promise<string> {
    const copy = new Map([...sound].map(([number, bytes]) => [number, Buffer.from(bytes)]));
    change((number) => copy.get(number)!);
    const path = join(folder, 'changed.mdb');
    await writeFile(path, '');
    await writeLmdb(path, copy);
    return (await failure(LmdbReader.open(path))).replace(`${folder}/`, '');
  }

  it.each([
    [
      'no LMDB',
      (page: (n: number) => Buffer) => page(0).fill(0x41),
      'does not start with a meta page of LMDB; expected an LMDB database of a 64-bit machine',
    ],
    [
      'a newer version',
      (page) => page(0).writeUInt32LE(2, 20),
      "is of LMDB's on-disk version 2; only version 1 (LMDB 0.9, as LSUN comes) can be read; the npm package lmdb writes newer ones",
    ],
    [
      'odd pages',
      (page) => page(0).writeUInt32LE(5000, 40),
      'has pages of 5000 bytes, expected a power of two from 256 to 32768',
    ],
    [
      'several values for a key',
      (page) => page(1).writeUInt16LE(4, 92),
      'its database has flags 4 (several values for a key, or another order); only plain databases can be read',
    ],
    [
      'too many entries',
      (page) => page(1).writeUInt32LE(1, 124),
      'promises 4294967596 entries, more than fit into its 45056 bytes',
    ],
    ['an entry less', (page) => page(1).writeUInt32LE(299, 120), 'has more than the promised 299 entries'],
    ['an entry more', (page) => page(1).writeUInt32LE(301, 120), 'promises 301 entries, has 300'],
    ['a deep tree', (page) => page(1).writeUInt16LE(99, 94), 'has a tree of depth 99, more than 32'],
    ['another depth', (page) => page(1).writeUInt16LE(3, 94), `page 5 is a leaf at level 2 of 3`],
    ['a root that is a meta page', (page) => page(1).writeUInt32LE(1, 128), 'refers to 4096 bytes at page 1'],
    [
      'a root beyond the end',
      (page) => page(1).writeUInt32LE(last + 1, 128),
      `at page ${last + 1}; it has pages 2 to ${last}`,
    ],
    [
      'another page in place',
      (page) => page(last).writeUInt32LE(77, 0),
      `page ${last} says that it is page 77`,
    ],
    [
      'a page of values for a leaf',
      (page) => page(last).writeUIntLE(2, page(last).readUInt16LE(16), 6),
      'page 2 is of kind 4 where a branch (1) or leaf (2) page is due',
    ],
    [
      'a circle',
      (page) => page(last).writeUIntLE(last, page(last).readUInt16LE(16), 6),
      `page ${last} is a branch at level 2 of 2`,
    ],
    [
      'a leaf met twice',
      (page) => page(last).writeUIntLE(5, page(last).readUInt16LE(18), 6),
      'page 5: the key of node 0 does not follow the one before it',
    ],
    ['bounds out of the page', (page) => page(5).writeUInt16LE(60000, 14), 'page 5 has bounds'],
    ['a node out of the page', (page) => page(5).writeUInt16LE(4095, 16), 'page 5: node 0 is at 4095'],
    [
      'a long value',
      (page) => page(5).writeUInt32LE(4000, page(5).readUInt16LE(16)),
      'page 5: node 0 has 10 + 4000 bytes, more than the page',
    ],
    [
      'keys out of order',
      (page) => page(5).write('zzz', page(5).readUInt16LE(16) + 8),
      'page 5: the key of node 1 does not follow',
    ],
  ] as [string, (page: (number: number) => Buffer) => void, string][])('%s', async (_, change, message) => {
    const reason = await refusal(change);
    expect(reason).toMatch(/^source-invalid: changed.mdb: /);
    expect(reason).toContain(message);
  });

  it('a file that was not copied whole', async () => {
    const path = await written(entries);
    const bytes = await readFile(path);
    for (const length of [0, 100, 4096, 5 * 4096, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, length));
      expect(await failure(LmdbReader.open(path)), `${length} bytes`).toMatch(/^source-invalid: /);
    }
  });

  it('damaged pages of one value spoil that value only', async () => {
    const copy = new Map(sound);
    const own = Buffer.from(sound.get(2)!);
    own.writeUInt32LE(1, 12); // one page where it had three
    const path = join(folder, 'one-value.mdb');
    await writeLmdb(path, copy.set(2, own));
    const database = await LmdbReader.open(path);
    expect(await failure(database.value(7))).toMatch(
      /page 2 should hold a value of 9000 bytes, but is another page or too short/,
    );
    expect((await database.value(8)).length).toBe(40);
    await database.close();
  });

  it('a folder without a database, and nothing', async () => {
    expect(await failure(LmdbReader.open(folder))).toMatch(
      /data.mdb: cannot be read \(ENOENT\); expected an LMDB database/,
    );
    expect(await failure(LmdbReader.open(join(folder, 'none')))).toMatch(
      /^source-missing: .*none: cannot be read/,
    );
  });
});
