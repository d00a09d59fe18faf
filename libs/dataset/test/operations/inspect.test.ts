import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectDataset } from '../../src/index.js';
import { summarize } from '../../src/operations/inspect/histogram.js';
import { temporaryFolder } from '../folder.js';
import { dropped, kept, makeDataset, oneHot, pictureOf, rectangle } from './make-dataset.js';

const folder = temporaryFolder();

describe('inspectDataset', () => {
  it('counts levels, files and bytes of a dataset in shards', async () => {
    const dataset = await makeDataset(join(folder, 'shards'), {
      size: rectangle,
      channels: 1,
      shardImages: 5,
    });
    const inspection = await inspectDataset(dataset);
    expect(inspection).toMatchObject({ images: 12, width: 16, height: 12, channels: 1, labels: null });
    expect(inspection.levels).toEqual([
      { level: 4, width: 16, height: 12, records: 12, shards: 3, bytes: expect.any(Number) as number },
      { level: 3, width: 8, height: 6, records: 12, shards: 3, bytes: expect.any(Number) as number },
      { level: 2, width: 4, height: 3, records: 12, shards: 3, bytes: expect.any(Number) as number },
    ]);
    const top = inspection.levels[0]!;
    expect(top.bytes).toBeGreaterThan(12 * 16 * 12);
    expect(inspection).toMatchObject({
      name: 'shards',
      pictures: null,
      source: { kind: 'test' },
      settings: { made: 'by a test' },
    });
  });

  it('counts pixels exactly', async () => {
    const seeds = [3, 4];
    const dataset = await makeDataset(join(folder, 'pixels'), {
      seeds,
      edit: (image, i) => (i === 0 ? image.with(0, 0).with(1, 255) : image),
    });
    const first = pictureOf(3).with(0, 0).with(1, 255);
    const red = [...first.subarray(0, 1024), ...pictureOf(4).subarray(0, 1024)];
    const mean = red.reduce((a, b) => a + b) / red.length;
    const { pixels } = await inspectDataset(dataset);
    expect(pixels).toMatchObject({ level: 5, images: 2, sampled: false, seed: null });
    expect(pixels.channels.map(({ channel }) => channel)).toEqual(['red', 'green', 'blue']);
    const { histogram, ...statistics } = pixels.channels[0]!;
    expect(statistics).toMatchObject({
      min: 0,
      max: 255,
      black: red.filter((value) => value === 0).length / 2048,
      white: red.filter((value) => value === 255).length / 2048,
    });
    expect(statistics.mean).toBeCloseTo(mean, 9);
    const variance = red.reduce((sum, value) => sum + (value - mean) ** 2, 0) / red.length;
    expect(statistics.sd).toBeCloseTo(Math.sqrt(variance), 9);
    expect(histogram).toEqual(
      Array.from({ length: 16 }, (_, bin) => red.filter((value) => value >> 4 === bin).length),
    );
  });

  it('takes a sample that depends on the seed only', async () => {
    const dataset = await makeDataset(join(folder, 'sample'));
    const pixels = async (seed: number) => (await inspectDataset(dataset, { sample: 4, seed })).pixels;
    const first = await pixels(1);
    expect(first).toMatchObject({ images: 4, sampled: true, seed: 1 });
    expect(await pixels(1)).toEqual(first);
    expect((await pixels(2)).channels).not.toEqual(first.channels);
  });

  it('counts the images of each class', async () => {
    const classes = [0, 1, 1, 2, 1, 0, 0, 1, 1, 1, 1, 2];
    const labels = { names: ['a', 'b', 'c', 'none'], rows: oneHot(classes, 4) };
    const dataset = await makeDataset(join(folder, 'classes'), { labels });
    expect((await inspectDataset(dataset)).labels).toEqual({
      kind: 'classes',
      classes: [
        { name: 'a', images: 3 },
        { name: 'b', images: 7 },
        { name: 'c', images: 2 },
        { name: 'none', images: 0 },
      ],
    });
  });

  it('gives the range of components that are no classes', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => [i, i % 2 === 0 ? -1 : 1]);
    const dataset = await makeDataset(join(folder, 'numbers'), { labels: { names: null, rows } });
    expect((await inspectDataset(dataset)).labels).toEqual({
      kind: 'numbers',
      components: [
        { name: '0', min: 0, mean: 5.5, max: 11 },
        { name: '1', min: -1, mean: 0, max: 1 },
      ],
    });
  });

  it('counts what all faces of a picture share once', async () => {
    const manifest = [
      kept('group.jpg', 0, { face: 0, faces: 2 }),
      kept('group.jpg', 1, { face: 1, faces: 2 }),
      ...Array.from({ length: 10 }, (_, i) => kept(`${i}.jpg`, i + 2)),
    ];
    const { pictures } = await inspectDataset(await makeDataset(join(folder, 'group'), { manifest }));
    expect(pictures).toMatchObject({ pictures: 11, candidates: 12, kept: 12, formats: { jpeg: 11 } });
    const { width, sharpness } = pictures!.measures;
    expect([width!.count, sharpness!.count]).toEqual([11, 12]);
  });

  it('tells of the pictures in the manifest', async () => {
    const manifest = [
      ...Array.from({ length: 12 }, (_, i) => kept(`${i}.jpg`, i)),
      dropped('x.jpg', 'no-face'),
      dropped('y.jpg', 'duplicate'),
      dropped('z.jpg', 'no-face'),
      dropped('w.jpg', '__proto__'),
    ];
    const { pictures } = await inspectDataset(await makeDataset(join(folder, 'manifest'), { manifest }));
    expect(pictures).toMatchObject({ pictures: 16, kept: 12, formats: { jpeg: 12 }, converted: {} });
    expect(Object.entries(pictures!.dropped)).toEqual([
      ['no-face', 2],
      ['__proto__', 1],
      ['duplicate', 1],
    ]);
    expect(pictures!.measures.width).toMatchObject({ count: 12, min: 100, max: 111, mean: 105.5 });
    expect(pictures!.measures.outside).toMatchObject({ count: 12, min: 0, max: 0 });
    expect(pictures!.measures.sharpness!.bins.reduce((sum, { count }) => sum + count, 0)).toBe(12);
  });

  it('reads datasets without an index', async () => {
    const dataset = await makeDataset(join(folder, 'official'), { channels: 1 });
    await rm(join(dataset, 'index.json'));
    expect(await inspectDataset(dataset)).toMatchObject({
      name: null,
      images: 12,
      source: null,
      pictures: null,
    });
  });

  it.each([
    ['{"path":', /manifest\.jsonl: line 2: not JSON/],
    ['{"path":"a","decision":"perhaps"}', /line 2: .*decision/],
    [JSON.stringify(kept('a', 12)), /line 2: names image 12 of a dataset that has 12/],
    [JSON.stringify(kept('a', 3)), /line 2: names image 3, which belongs to an earlier line/],
    ['x'.repeat(2 ** 20 + 1), /a line has more than 1048576 bytes/],
  ])('refuses a damaged manifest: %#', async (line, message) => {
    const dataset = await makeDataset(join(folder, 'damaged'), { manifest: [kept('a', 3)] });
    const path = join(dataset, 'manifest.jsonl');
    await writeFile(path, `${await readFile(path, 'utf8')}${line}\n`);
    await expect(inspectDataset(dataset)).rejects.toMatchObject({ code: 'dataset-invalid' });
    await expect(inspectDataset(dataset)).rejects.toThrow(message);
    await rm(dataset, { recursive: true });
  });

  it('stops when it is told to', async () => {
    const dataset = await makeDataset(join(folder, 'stop'));
    await expect(inspectDataset(dataset, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'interrupted',
    });
  });

  it.each([{ sample: 0 }, { sample: 1.5 }, { seed: -1 }])('refuses %j', async (request) => {
    await expect(inspectDataset(join(folder, 'stop'), request)).rejects.toMatchObject({
      code: 'option-invalid',
    });
  });
});

