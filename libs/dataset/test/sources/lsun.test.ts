import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { buildDataset, TFRecordDataset } from '../../src/index.js';
import { lsun } from '../../src/sources/lsun.js';
import { fixtures, maxDifference, readNpy, testData } from '../faces-support.js';
import { temporaryFolder } from '../folder.js';
import { lmdbPages, writeLmdb } from '../formats/lmdb-writer.js';
import { manifestOf, noModel, options } from '../pipeline/pictures.js';
import { failure, openSource, readAll } from './opening.js';

const folder = temporaryFolder();
const open = (path: string) => openSource(lsun, path, join(folder, 'scratch'));

async function database(name: string, pages: Map<number, Buffer>): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  await writeLmdb(join(path, 'data.mdb'), pages);
  return path;
}

describe('LSUN', () => {
  it('pictures in the order of the keys, as they are stored', async () => {
    const jpeg = await sharp({ create: { width: 300, height: 260, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const webp = await sharp({ create: { width: 256, height: 256, channels: 3, background: 'blue' } })
      .webp()
      .toBuffer();
    const path = await database(
      'bedroom_val_lmdb',
      lmdbPages([
        ['0a', jpeg],
        ['0b', Buffer.alloc(0)],
        ['f0', webp],
      ]),
    );
    expect(await lsun.recognises(path)).toBe(true);
    expect(await lsun.recognises(join(path, 'data.mdb'))).toBe(true);
    const source = await open(path);
    expect([source.count, source.labels, source.landmarks]).toEqual([3, null, null]);
    expect(await readAll(source)).toEqual({
      '0a': jpeg.toString('latin1'),
      '0b': '',
      f0: webp.toString('latin1'),
    });
    await source.close();
  });

  it.each([32, 64])('is built as by the official tool, byte for byte, at %i', async (resolution) => {
    const { lsun_crop_and_resize: all } = JSON.parse(readFileSync(`${fixtures}/dataprep.json`, 'utf8')) as {
      lsun_crop_and_resize: { source: string; resolution: number; file: string }[];
    };
    const goldens = all.filter((golden) => golden.resolution === resolution);
    expect(goldens).toHaveLength(3);
    const values = goldens.map(({ source }) => readFile(`${fixtures}/${source}`));
    const entries = (await Promise.all(values)).map((value, i) => [goldens[i]!.source, value] as const);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    const source = await database(`goldens-${resolution}`, lmdbPages(entries));
    const out = join(folder, `built-${resolution}`);
    expect(await buildDataset(options({ source, out, size: resolution }), noModel)).toMatchObject({
      kind: 'lsun',
      images: 3,
    });
    const dataset = await TFRecordDataset.open(out);
    const lines = await manifestOf(out);
    for (const golden of goldens) {
      const { record } = lines.find(({ path }) => path === golden.source) as { record: number };
      const image = await dataset.images(Math.log2(resolution), [record]);
      expect(maxDifference(image, readNpy(`${fixtures}/${golden.file}`)), golden.file).toBe(0);
    }
  });

  it('keys that are no plain text have names of their own', async () => {
    const keys = ['\x00\n', ' ', '%20', 'a/b', '\xff'];
    const source = await open(await database('odd', lmdbPages(keys.map((key) => [key, Buffer.from('x')]))));
    expect(keys.map((_, i) => source.path(i))).toEqual(['%00%0a', '%20', '%2520', 'a/b', '%ff']);
    await source.close();
  });

  it('a picture whose pages are damaged is dropped alone', async () => {
    const pages = lmdbPages([
      ['a', Buffer.alloc(5000)],
      ['b', Buffer.from('good')],
    ]);
    pages.get(2)!.writeUInt16LE(0, 10);
    const source = await open(await database('damaged', pages));
    const all = await readAll(source);
    expect(all['a']).toMatch(/^unreadable: .*data.mdb: page 2 should hold a value of 5000 bytes/);
    expect(all['b']).toBe('good');
    await source.close();
  });

  it('an empty database, another version, no database', async () => {
    expect(await failure(open(await database('empty', lmdbPages([]))))).toMatch(
      /^source-empty: .*the database has no entries/,
    );
    const newer = await database('newer', lmdbPages([['a', Buffer.from('b')]], { version: 2 }));
    expect(await lsun.recognises(newer)).toBe(true);
    expect(await failure(open(newer))).toMatch(/^source-invalid: .*is of LMDB's on-disk version 2/);
    await writeFile(join(folder, 'text'), 'a text that is long enough');
    expect(await lsun.recognises(join(folder, 'text'))).toBe(false);
    expect(await lsun.recognises(folder)).toBe(false);
    expect(await lsun.recognises(join(folder, 'none'))).toBe(false);
  });

  const sample = join(testData, 'lmdb-sample/gt.lmdb');
  it.skipIf(!existsSync(sample))('lmdb-sample of PGGAN_TEST_DATA holds pictures', async () => {
    const source = await open(sample);
    const sizes: Record<string, unknown> = {};
    for (let i = 0; i < source.count; i++) {
      const picture = await source.read(i);
      const { width, height, format } = await sharp(
        picture.kind === 'file' ? picture.bytes : Buffer.alloc(0),
      ).metadata();
      sizes[source.path(i)] = [format, width, height];
    }
    expect(sizes).toEqual({ baboon: ['png', 492, 480], comic: ['png', 240, 360] });
    await source.close();
  });
});
