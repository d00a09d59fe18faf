import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareDatasets } from '../../src/operations/compare.js';
import { TFRecordExporter } from '../../src/records/exporter.js';
import { temporaryFolder } from '../folder.js';
import { goldenFolder } from '../records/golden.js';
import { flip, makeDataset, randomImages, specs } from './datasets.js';

const folder = temporaryFolder();
let made = 0;

/** A dataset of 8x8 gray images, by the numbers of the images it holds, with one label each if `labels`. */
async function numbered(numbers: readonly number[], labels?: readonly number[]): Promise<string> {
  const images = randomImages(20, 64, 3);
  const out = join(folder, `n${made++}`);
  const exporter = await TFRecordExporter.create(out, { size: 8, channels: 1 });
  for (const number of numbers) await exporter.add(images[number]!);
  if (labels) await exporter.addLabels(Float32Array.from(labels), labels.length / numbers.length);
  await exporter.finish();
  return out;
}

const nothing = { differentImages: [], differentLabels: [], onlyInA: [], onlyInB: [] };

describe('in stored order', () => {
  it.each(specs)('a dataset with itself: %s', async (name, spec) => {
    const out = join(folder, name);
    await makeDataset(out, spec);
    for (const anyOrder of [false, true])
      expect(await compareDatasets(out, out, { anyOrder })).toMatchObject({
        ...nothing,
        same: true,
        identicalImages: 10,
        identicalLabels: spec.labels ? 10 : null,
        sameLabelSize: spec.labels ? true : null,
      });
  });

  it('with and without shards and index', async () => {
    const [a, b] = [join(folder, 'plain'), join(folder, 'sharded')];
    await makeDataset(a, { labels: true });
    await makeDataset(b, { labels: true, shardImages: 3, index: false });
    expect(await compareDatasets(a, b)).toMatchObject({
      same: true,
      identicalImages: 10,
      identicalLabels: 10,
    });
  });

  it('counts and lists what differs', async () => {
    const a = await numbered([0, 1, 2, 3, 4, 5], [0, 1, 2, 3, NaN, 0]);
    const b = await numbered([0, 9, 2, 8], [0, 1, 5, 4]);
    expect(await compareDatasets(a, b)).toEqual({
      a: { directory: a, images: 6, size: { width: 8, height: 8 }, channels: 1, labels: 1 },
      b: { directory: b, images: 4, size: { width: 8, height: 8 }, channels: 1, labels: 1 },
      anyOrder: false,
      same: false,
      sameCount: false,
      sameShape: true,
      sameLabelSize: true,
      identicalImages: 2,
      identicalLabels: 2,
      differentImages: [1, 3],
      differentLabels: [
        [2, 2],
        [3, 3],
      ],
      onlyInA: [4, 5],
      onlyInB: [],
    });
    expect(await compareDatasets(a, b, { labels: false })).toMatchObject({
      identicalLabels: null,
      sameLabelSize: null,
      differentLabels: [],
    });
  });

  it('the official tool: shuffled and not', async () => {
    const names = ['gray32', 'gray32-noshuffle'].map((name) => join(goldenFolder, name)) as [string, string];
    const report = await compareDatasets(...names, { labels: false });
    expect(report).toMatchObject({ sameCount: true, sameShape: true, same: false });
    expect(await compareDatasets(...names, { labels: false, anyOrder: true })).toMatchObject({ same: true });
  });

  it('different channels, sizes, numbers of labels', async () => {
    const gray = await numbered([0, 1]);
    const rgb = join(folder, 'rgb8');
    await makeDataset(rgb, { size: 8, images: 2 });
    const wide = join(folder, 'wide');
    await makeDataset(wide, { size: { width: 8, height: 6 }, images: 2 });
    for (const [a, b] of [
      [gray, rgb],
      [rgb, wide],
    ] as const)
      expect(await compareDatasets(a, b)).toMatchObject({
        same: false,
        sameCount: true,
        sameShape: false,
        identicalImages: 0,
        onlyInA: [0, 1],
        onlyInB: [0, 1],
      });
    const two = await numbered([0, 1], [1, 2, 3, 4]);
    const one = await numbered([0, 1], [1, 2]);
    expect(await compareDatasets(two, one)).toMatchObject({
      same: false,
      sameLabelSize: false,
      identicalImages: 2,
      identicalLabels: null,
    });
    expect(await compareDatasets(gray, one)).toMatchObject({ same: false, sameLabelSize: false });
  });
});

describe('in any order', () => {
  it('images that occur several times count as often as in both', async () => {
    const a = await numbered([1, 1, 2, 3, 4]);
    const b = await numbered([4, 1, 3, 3, 5, 6]);
    expect(await compareDatasets(a, b, { anyOrder: true })).toMatchObject({
      same: false,
      identicalImages: 3,
      identicalLabels: null,
      differentImages: [],
      onlyInA: [1, 2],
      onlyInB: [3, 4, 5],
    });
  });

  it('labels go with their images', async () => {
    const a = await numbered([1, 1, 2, 3], [7, 8, 0, 1]);
    const same = await numbered([3, 1, 2, 1], [1, 8, -0, 7]);
    expect(await compareDatasets(a, same, { anyOrder: true })).toMatchObject({ ...nothing, same: true });
    const other = await numbered([3, 1, 2, 1], [5, 8, 0, 9]);
    expect(await compareDatasets(a, other, { anyOrder: true })).toMatchObject({
      ...nothing,
      same: false,
      identicalImages: 4,
      identicalLabels: 2,
      differentLabels: [
        [0, 3],
        [3, 0],
      ],
    });
  });
});

it('damage and Ctrl-C are errors', async () => {
  const a = await numbered([0, 1]);
  const b = await numbered([0, 1]);
  await expect(compareDatasets(a, b, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'interrupted',
  });
  await flip(b, `${b.split('/').at(-1)}-r03.tfrecords`, 140);
  await expect(compareDatasets(a, b)).rejects.toMatchObject({ code: 'record-corrupt' });
  await expect(compareDatasets(a, join(folder, 'nowhere'))).rejects.toMatchObject({
    code: 'dataset-missing',
  });
});
