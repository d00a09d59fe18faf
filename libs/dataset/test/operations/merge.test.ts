import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  mergeDatasets,
  shuffledOrder,
  TFRecordDataset,
  verifyDataset,
  type MergeDatasetsRequest,
} from '../../src/index.js';
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

/** Makes a dataset of each plan, `a`, `b`, …, merges them, and reads the result. */
async function merge(plans: readonly DatasetPlan[], request: Partial<MergeDatasetsRequest> = {}) {
  const parent = join(folder, String(made++));
  const directories: string[] = [];
  for (const [i, plan] of plans.entries())
    directories.push(await makeDataset(join(parent, String.fromCharCode(97 + i)), plan));
  const out = join(parent, 'out');
  const summary = await mergeDatasets(directories, { out, ...request });
  return { parent, directories, summary, merged: await TFRecordDataset.open(out) };
}

async function expectPictures(dataset: TFRecordDataset, seeds: readonly number[], plan: DatasetPlan = {}) {
  const level = Math.max(...dataset.levels.keys());
  const images = await dataset.images(level, [...seeds.keys()]);
  expect(dataset.count).toBe(seeds.length);
  expect(Buffer.from(images).equals(Buffer.concat(seeds.map((seed) => pictureOf(seed, plan))))).toBe(true);
  expect(await verifyDataset(dataset.directory)).toMatchObject({ findings: [] });
}

describe('mergeDatasets', () => {
  it.each([
    ['colour', {}],
    ['gray', { channels: 1 }],
    ['rectangles in shards', { size: rectangle, shardImages: 2 }],
  ] satisfies [string, DatasetPlan][])('puts datasets one after the other: %s', async (_, plan) => {
    const { summary, merged } = await merge([
      { ...plan, seeds: [1, 2, 3] },
      { ...plan, seeds: [4, 5] },
      { ...plan, seeds: [6], shardImages: 9 },
    ]);
    expect(summary).toMatchObject({
      images: 6,
      dropped: 0,
      labels: null,
      duplicates: 'keep',
      shuffleSeed: null,
    });
    expect(summary.datasets.map(({ name, images, kept: stays }) => [name, images, stays])).toEqual([
      ['a', 3, 3],
      ['b', 2, 2],
      ['c', 1, 1],
    ]);
    expect(summary.near).toMatchObject({ pictures: 0, across: 0, pairs: [] });
    await expectPictures(merged, [1, 2, 3, 4, 5, 6], plan);
    expect(merged.index).toMatchObject({
      name: 'out',
      shuffleSeed: null,
      source: { kind: 'merge', from: [{ name: 'a', images: 3 }, { name: 'b' }, { name: 'c' }] },
      settings: { datasets: [{ made: 'by a test' }, {}, {}] },
    });
    expect((await manifestOf(merged.directory)).map(({ dataset, from }) => [dataset, from])).toEqual(
      [0, 1, 2, 3, 4, 5].map((i) => {
        const dataset = 'aaabbc'[i]!;
        return [dataset, { dataset, record: i < 3 ? i : i < 5 ? i - 3 : 0 }];
      }),
    );
  });

  it('shuffles with a seed, into shards', async () => {
    const { merged } = await merge([{ seeds: [1, 2, 3] }, { seeds: [4, 5] }], {
      shuffleSeed: 7,
      shardImages: 2,
    });
    await expectPictures(
      merged,
      [...shuffledOrder(5, 7)].map((image) => image + 1),
    );
    expect(merged.index).toMatchObject({ shuffleSeed: 7 });
    expect(merged.levels.get(5)!.shards).toHaveLength(3);
    for (const { record, from, dataset } of await manifestOf(merged.directory)) {
      const { record: old } = from as { record: number };
      expect([...shuffledOrder(5, 7)][record as number]).toBe(dataset === 'a' ? old : old + 3);
    }
  });

  it('makes the same bytes again', async () => {
    const { parent, directories, merged } = await merge([{ seeds: [1, 2] }, { seeds: [2, 3] }], {
      name: 'x',
    });
    const out = join(parent, 'again');
    await mergeDatasets(directories, { out, name: 'x' });
    for (const file of await readdir(out))
      expect(
        (await readFile(join(out, file))).equals(await readFile(join(merged.directory, file))),
        file,
      ).toBe(true);
  });

  it('carries manifest lines over, with the names of the datasets', async () => {
    const { merged } = await merge([
      {
        seeds: [1, -1],
        manifest: [dropped('d.jpg', 'no-face'), kept('p.jpg', 0, { mirrored: 1, extra: 5 })],
      },
      { seeds: [2, 3], manifest: [kept('q.jpg', 1, { from: { dataset: 'older', record: 9 } })] },
    ]);
    const lines = await manifestOf(merged.directory);
    expect(lines[0]).toEqual({ ...dropped('d.jpg', 'no-face'), dataset: 'a' });
    expect(lines.slice(1)).toMatchObject([
      {
        path: 'p.jpg',
        record: 0,
        mirrored: 1,
        extra: 5,
        dataset: 'a',
        from: { dataset: 'a', record: 0, mirrored: 1 },
      },
      {
        path: 'q.jpg',
        record: 3,
        dataset: 'b',
        from: { dataset: 'b', record: 1, from: { dataset: 'older', record: 9 } },
      },
      { path: '00000000', record: 2, dataset: 'b', from: { dataset: 'b', record: 0 } },
    ]);
    expect(await verifyDataset(merged.directory)).toMatchObject({ findings: [] });
  });

  it('tells datasets of one name apart', async () => {
    const parent = join(folder, 'names');
    const directories = ['one/set', 'two/set'].map((name) => join(parent, name));
    for (const directory of directories) await makeDataset(directory, { seeds: [1] });
    const { datasets } = await mergeDatasets(directories, { out: join(parent, 'out') });
    expect(datasets.map(({ name }) => name)).toEqual(['set', 'set-2']);
  });
});

