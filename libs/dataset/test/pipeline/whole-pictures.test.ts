import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createHash } from 'node:crypto';
import { RandomState } from '@pggan/random';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDataset, readIndex, remakeImages, TFRecordDataset } from '../../src/index.js';
import { temporaryFolder } from '../folder.js';
import { expected, goldenFolder } from '../records/golden.js';
import { hashes, manifestOf, noModel, noisePicture, options, put } from './pictures.js';

const folder = temporaryFolder();
const flowers = join(folder, 'flowers');
const out = (name: string) => join(folder, 'out', name);

beforeAll(async () => {
  const random = new RandomState(3);
  for (const [i, kind] of ['daisy', 'rose', 'rose', 'tulip', 'tulip', 'tulip'].entries())
    await put(join(flowers, kind, `${i}.png`), await noisePicture(random, 50, 40).png().toBuffer());
});

describe('the official tool’s datasets', () => {
  it.each(['gray32', 'rgb32', 'gray32-noshuffle', 'rgb32-noshuffle'] as const)(
    '%s is built from its pictures, byte for byte',
    async (name) => {
      const gray = name.startsWith('gray');
      const built = out(name);
      const request = {
        source: join(goldenFolder, gray ? 'gray32-png' : 'rgb32-png'),
        out: built,
        align: 'none',
        fit: 'exact',
        size: 32,
        channels: gray ? 1 : 3,
        shuffle: !name.endsWith('noshuffle'),
      } as const;
      await buildDataset(options(request), noModel);
      for (const [file, { sha256 }] of Object.entries(expected.datasets[name]!.files)) {
        if (!file.endsWith('.tfrecords')) continue;
        const bytes = await readFile(join(built, basename(file)));
        expect(createHash('sha256').update(bytes).digest('hex'), file).toBe(sha256);
      }
    },
  );
});

