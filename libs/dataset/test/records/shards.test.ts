import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { TFRecordDataset, TFRecordExporter, type ExporterOptions } from '../../src/index.js';
import { temporaryFolder } from '../folder.js';

const folder = temporaryFolder();
const count = 11;
const pixelsOf = (i: number, length: number) =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + i * 17) % 256);

async function write(name: string, options: ExporterOptions): Promise<string> {
  const out = join(folder, name);
  const exporter = await TFRecordExporter.create(out, options);
  for (let i = 0; i < count; i++) await exporter.add(pixelsOf(i, 3 * 16 * 12));
  await exporter.finish();
  return out;
}

const size = { width: 16, height: 12 };
let whole: string;
let sharded: string;

beforeAll(async () => {
  whole = await write('whole', { size, channels: 3, name: 'set' });
  sharded = await write('sharded', { size, channels: 3, name: 'set', shardImages: 4 });
});

describe('shards', () => {
  it('have their number and count in their names', async () => {
    const names = (await readdir(sharded)).filter((name) => name.includes('r04'));
    expect(names).toEqual([0, 1, 2].map((i) => `set-r04-0000${i}-of-00003.tfrecords`));
  });

  it('hold the same images as one file, with and without the index', async () => {
    const records = Array.from({ length: count }, (_, i) => i);
    for (const indexed of [true, false]) {
      if (!indexed) await rm(join(sharded, 'index.json'));
      const [one, three] = [await TFRecordDataset.open(whole), await TFRecordDataset.open(sharded)];
      expect([three.count, three.size, three.resolution]).toEqual([count, size, 16]);
      for (const level of [2, 3, 4])
        expect(await three.images(level, records)).toEqual(await one.images(level, records));
    }
  });

  it('all of them must be there', async () => {
    const broken = await write('broken', { size, channels: 3, shardImages: 4 });
    await rm(join(broken, 'broken-r03-00001-of-00003.tfrecords'));
    await expect(TFRecordDataset.open(broken)).rejects.toThrow(/is in the index but not in the folder/);
    await rm(join(broken, 'index.json'));
    await expect(TFRecordDataset.open(broken)).rejects.toThrow(/has 2 of 3 shards/);
  });
});

describe('a rectangular dataset', () => {
  it('has levels from the size to the base', async () => {
    const dataset = await TFRecordDataset.open(whole);
    expect([...dataset.levels].map(([level, { shape }]) => [level, ...shape])).toEqual([
      [4, 3, 12, 16],
      [3, 3, 6, 8],
      [2, 3, 3, 4],
    ]);
    const [image] = [await dataset.images(4, [3])];
    expect(image).toEqual(pixelsOf(3, 3 * 16 * 12));
  });

  it('is opened at a smaller size by its larger side', async () => {
    expect((await TFRecordDataset.open(whole, { resolution: 8 })).size).toEqual({ width: 8, height: 6 });
    await expect(TFRecordDataset.open(whole, { resolution: 6 })).rejects.toThrow(/images up to 16, got 6/);
  });
});

describe('a range of a dataset', () => {
  it('gives its own records only, each once per epoch', async () => {
    const dataset = await TFRecordDataset.open(whole);
    const reader = dataset.reader({ range: { start: 3, end: 8 }, seed: 4 });
    expect(reader.count).toBe(5);
    const { indices } = await reader.nextBatch(2, 5);
    expect([...indices].sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7]);
    await reader.close();
  });

  it('continues from its state, in its own range only', async () => {
    const dataset = await TFRecordDataset.open(whole);
    const range = { start: 3, end: 8 };
    const reader = dataset.reader({ range });
    await reader.next(2, 3);
    const state: unknown = JSON.parse(JSON.stringify(reader.state()));
    const { indices } = await reader.nextBatch(2, 4);
    const again = dataset.reader({ range });
    again.restore(state);
    expect((await again.nextBatch(2, 4)).indices).toEqual(indices);
    const other = dataset.reader({ range: { start: 4, end: 9 } });
    expect(() => other.restore(state)).toThrow(/belongs to the records from 3 on, this reader's begin at 4/);
    for (const each of [reader, again, other]) await each.close();
  });

  it.each([
    [0, 12],
    [-1, 3],
    [5, 5],
    [0.5, 3],
  ])('from %d to %d is refused', async (start, end) => {
    const dataset = await TFRecordDataset.open(whole);
    expect(() => dataset.reader({ range: { start, end } })).toThrow(/range: expected 0 <= start < end <= 11/);
  });
});