describe('duplicates', () => {
  // b shows 2 again, as it is and brighter, the mirror image of 3, and 4 twice.
  const plans: DatasetPlan[] = [
    { seeds: [1, 2, 3] },
    {
      seeds: [2, 2, -3, 4, 4],
      edit: (image, i) => (i === 1 ? image.map((value) => Math.min(255, value * 0.8 + 30)) : image),
    },
  ];

  it('are kept and reported', async () => {
    const { summary, merged } = await merge(plans);
    expect(merged.count).toBe(8);
    expect(summary.near).toMatchObject({
      pictures: 3,
      across: 2,
      distance: 8,
      likeness: 0.9,
      mirrors: false,
    });
    expect(summary.near!.pairs).toMatchObject([
      { first: { dataset: 0, record: 1 }, second: { dataset: 1, record: 0 }, distance: 0, likeness: 1 },
      { first: { dataset: 0, record: 1 }, second: { dataset: 1, record: 1 } },
      { first: { dataset: 1, record: 3 }, second: { dataset: 1, record: 4 }, distance: 0 },
    ]);
  });

  it('are dropped when they are equal', async () => {
    const { summary, merged } = await merge(plans, { duplicates: 'drop' });
    expect(summary).toMatchObject({ images: 6, dropped: 2, near: { pictures: 1 } });
    expect(summary.datasets.map(({ kept: stays }) => stays)).toEqual([3, 3]);
    const images = await merged.images(5, [0, 1, 2, 4, 5]);
    expect(Buffer.from(images).equals(Buffer.concat([1, 2, 3, -3, 4].map((seed) => pictureOf(seed))))).toBe(
      true,
    );
    expect(await verifyDataset(merged.directory)).toMatchObject({ findings: [] });
    const lines = (await manifestOf(merged.directory)).filter(({ decision }) => decision === 'dropped');
    expect(lines).toMatchObject([
      { reason: 'duplicate', detail: 'of image 1 of a', record: null, dataset: 'b', from: { record: 0 } },
      { reason: 'duplicate', detail: 'of image 3 of b', record: null, dataset: 'b', from: { record: 4 } },
    ]);
  });

  it('are dropped when they are near', async () => {
    const { merged, summary } = await merge(plans, { duplicates: 'drop-near' });
    await expectPictures(merged, [1, 2, 3, -3, 4]);
    expect(summary).toMatchObject({ dropped: 3, near: { pictures: 3 } });
    const without = await merge(plans, { duplicates: 'drop-near', similar: { mirrors: true } });
    await expectPictures(without.merged, [1, 2, 3, 4]);
  });

  it('leave what is near to a dropped image only', async () => {
    // Each is near the next, the first is not near the third.
    const fade = (image: Uint8Array, share: number) => {
      const other = pictureOf(9);
      return image.map((value, i) => Math.round(value * (1 - share) + other[i]! * share));
    };
    const plan: DatasetPlan = { seeds: [1, 1, 1], edit: (image, i) => fade(image, [0, 0.28, 0.56][i]!) };
    const { summary } = await merge([plan], {
      duplicates: 'drop-near',
      similar: { distance: 16, likeness: 0.85 },
    });
    expect(summary.near!.pairs.map(({ first, second }) => [first.record, second.record])).toEqual([[0, 1]]);
    expect(summary.images).toBe(2);
  });

  it('take their mirror images along', async () => {
    const manifest = [kept('p', 0, { mirrored: 1 })];
    const { merged } = await merge(
      [
        { seeds: [1, -1], manifest },
        { seeds: [1, -1], manifest },
      ],
      { duplicates: 'drop' },
    );
    await expectPictures(merged, [1, -1]);
    expect((await manifestOf(merged.directory))[1]).toMatchObject({ decision: 'dropped', record: null });
    expect((await manifestOf(merged.directory))[1]).not.toHaveProperty('mirrored');
  });

  it('are not looked for when nobody asks', async () => {
    const { summary, merged } = await merge(plans, { similar: null });
    expect(summary).toMatchObject({ images: 8, dropped: 0, near: null });
    expect(merged.index!.source).toMatchObject({ near: null });
    expect(await merge(plans, { similar: null, duplicates: 'drop' })).toMatchObject({
      summary: { images: 6, near: null },
    });
  });

  it('of equal images lead to what the first was dropped for', async () => {
    const bright = (image: Uint8Array, i: number) =>
      i > 0 ? image.map((value) => Math.min(255, value * 0.8 + 30)) : image;
    const { merged } = await merge([{ seeds: [1, 1, 1], edit: bright }], { duplicates: 'drop-near' });
    await expectPictures(merged, [1]);
    const details = (await manifestOf(merged.directory)).map(({ detail }) => detail);
    expect(details).toEqual([null, 'of image 0 of a', 'of image 0 of a']);
  });

  it('among tiny images are equal pictures only', async () => {
    const tiny: DatasetPlan = { size: { width: 4, height: 3 }, seeds: [1, 2, 3, 4, 1] };
    const { merged, summary } = await merge([tiny], { duplicates: 'drop-near' });
    await expectPictures(merged, [1, 2, 3, 4], tiny);
    expect(summary.near!.distance).toBe(0);
  });
});