describe('summarize', () => {
  const edges = (values: number[]) => summarize(values)!.bins.map(({ from }) => from);

  it('uses round edges', () => {
    expect(edges([0, 1])).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
    expect(edges([101, 340])).toEqual([100, 120, 140, 160, 180, 200, 220, 240, 260, 280, 300, 320]);
    expect(edges([-7, 12])).toEqual([-8, -6, -4, -2, 0, 2, 4, 6, 8, 10]);
  });

  it('doubles them where numbers are spread wide', () => {
    expect(edges([20, 900])).toEqual([16, 32, 64, 128, 256, 512]);
    expect(edges([1, 2 ** 20])).toEqual([1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576]);
  });

  it('counts every number once', () => {
    const values = Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 30);
    const { bins, min, max, count } = summarize(values)!;
    expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(1000);
    expect(bins[0]!.from).toBeLessThanOrEqual(min);
    expect(bins.at(-1)!.to).toBeGreaterThanOrEqual(max);
    expect(count).toBe(1000);
    for (const { from, to, count: inBin } of bins.slice(0, -1))
      expect(values.filter((value) => value >= from && value < to)).toHaveLength(inBin);
  });

  it('takes nothing and one number', () => {
    expect(summarize([])).toBeNull();
    expect(summarize([7])).toEqual({
      count: 1,
      min: 7,
      median: 7,
      mean: 7,
      max: 7,
      bins: [{ from: 7, to: 7, count: 1 }],
    });
  });
});
