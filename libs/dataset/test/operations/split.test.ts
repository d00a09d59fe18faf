import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { splitDataset, TFRecordDataset, verifyDataset, type SplitDatasetRequest } from '../../src/index.js';
import { countClasses, planSplit, proportionalShares } from '../../src/operations/reshape/split-plan.js';
import { Groups } from '../../src/similarity/near-duplicates.js';
import { temporaryFolder } from '../folder.js';
import {
  dropped,
  kept,
  makeDataset,
  oneHot,
  pictureOf,
  rectangle,
  type DatasetPlan,
} from './make-dataset.js';

const folder = temporaryFolder();
let made = 0;

async function manifestOf(directory: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(directory, 'manifest.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Makes a dataset, splits it, and reads both parts. */
async function split(plan: DatasetPlan, request: Partial<SplitDatasetRequest> = {}) {
  const parent = join(folder, String(made++));
  const directory = await makeDataset(join(parent, 'all'), plan);
  const outs = { train: join(parent, 'train'), heldOut: join(parent, 'held-out') };
  const summary = await splitDataset(directory, { ...outs, held: 3, ...request });
  const [train, heldOut] = [await TFRecordDataset.open(outs.train), await TFRecordDataset.open(outs.heldOut)];
  return { parent, directory, summary, train, heldOut };
}

const seeds = Array.from({ length: 12 }, (_, i) => i + 1);
/** A slightly different copy: brighter, with an edge cut off by doubling pixels. */
const altered = (image: Uint8Array) => image.map((value) => Math.min(255, value * 0.9 + 20));

/** Seeds of the pictures of a dataset in which picture i was drawn with the i-th of `drawn`. */
async function originals(part: TFRecordDataset): Promise<number[]> {
  return (await manifestOf(part.directory))
    .filter(({ decision }) => decision === 'kept')
    .map(({ from }) => (from as { record: number }).record);
}

describe('splitDataset', () => {
  it.each([
    ['colour', { channels: 3 }],
    ['gray', { channels: 1 }],
    ['rectangles in shards', { size: rectangle, shardImages: 5 }],
  ] satisfies [string, DatasetPlan][])('makes two datasets of one: %s', async (_, plan) => {
    const { summary, train, heldOut, directory, parent } = await split(plan);
    expect(summary).toMatchObject({ images: 12, wanted: 3, train: { images: 9 }, heldOut: { images: 3 } });
    expect([train.count, heldOut.count]).toEqual([9, 3]);
    expect([train.split, heldOut.split]).toEqual(['train', 'held-out']);
    const numbers = { train: await originals(train), heldOut: await originals(heldOut) };
    expect([...numbers.train, ...numbers.heldOut].sort((a, b) => a - b)).toEqual(
      seeds.map((seed) => seed - 1),
    );
    for (const [part, records] of [
      [train, numbers.train],
      [heldOut, numbers.heldOut],
    ] as const) {
      const level = Math.max(...part.levels.keys());
      const images = await part.images(level, part.count === 9 ? [0, 8] : [0, 2]);
      const expected = [records[0]!, records.at(-1)!].map((record) => pictureOf(record + 1, plan));
      expect(Buffer.from(images).equals(Buffer.concat(expected))).toBe(true);
      expect(await verifyDataset(part.directory)).toMatchObject({ findings: [] });
    }
    const source = await TFRecordDataset.open(directory);
    expect(train.levels.get(2)!.shards).toHaveLength(source.levels.get(2)!.shards.length > 1 ? 2 : 1);
    expect((await readdir(parent)).sort()).toEqual(['all', 'held-out', 'train']);
  });

  it('depends on the seed only', async () => {
    const { directory, parent, heldOut } = await split({}, { seed: 1 });
    const again = async (name: string, seed: number) => {
      const outs = { train: join(parent, `${name}1`), heldOut: join(parent, `${name}2`) };
      await splitDataset(directory, { ...outs, held: 3, seed });
      return outs.heldOut;
    };
    const manifest = await readFile(join(heldOut.directory, 'manifest.jsonl'));
    const same = await again('a', 1);
    expect((await readFile(join(same, 'manifest.jsonl'))).equals(manifest)).toBe(true);
    const level = (path: string, name: string) => readFile(join(path, `${name}-r05.tfrecords`));
    expect((await level(same, 'a2')).equals(await level(heldOut.directory, 'held-out'))).toBe(true);
    expect((await readFile(join(await again('b', 2), 'manifest.jsonl'))).equals(manifest)).toBe(false);
  });

  it('keeps near duplicates together in the training set, whatever is near through others', async () => {
    // 0, 4 and 8 show one picture, 2 and 9 another one and its mirror image, 5 and 6 have equal pixels.
    const drawn = [1, 2, 3, 4, 1, 5, 5, 6, 1, -3, 7, 8];
    for (let seed = 0; seed < 4; seed++) {
      const { summary, heldOut } = await split(
        { seeds: drawn, edit: (image, i) => (i === 4 ? altered(image) : image) },
        { held: 5, seed },
      );
      expect(await originals(heldOut)).toEqual([1, 3, 7, 10, 11]);
      expect(summary.similar).toMatchObject({ groups: 3, pictures: 7, distance: 8, width: 32, height: 32 });
      expect(summary.similar!.pairs.map(({ first, second, mirrored }) => [first, second, mirrored])).toEqual([
        [0, 4, false],
        [5, 6, false],
        [0, 8, false],
        [2, 9, true],
      ]);
    }
  });

  it('says when too few pictures may be held out', async () => {
    const plan = { seeds: [1, 2, 3, 1, 2, 3, 4, 5] };
    await expect(split(plan, { held: 3 })).rejects.toMatchObject({ code: 'split-impossible' });
    await expect(split(plan, { held: 3 })).rejects.toThrow(/3 of 8 images .* only 2 may be/);
    expect((await split(plan, { held: 3, similar: null })).summary.similar).toBeNull();
    expect((await split(plan, { held: 2 })).summary.heldOut.images).toBe(2);
  });

  it('keeps a picture and its mirror image together', async () => {
    const drawn = [1, -1, 2, 3, -2, 4, -3, -4, 5, -5];
    const manifest = [1, 2, 3, 4, 5].map((seed) =>
      kept(`${seed}.jpg`, drawn.indexOf(seed), { mirrored: drawn.indexOf(-seed) }),
    );
    const { summary, heldOut, train } = await split({ seeds: drawn, manifest }, { held: 5, seed: 2 });
    expect(summary).toMatchObject({ wanted: 5, heldOut: { images: 4 }, train: { images: 6 } });
    expect(summary.similar).toMatchObject({ groups: 0 });
    for (const part of [heldOut, train]) {
      expect(await verifyDataset(part.directory)).toMatchObject({ findings: [] });
      for (const line of await manifestOf(part.directory)) {
        const seed = Number((line['path'] as string).replace('.jpg', ''));
        const images = await part.images(5, [line['record'] as number, line['mirrored'] as number]);
        expect(Buffer.from(images).equals(Buffer.concat([pictureOf(seed), pictureOf(-seed)]))).toBe(true);
        expect(line['from']).toEqual({
          dataset: 'all',
          record: drawn.indexOf(seed),
          mirrored: drawn.indexOf(-seed),
        });
      }
    }
    await expect(split({ seeds: drawn, manifest }, { held: 1 })).rejects.toThrow(
      /hold out at least 2 images/,
    );
  });

  it('takes labels, settings and provenance along', async () => {
    const classes = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2];
    const manifest = [
      dropped('a.jpg', 'no-face'),
      ...classes.map((_, i) =>
        kept(`${i}.jpg`, 11 - i, { extra: [i], from: { dataset: 'older', record: i } }),
      ),
    ];
    const labels = { names: ['x', 'y', 'z'], rows: oneHot(classes, 3) };
    const { heldOut, train } = await split({ labels, manifest }, { held: 0.25 });
    for (const part of [heldOut, train]) {
      const lines = (await manifestOf(part.directory)).filter(({ decision }) => decision === 'kept');
      expect(part.labels).toMatchObject({ components: 3, names: ['x', 'y', 'z'] });
      for (const { record, from, path, extra } of lines) {
        const old = (from as { record: number }).record;
        expect(path).toBe(`${11 - old}.jpg`);
        expect(extra).toEqual([11 - old]);
        expect(from).toEqual({ dataset: 'all', record: old, from: { dataset: 'older', record: 11 - old } });
        const row = part.labels!.data.subarray((record as number) * 3, (record as number) * 3 + 3);
        expect([...row]).toEqual(labels.rows[old]);
      }
      expect(part.index!.settings).toEqual({ made: 'by a test' });
      expect(part.index!.source).toMatchObject({
        kind: 'split',
        part: part === train ? 'train' : 'held-out',
        from: { name: 'all', images: 12, source: { kind: 'test' } },
      });
      expect(part.index!.files.map(({ file }) => file)).toEqual(['manifest.jsonl', 'sheet.png']);
    }
    expect((await manifestOf(train.directory))[0]).toEqual(dropped('a.jpg', 'no-face'));
    expect((await manifestOf(heldOut.directory)).every(({ decision }) => decision === 'kept')).toBe(true);
  });

  it('holds out the same share of every class when asked to', async () => {
    const classes = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2];
    const labels = { names: null, rows: oneHot(classes, 3) };
    for (let seed = 0; seed < 5; seed++) {
      const { summary } = await split({ labels }, { held: 4, seed, stratify: true });
      expect(summary.classes).toEqual([
        { name: '0', images: 6, heldOut: 2 },
        { name: '1', images: 3, heldOut: 1 },
        { name: '2', images: 3, heldOut: 1 },
      ]);
    }
  });

  it('takes from other classes what a class of near duplicates cannot give', async () => {
    const labels = { names: null, rows: oneHot([0, 0, 0, 0, 1, 1, 1, 1], 2) };
    const { summary } = await split({ seeds: [1, 1, 1, 1, 2, 3, 4, 5], labels }, { held: 4, stratify: true });
    expect(summary.classes!.map(({ heldOut }) => heldOut)).toEqual([0, 4]);
  });

  it('splits datasets of the official tool, without an index', async () => {
    const directory = await makeDataset(join(folder, 'official'), { channels: 1 });
    await rm(join(directory, 'index.json'));
    const outs = { train: join(folder, 'official-train'), heldOut: join(folder, 'official-held') };
    await splitDataset(directory, { ...outs, held: 4 });
    const heldOut = await TFRecordDataset.open(outs.heldOut);
    expect(heldOut.count).toBe(4);
    expect((await manifestOf(outs.heldOut))[0]).toMatchObject({
      path: /^0{6}/,
      from: { dataset: 'official' },
    });
    expect(await verifyDataset(outs.heldOut)).toMatchObject({ findings: [] });
  });

  it('replaces only what it made, and leaves nothing when it is stopped', async () => {
    const { directory, parent, train, heldOut } = await split({});
    const outs = { train: train.directory, heldOut: heldOut.directory };
    await splitDataset(directory, { ...outs, held: 2 });
    expect((await TFRecordDataset.open(outs.heldOut)).count).toBe(2);
    const other = join(parent, 'other');
    await makeDataset(other);
    const wrong = splitDataset(other, { ...outs, held: 2 });
    await expect(wrong).rejects.toMatchObject({ code: 'output-refused' });
    await expect(wrong).rejects.toThrow(
      /train: holds a dataset of 10 images made from a split of all \(train\), not from a split of other \(train\); choose/,
    );
    const { train: replaced } = await splitDataset(other, { ...outs, held: 2, replace: true });
    expect(replaced.replaced).toEqual({ images: 10, origin: 'a split of all (train)' });
    await rm(other, { recursive: true });
    const stop = new AbortController();
    const stopped = splitDataset(
      directory,
      { train: join(parent, 'x'), heldOut: join(parent, 'y'), held: 2 },
      { signal: stop.signal, onProgress: (step, done) => step === 'write' && done === 5 && stop.abort() },
    );
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
    expect((await readdir(parent)).sort()).toEqual(['all', 'held-out', 'train']);
  });

  it.each([
    [{ held: 12 }, 'option-invalid', /from 1 to 11, got 12/],
    [{ held: 0.01 }, 'option-invalid', /got 0.01, which is 0 of 12 images/],
    [{ held: 2.5 }, 'option-invalid', /held/],
    [{ stratify: true }, 'option-invalid', /has no labels; split it without/],
    [{ similar: { distance: 99 } }, 'option-invalid', /0 to 32, got 99/],
    [{ train: 'all' }, 'output-refused', /is what is read/],
    [{ train: 'all/train' }, 'output-refused', /one lies in the other: what is read/],
    [{ train: 'held-out' }, 'output-refused', /is the other output/],
    [{ heldOut: 'train/held-out' }, 'output-refused', /one lies in the other: the other output/],
  ])('refuses %j', async (wrong, code, message) => {
    const parent = join(folder, `refused-${made++}`);
    const directory = await makeDataset(join(parent, 'all'));
    const { train = 'train', heldOut = 'held-out', ...rest } = wrong as Partial<SplitDatasetRequest>;
    const request = { held: 3, ...rest, train: join(parent, train), heldOut: join(parent, heldOut) };
    await expect(splitDataset(directory, request)).rejects.toMatchObject({ code });
    await expect(splitDataset(directory, request)).rejects.toThrow(message);
    expect(await readdir(parent)).toEqual(['all']);
  });
});