describe('labels', () => {
  const plan = (seeds: number[], names: string[] | null, rows: number[][]): DatasetPlan => ({
    seeds,
    labels: { names, rows },
  });
  const rowsOf = ({ labels }: TFRecordDataset) =>
    Array.from({ length: labels!.data.length / labels!.components }, (_, i) => [
      ...labels!.data.subarray(i * labels!.components, (i + 1) * labels!.components),
    ]);

  it('of the same components stay', async () => {
    const [a, b] = [
      plan(
        [1, 2],
        ['x', 'y'],
        [
          [1, 0],
          [0, 1],
        ],
      ),
      plan([3], ['x', 'y'], [[0.5, 2]]),
    ];
    const { merged, summary } = await merge([a, b]);
    expect(summary.labels).toEqual({ components: 2, names: ['x', 'y'] });
    expect(rowsOf(merged)).toEqual([
      [1, 0],
      [0, 1],
      [0.5, 2],
    ]);
    const unnamed = await merge([plan([1], null, [[1, 2]]), plan([2], null, [[3, 4]])]);
    expect(unnamed.summary.labels).toEqual({ components: 2, names: null });
  });

  it('go together by name, or are left out', async () => {
    const plans = [plan([1, 2], ['x', 'y'], oneHot([0, 1], 2)), plan([3, 4], ['z', 'x'], oneHot([0, 1], 2))];
    const union = await merge(plans, { labels: 'union' });
    expect(union.merged.labels!.names).toEqual(['x', 'y', 'z']);
    expect(rowsOf(union.merged)).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ]);
    const none = await merge(plans, { labels: 'none' });
    expect(none.merged.labels).toBeNull();
    expect(await verifyDataset(union.merged.directory)).toMatchObject({ findings: [] });
  });

  it.each([
    [
      'same',
      [plan([1], ['x'], [[1]]), plan([1], ['y'], [[1]])],
      /a has 1 components \(x\), .*b has 1 components \(y\); merge by the names .* or without/,
    ],
    ['same', [plan([1], ['x'], [[1]]), { seeds: [1] }], /a has labels, .*b has none/],
    ['same', [{ seeds: [1] }, plan([1], ['x'], [[1]])], /b has labels, .*a has none/],
    ['union', [plan([1], ['x'], [[1]]), plan([1], null, [[1]])], /b has labels without names/],
    ['union', [plan([1], ['x'], [[1]]), { seeds: [1] }], /b has no labels/],
    ['union', [plan([1], ['x', 'x'], [[1, 2]])], /a does not have one name of its own for each component/],
  ] satisfies [string, DatasetPlan[], RegExp][])(
    'that differ are refused: %s %#',
    async (labels, plans, message) => {
      const merging = () => merge(plans, { labels: labels as 'same' | 'union' });
      await expect(merging()).rejects.toMatchObject({ code: 'datasets-differ' });
      await expect(merging()).rejects.toThrow(message);
    },
  );
});

