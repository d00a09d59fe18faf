import { createHash } from 'node:crypto';
import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TFRecordDataset, TFRecordExporter } from '../../src/index.js';
import { inspectLevelFile } from '../../src/records/level-file.js';
import { LevelReader, levelOfShards } from '../../src/records/level.js';
import { temporaryFolder } from '../folder.js';
import { channelsOf, expected, goldenFolder, goldenNames } from './golden.js';

const folder = temporaryFolder();
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const all = Int32Array.from({ length: 12 }, (_, i) => i);

async function copyOf(name: string, from = 'rgb32'): Promise<string> {
  const out = join(folder, name);
  await cp(join(goldenFolder, from), out, { recursive: true });
  return out;
}

async function flip(path: string, at: number, bit = 1): Promise<void> {
  const bytes = await readFile(path);
  bytes[at]! ^= bit;
  await writeFile(path, bytes);
}

describe('datasets of the official tool', () => {
  it.each(goldenNames)('%s holds the golden images at every level', async (name) => {
    const dataset = await TFRecordDataset.open(join(goldenFolder, name));
    expect(dataset).toMatchObject({ count: 12, resolution: 32, channels: channelsOf(name), index: null });
    for (const [file, golden] of Object.entries(expected.datasets[name].files)) {
      if (!golden.records) continue;
      const level = Number(/r(\d\d)\.tf/.exec(file)![1]);
      for (const [record, { data_sha256 }] of golden.records.entries())
        expect(sha256(await dataset.images(level, [record]))).toBe(data_sha256);
    }
  });

  it('gray32 has the golden labels', async () => {
    const { labels } = await TFRecordDataset.open(join(goldenFolder, 'gray32'));
    const golden = expected.datasets.gray32.files['gray32-rxx.labels']!.labels!;
    expect([...labels!.data]).toEqual(golden.flat());
    expect(labels!.components).toBe(4);
  });

  it('are opened at a smaller resolution', async () => {
    const dataset = await TFRecordDataset.open(join(goldenFolder, 'rgb32'), { resolution: 16 });
    expect(dataset.resolution).toBe(16);
    await expect(TFRecordDataset.open(join(goldenFolder, 'rgb32'), { resolution: 64 })).rejects.toThrow(
      /images up to 32, got 64/,
    );
  });
});

describe('reading from disk and from memory', () => {
  it('gives the same', async () => {
    const file = await inspectLevelFile(join(goldenFolder, 'rgb32/rgb32-r04.tfrecords'));
    const level = levelOfShards([file]);
    const [disk, memory] = [new LevelReader(level, 0), new LevelReader(level)];
    expect(await disk.read(all)).toEqual(await memory.read(all));
    await disk.close();
    await memory.close();
  });

  it('finds records of unequal sizes by their headers', async () => {
    const gray = await readFile(join(goldenFolder, 'gray32/gray32-r02.tfrecords'));
    const color = await readFile(join(goldenFolder, 'rgb32/rgb32-r02.tfrecords'));
    const path = join(folder, 'unequal.tfrecords');
    await writeFile(path, Buffer.concat([gray, color.subarray(0, 98)]));
    const file = await inspectLevelFile(path);
    expect(file.count).toBe(13);
    await expect(new LevelReader(levelOfShards([file])).read(Int32Array.of(12))).rejects.toThrow(
      /record 12 at byte 792 has shape \[3,4,4\]; expected \[1,4,4\]/,
    );
  });
});

describe('a damaged dataset', () => {
  it('names file, record and both checksums when a pixel flipped', async () => {
    const out = await copyOf('pixel');
    await flip(join(out, 'rgb32-r03.tfrecords'), 247 * 5 + 100);
    const dataset = await TFRecordDataset.open(out);
    const reading = dataset.reader({ shuffle: false }).next(3, 12);
    await expect(reading).rejects.toMatchObject({ code: 'record-corrupt' });
    await expect(reading).rejects.toThrow(
      /rgb32-r03\.tfrecords: record 5 at byte 1235: payload checksum: stored 0x[0-9a-f]{8}, computed 0x[0-9a-f]{8}/,
    );
  });

  it('is refused on opening when the first header is damaged', async () => {
    const out = await copyOf('header');
    await flip(join(out, 'rgb32-r02.tfrecords'), 2);
    await expect(TFRecordDataset.open(out)).rejects.toThrow(/record 0 at byte 0: length checksum/);
  });

  it('is refused when a file was cut', async () => {
    const out = await copyOf('cut');
    await truncate(join(out, 'rgb32-r05.tfrecords'), 37524 - 100);
    await expect(TFRecordDataset.open(out)).rejects.toMatchObject({ code: 'record-corrupt' });
  });

  it('is refused when whole records are missing', async () => {
    const out = await copyOf('fewer');
    await truncate(join(out, 'rgb32-r05.tfrecords'), 3127 * 11);
    await expect(TFRecordDataset.open(out)).rejects.toThrow(/has 12 images, .* has 11/);
  });

  it('is refused when a level is missing', async () => {
    const out = await copyOf('missing');
    await rm(join(out, 'rgb32-r03.tfrecords'));
    await expect(TFRecordDataset.open(out)).rejects.toThrow(/the 8x8 level is missing/);
  });

  it('is refused when levels are of different channels', async () => {
    const out = await copyOf('channels');
    await cp(join(goldenFolder, 'gray32/gray32-r03.tfrecords'), join(out, 'rgb32-r03.tfrecords'));
    await expect(TFRecordDataset.open(out)).rejects.toThrow(/has 1 channels, .* has 3/);
  });

  it('is refused when two datasets share the folder', async () => {
    const out = await copyOf('shared');
    await cp(join(goldenFolder, 'gray32'), out, { recursive: true });
    await expect(TFRecordDataset.open(out)).rejects.toThrow(/both hold 4x4 images/);
  });

  it('is refused when a file disagrees with the index', async () => {
    const out = join(folder, 'indexed');
    const exporter = await TFRecordExporter.create(out, { size: 4, channels: 1 });
    for (let i = 0; i < 3; i++) await exporter.add(new Uint8Array(16).fill(i));
    await exporter.finish();
    await truncate(join(out, 'indexed-r02.tfrecords'), 132);
    await expect(TFRecordDataset.open(out)).rejects.toThrow(/expected 198 bytes as in the index, got 132/);
    await writeFile(join(out, 'index.json'), '{"format":');
    await expect(TFRecordDataset.open(out)).rejects.toThrow(/index\.json: not JSON/);
    await writeFile(join(out, 'index.json'), '{"format":"other"}');
    await expect(TFRecordDataset.open(out)).rejects.toMatchObject({ code: 'dataset-invalid' });
  });

  it.each([
    ['a missing folder', 'nowhere', /no such folder; build a dataset there/],
    ['a folder without datasets', '.', /holds no \*\.tfrecords file/],
  ])('%s is a clear error', async (_, name, message) => {
    await expect(TFRecordDataset.open(join(goldenFolder, name))).rejects.toThrow(message);
  });
});
