import { rmSync } from 'node:fs';
import { appendFile, readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildDataset, TFRecordDataset } from '../../src/index.js';
import { takeLock } from '../../src/pipeline/lock.js';
import { newMark } from '../../src/records/owner.js';
import { temporaryFolder } from '../folder.js';
import { celebaSource, hashes, manifestOf, noModel, options, put } from './pictures.js';

const folder = temporaryFolder();
const source = join(folder, 'celeba');
const count = 25;
let reference: Record<string, string>;

const out = (name: string) => join(folder, 'out', name, 'set');

beforeAll(async () => {
  await celebaSource(source, count);
  await buildDataset(options({ source, out: out('reference') }), noModel);
  reference = await hashes(out('reference'));
});

describe('a build', () => {
  it('makes a dataset, a manifest and a sheet, and leaves nothing else', async () => {
    expect(Object.keys(reference)).toEqual([
      'index.json',
      'manifest.jsonl',
      'set-r02.tfrecords',
      'set-r03.tfrecords',
      'set-r04.tfrecords',
      'sheet.png',
    ]);
    expect(await readdir(join(folder, 'out', 'reference'))).toEqual(['set']);
    const dataset = await TFRecordDataset.open(out('reference'));
    expect(dataset).toMatchObject({ count: 20, resolution: 16, channels: 3 });
  });

  it('says of every picture what became of it', async () => {
    const lines = await manifestOf(out('reference'));
    expect(lines.map((line) => line['path'])).toEqual([...lines.map((line) => String(line['path']))].sort());
    expect(lines.filter((line) => line['reason'] === 'no-face')).toHaveLength(5);
    const records = lines.flatMap((line) => (line['record'] === null ? [] : [Number(line['record'])]));
    expect(records.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(lines[0]).toMatchObject({
      path: '000001.jpg',
      decision: 'kept',
      faces: 1,
      picture: { width: 120, height: 140, format: 'jpeg', exifTurn: 1, converted: [] },
      scores: { enlarged: expect.any(Number), outside: expect.any(Number), sharpness: expect.any(Number) },
    });
    expect(lines[0]!['landmarks']).toHaveLength(10);
    expect(lines[0]!['quad']).toHaveLength(8);
  });

  it.each([2, 5])('gives the same bytes with %i workers', async (workers) => {
    await buildDataset(options({ source, out: out(`by-${workers}`), workers }), noModel);
    expect(await hashes(out(`by-${workers}`))).toEqual(reference);
  });

  it('replaces an older dataset', async () => {
    await buildDataset(options({ source, out: out('again'), size: 8 }), noModel);
    await buildDataset(options({ source, out: out('again') }), noModel);
    expect(await hashes(out('again'))).toEqual(reference);
  });

  it('keeps the order of the paths when asked to', async () => {
    await buildDataset(options({ source, out: out('unshuffled'), shuffle: false }), noModel);
    const records = (await manifestOf(out('unshuffled'))).flatMap((line) => line['record'] ?? []);
    expect(records).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('stops when enough are kept, with the first ones, for any number of workers', async () => {
    for (const workers of [1, 2]) {
      const built = out(`first-${workers}`);
      const summary = await buildDataset(options({ source, out: built, maxImages: 7, workers }), noModel);
      expect(summary).toMatchObject({ images: 7, pictures: 8, dropped: { 'no-face': 1 } });
    }
    expect(await hashes(out('first-1'))).toEqual(await hashes(out('first-2')));
  });

  it('takes labels from the list of attributes', async () => {
    const summary = await buildDataset(
      options({ source, out: out('labels'), labels: { columns: ['First', 'Even'] } }),
      noModel,
    );
    expect(summary.labels).toEqual(['First', 'Even']);
    const { labels } = await TFRecordDataset.open(out('labels'));
    expect(labels).toMatchObject({ components: 2, names: ['First', 'Even'] });
    for (const line of await manifestOf(out('labels'))) {
      if (line['record'] === null) continue;
      const number = Number.parseInt(String(line['path']), 10);
      const row = labels!.data.subarray(Number(line['record']) * 2, Number(line['record']) * 2 + 2);
      expect([...row]).toEqual([number === 1 ? 1 : 0, number % 2 === 0 ? 1 : 0]);
    }
  });
});

describe('an interrupted build', () => {
  const stopAfter = async (name: string, pictures: number) => {
    const controller = new AbortController();
    const building = buildDataset(options({ source, out: out(name) }), {
      ...noModel,
      signal: controller.signal,
      onProgress: ({ step, done }) => {
        if (step === 'pictures' && done === pictures) controller.abort();
      },
    });
    await expect(building).rejects.toMatchObject({ code: 'interrupted' });
  };

  it.each([1, 9])('after %i pictures continues to the same bytes', async (pictures) => {
    const name = `stopped-${pictures}`;
    await stopAfter(name, pictures);
    expect(await readdir(join(folder, 'out', name))).toEqual(['set.work']);
    const summary = await buildDataset(options({ source, out: out(name) }), noModel);
    expect(summary.reused).toBeGreaterThanOrEqual(pictures);
    expect(summary.reused).toBeLessThan(count);
    expect(await hashes(out(name))).toEqual(reference);
    expect(await readdir(join(folder, 'out', name))).toEqual(['set']);
  });

  it('while writing leaves no half dataset', async () => {
    const controller = new AbortController();
    const building = buildDataset(options({ source, out: out('writing') }), {
      ...noModel,
      signal: controller.signal,
      onProgress: ({ step, done }) => {
        if (step === 'records' && done === 3) controller.abort();
      },
    });
    await expect(building).rejects.toMatchObject({ code: 'interrupted' });
    expect(await readdir(join(folder, 'out', 'writing'))).toEqual(['set.work']);
    expect((await buildDataset(options({ source, out: out('writing') }), noModel)).reused).toBe(count);
    expect(await hashes(out('writing'))).toEqual(reference);
  });

  it.each([
    ['cut in the middle of a result', async (log: string) => truncate(log, 3000)],
    ['followed by rubbish', async (log: string) => appendFile(log, Buffer.alloc(500, 0xa5))],
  ])('continues from a log %s', async (what, damage) => {
    const name = `torn ${what}`;
    await stopAfter(name, 8);
    const work = `${out(name)}.work`;
    await damage(join(work, (await readdir(work))[0]!));
    await buildDataset(options({ source, out: out(name) }), noModel);
    expect(await hashes(out(name))).toEqual(reference);
  });

  it('removes the lock of a process that is gone, not of one that lives or of another machine', async () => {
    const work = `${out('locked')}.work`;
    const [, host] = newMark().split('-');
    const gone = `lock-999999999-${host}-0123abcd`;
    for (const [lock, owner] of [
      [`lock-${process.ppid}-${host}-0123abcd`, `process ${process.ppid} is building`],
      ['lock-999999999-ffffffff-0123abcd', 'process 999999999 of another machine'],
    ] as const) {
      await put(join(work, gone), '');
      await put(join(work, lock), '');
      const building = buildDataset(options({ source, out: out('locked') }), noModel);
      await expect(building).rejects.toThrow(`${lock}: ${owner}`);
      expect(await readdir(work)).toEqual([lock]);
      await rm(join(work, lock));
    }
    await put(join(work, gone), '');
    await buildDataset(options({ source, out: out('locked') }), noModel);
    expect(await hashes(out('locked'))).toEqual(reference);
  });

  it('of many that want the lock at the same time one has it', async () => {
    const work = join(folder, 'wanted', 'set.work');
    for (let round = 0; round < 5; round++) {
      await put(join(work, `lock-999999999-${newMark().split('-')[1]}-0123abcd`), '');
      const taken = await Promise.allSettled(Array.from({ length: 12 }, () => takeLock(work)));
      const held = taken.filter((each) => each.status === 'fulfilled');
      expect(held).toHaveLength(1);
      expect(await readdir(work)).toHaveLength(1);
      await held[0]!.value();
      expect(await readdir(work)).toEqual([]);
    }
  });
});

describe('kept work', () => {
  it('serves a build with other limits without aligning again', async () => {
    await buildDataset(options({ source, out: out('kept'), keepWork: true }), noModel);
    const strict = { source, maxPad: 0.03 };
    const summary = await buildDataset(options({ ...strict, out: out('kept') }), noModel);
    expect(summary.reused).toBe(count);
    expect(summary.dropped['too-much-outside']).toBeGreaterThan(0);
    await buildDataset(options({ ...strict, out: out('fresh') }), noModel);
    expect(await hashes(out('kept'))).toEqual(await hashes(out('fresh')));
    expect(await readdir(join(folder, 'out', 'kept'))).toEqual(['set']);
  });

  it('does not serve a build with another resolution', async () => {
    await buildDataset(options({ source, out: out('other'), keepWork: true }), noModel);
    expect((await buildDataset(options({ source, out: out('other'), size: 8 }), noModel)).reused).toBe(0);
  });
});

describe('a build that cannot be', () => {
  it.each([
    [
      'no folder',
      {},
      { source: join(folder, 'nowhere') },
      'source-missing',
      /no such folder or file.* --source/,
    ],
    ['an empty file', { 'x.jpg': '' }, { source: 'x.jpg' }, 'source-unusable', /1 empty-file/],
    ['an empty folder', {}, {}, 'source-empty', /holds no pictures \(0 other files\)/],
    ['no pictures', { 'a.txt': 'x', '.hidden.jpg': 'x' }, {}, 'source-empty', /\(1 other files\)/],
    [
      'no usable picture',
      { 'a.jpg': 'text', 'b.jpg': '' },
      {},
      'source-unusable',
      /none of 2 pictures .* 1 not-an-image/,
    ],
    [
      'no annotation',
      { 'a.jpg': 'x' },
      { align: 'face', landmarks: 'annotation' },
      'annotation-invalid',
      /--landmarks detect/,
    ],
    [
      'no labels',
      { 'a.jpg': 'x' },
      { labels: 'own' },
      'option-invalid',
      /a source of kind folder has no labels of its own/,
    ],
  ] as const)('%s', async (name, files, request, code, message) => {
    const empty = join(folder, 'bad', name);
    await put(join(empty, '.keep'), '');
    for (const [file, content] of Object.entries(files)) await put(join(empty, file), content);
    const from =
      'source' in request ? (request.source === 'x.jpg' ? join(empty, 'x.jpg') : request.source) : empty;
    const building = buildDataset(
      options({ align: 'none', ...request, source: from, out: out(`bad ${name}`) }),
      noModel,
    );
    await expect(building).rejects.toThrow(message);
    await expect(building).rejects.toMatchObject({ code });
  });

  it('a source that changes meanwhile is an error, not a smaller dataset', async () => {
    const changing = join(folder, 'changing');
    await celebaSource(changing, 10);
    const building = buildDataset(options({ source: changing, out: out('changing') }), {
      ...noModel,
      onProgress: ({ done }) => {
        if (done === 1) rmSync(join(changing, 'img_celeba/000009.jpg'), { force: true });
      },
    });
    await expect(building).rejects.toMatchObject({ code: 'source-changed' });
  });

  it('names the option that would have let pictures in', async () => {
    const strict = options({ source, out: out('strict'), minFace: 500 });
    await expect(buildDataset(strict, noModel)).rejects.toThrow(
      /none of 25 pictures can be used: 20 face-too-small \(lower --min-face\), 5 no-face .* for example 000001\.jpg: eyes 30\.07 px/,
    );
  });

  it('an unknown label names those there are', async () => {
    const wrong = options({ source, out: out('wrong'), labels: { columns: ['Odd'] } });
    await expect(buildDataset(wrong, noModel)).rejects.toThrow(/no column Odd; it has Even First/);
  });

  it('an output folder with something else is left alone, before any work', async () => {
    await put(join(out('theirs'), 'thesis.txt'), 'x');
    await expect(buildDataset(options({ source, out: out('theirs') }), noModel)).rejects.toMatchObject({
      code: 'output-refused',
    });
    expect(await readdir(join(folder, 'out', 'theirs'))).toEqual(['set']);
    await rm(out('theirs'), { recursive: true });
  });
});