describe('planSplit', () => {
  const each = (count: number) => Int32Array.from({ length: count }, (_, i) => i);

  it('never holds out a member of a group, and no part of a picture', () => {
    const pictures = each(200).map((i) => (i % 4 === 3 ? i - 1 : i));
    const groups = new Groups(200);
    for (let i = 0; i + 20 < 200; i += 20) groups.join(i, i + 20);
    for (let seed = 0; seed < 20; seed++) {
      const { heldOut, count } = planSplit({ pictures, groups, classes: null, held: 60, seed });
      expect(count).toBe(60);
      expect(heldOut.reduce((a, b) => a + b, 0)).toBe(60);
      pictures.forEach((picture, image) => expect(heldOut[image]).toBe(heldOut[picture]));
      for (let i = 0; i < 200; i += 20) expect(heldOut[i]).toBe(0);
    }
  });

  it('draws every picture about equally often', () => {
    const drawn = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 400; seed++)
      planSplit({ pictures: each(20), groups: new Groups(20), classes: null, held: 5, seed }).heldOut.forEach(
        (held, image) => (drawn[image]! += held),
      );
    for (const count of drawn) expect(Math.abs(count - 100)).toBeLessThan(40);
  });

  it('shares in whole numbers', () => {
    expect(proportionalShares([6, 3, 3], 4)).toEqual([2, 1, 1]);
    expect(proportionalShares([1, 1, 1], 2)).toEqual([1, 1, 0]);
    expect(proportionalShares([0, 10, 5], 6)).toEqual([0, 4, 2]);
    expect(countClasses(Int32Array.of(2, 2, 0))).toEqual([1, 0, 2]);
  });
});