describe('whole pictures', () => {
  const build = (name: string, request: object) =>
    buildDataset(options({ source: flowers, out: out(name), align: 'none', ...request }), noModel);

  it('become rectangles, split into shards', async () => {
    const summary = await build('rectangles', { size: { width: 32, height: 24 }, shardImages: 4 });
    expect(summary).toMatchObject({ images: 6, size: { width: 32, height: 24 } });
    const dataset = await TFRecordDataset.open(out('rectangles'));
    expect([...dataset.levels.values()].map((level) => level.shards.length)).toEqual([2, 2, 2, 2]);
  });

  it('are doubled left to right, in the same shuffled order of pictures and labels', async () => {
    const summary = await build('mirrored', { mirror: true, labels: 'folders' });
    expect(summary).toMatchObject({ images: 12, pictures: 6, labels: ['daisy', 'rose', 'tulip'] });
    const dataset = await TFRecordDataset.open(out('mirrored'));
    const seen = new Set<number>();
    for (const line of await manifestOf(out('mirrored'))) {
      const [record, twin] = [line['record'] as number, line['mirrored'] as number];
      seen.add(record).add(twin);
      const [image, turned] = [await dataset.images(4, [record]), await dataset.images(4, [twin])];
      for (let at = 0; at < image.length; at += 16)
        expect([...turned.subarray(at, at + 16)]).toEqual([...image.subarray(at, at + 16)].reverse());
      const label = ['daisy', 'rose', 'tulip'].map((name) => (String(line['path']).startsWith(name) ? 1 : 0));
      for (const each of [record, twin])
        expect([...dataset.labels!.data.subarray(each * 3, each * 3 + 3)]).toEqual(label);
    }
    expect(seen.size).toBe(12);
  });

  it('unshuffled, a mirror image follows its picture', async () => {
    await build('in-order', { mirror: true, shuffle: false });
    const lines = await manifestOf(out('in-order'));
    expect(lines.map((line) => [line['record'], line['mirrored']])).toEqual(
      lines.map((_, i) => [2 * i, 2 * i + 1]),
    );
  });

  it('are labelled from a file; those without a label are dropped', async () => {
    const file = join(folder, 'labels.csv');
    await writeFile(file, 'path,class\ndaisy/0.png,0\nrose/1.png,1\ntulip/5.png,1\n');
    const summary = await build('sidecar', { labels: { file } });
    expect(summary).toMatchObject({ images: 3, dropped: { 'no-label': 3 }, labels: ['0', '1'] });
    expect(summary.sidecars).toMatchObject([{ what: 'labels', listed: 3, matched: 3, unmatched: null }]);
  });

  it('are not labelled from a file about others', async () => {
    const file = join(folder, 'others.csv');
    await writeFile(file, 'path,class\nflowers/rose/1.png,0\nflowers/rose/2.png,1\n');
    await expect(build('others', { labels: { file } })).rejects.toThrow(
      /others\.csv: none of its 2 paths is .* it has "flowers\/rose\/1\.png", the source has "rose\/1\.png"/,
    );
  });

  it('a class of which none is kept is told', async () => {
    const mixed = join(folder, 'mixed');
    for (const [from, to] of [
      ['daisy/0.png', 'daisy/0.png'],
      ['rose/1.png', 'rose/1.png'],
      ['rose/1.png', 'rose-again/1.png'],
    ] as const)
      await put(join(mixed, to), await readFile(join(flowers, from)));
    const summary = await build('unused', { source: mixed, labels: 'folders' });
    expect(summary).toMatchObject({ labels: ['daisy', 'rose', 'rose-again'], unusedLabels: ['rose'] });
  });

  it('of equal bytes are kept when asked to', async () => {
    const twins = join(folder, 'twins');
    await mkdir(twins);
    for (const name of ['a.png', 'b.png']) await copyFile(join(flowers, 'daisy/0.png'), join(twins, name));
    const both = { source: twins, duplicates: 'keep', shuffle: false };
    expect((await build('twins', both)).images).toBe(2);
    const [dropped] = (await build('one', { source: twins }).then(() => manifestOf(out('one')))).slice(1);
    expect(dropped).toMatchObject({ reason: 'duplicate', duplicateOf: 'a.png', detail: 'of a.png' });
    expect(dropped!['sha256']).toBe((await manifestOf(out('twins')))[0]!['sha256']);
  });

  it('come from a dataset, with its labels', async () => {
    await build('first', { labels: 'folders' });
    const again = { source: out('first'), labels: 'own', fit: 'exact' };
    expect(await build('second', again)).toMatchObject({ kind: 'tfrecords', images: 6 });
    const [first, second] = [await hashes(out('first')), await hashes(out('second'))];
    expect(second['second-r04.tfrecords']).toBe(first['first-r04.tfrecords']);
    expect(second['second-rxx.labels']).toBe(first['first-rxx.labels']);
  });

  it('a kind that is not known names those there are', async () => {
    await expect(build('kind', { kind: 'svhn' })).rejects.toThrow(/one of tfrecords, mnist, .* got "svhn"/);
  });
});

describe('images made again', () => {
  it('are those of the dataset, in the order asked for', async () => {
    const directory = out('mirrored');
    const index = (await readIndex(directory))!;
    const dataset = await TFRecordDataset.open(directory);
    const records = [7, 0, 11, 3];
    const scratch = join(folder, 'scratch');
    await mkdir(scratch);
    const made: Uint8Array[] = [];
    for await (const image of remakeImages(directory, index, records, {
      source: flowers,
      scratch,
      workers: 2,
    }))
      made.push(image);
    expect(Buffer.concat(made)).toEqual(Buffer.from(await dataset.images(4, records)));
  });

  it('a changed picture is refused', async () => {
    const changed = join(folder, 'changed');
    for (const [i, kind] of ['daisy', 'rose', 'rose', 'tulip', 'tulip', 'tulip'].entries())
      await put(join(changed, kind, `${i}.png`), await readFile(join(flowers, 'daisy/0.png')));
    const index = (await readIndex(out('mirrored')))!;
    const remake = async () => {
      const all = Array.from({ length: 12 }, (_, i) => i);
      const scratch = join(folder, 'scratch');
      const made: Uint8Array[] = [];
      for await (const image of remakeImages(out('mirrored'), index, all, { source: changed, scratch }))
        made.push(image);
    };
    await expect(remake()).rejects.toMatchObject({ code: 'source-changed' });
  });
});