describe('what cannot be merged', () => {
  it.each([
    [{ size: rectangle }, /a has images of 32x32, RGB; .*b has images of 16x12, RGB; build one/],
    [{ channels: 1 }, /a has images of 32x32, RGB; .*b has images of 32x32, gray/],
  ] satisfies [DatasetPlan, RegExp][])('other sizes and channels: %j', async (plan, message) => {
    await expect(merge([{ seeds: [1] }, { ...plan, seeds: [1] }])).rejects.toThrow(message);
  });

  it('to replace a dataset of another command or other inputs, unless told to', async () => {
    const { directories, merged } = await merge([{ seeds: [1, 2] }, { seeds: [2, 3] }]);
    const out = merged.directory;
    expect((await mergeDatasets(directories, { out, labels: 'none' })).replaced).toMatchObject({ images: 4 });
    const fewer = directories.slice(0, 1);
    await expect(mergeDatasets(fewer, { out })).rejects.toThrow(
      /: holds a dataset of 4 images made from a merge of .+, .+, not from a merge of .+; choose another .* --replace$/,
    );
    expect((await mergeDatasets(fewer, { out, replace: true })).images).toBe(2);
  });

  it('a dataset into itself, nothing, and nonsense', async () => {
    const { directories, parent } = await merge([{ seeds: [1] }, { seeds: [2] }]);
    const out = join(parent, 'new');
    await expect(mergeDatasets(directories, { out: directories[1]! })).rejects.toMatchObject({
      code: 'output-refused',
    });
    for (const wrong of [
      { similar: { distance: 40 } },
      { similar: { likeness: 2 } },
      { shuffleSeed: -1 },
      { similar: null, duplicates: 'drop-near' as const },
    ])
      await expect(mergeDatasets(directories, { out, ...wrong })).rejects.toMatchObject({
        code: 'option-invalid',
      });
    await expect(mergeDatasets([], { out })).rejects.toMatchObject({ code: 'option-invalid' });
    expect((await readdir(parent)).sort()).toEqual(['a', 'b', 'out']);
  });

  it.each(['../x', 'a/b', 'a\\b', '..', '.hidden', '', 'a\0b', 'a\nb', 'ä'.repeat(91)])(
    'under the name %j',
    async (name) => {
      const { directories, parent } = await merge([{ seeds: [1] }]);
      await expect(mergeDatasets(directories, { out: join(parent, 'new'), name })).rejects.toMatchObject({
        code: 'option-invalid',
        message: expect.stringMatching(
          /^name: expected a prefix for names of files \(no folders, no dot in front, at most 180 bytes\), got "/,
        ) as string,
      });
      expect((await readdir(parent)).sort()).toEqual(['a', 'out']);
    },
  );

  it('leaves nothing when it is stopped', async () => {
    const { directories, parent } = await merge([{ seeds: [1] }, { seeds: [2] }]);
    const stop = new AbortController();
    const onProgress = (step: string) => step === 'write' && stop.abort();
    const merging = mergeDatasets(
      directories,
      { out: join(parent, 'new') },
      { signal: stop.signal, onProgress },
    );
    await expect(merging).rejects.toMatchObject({ code: 'interrupted' });
    expect((await readdir(parent)).sort()).toEqual(['a', 'b', 'out']);
  });
});
