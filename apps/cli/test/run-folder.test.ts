import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findCheckpoint } from '../src/run/find.js';
import { createRunFolder, describeRun, listRuns, notWritable, requireWritable } from '../src/run/folder.js';
import { RunLog } from '../src/run/log.js';
import { countsImages, fakesName, snapshotName, sortCheckpoints } from '../src/run/names.js';
import { describePhase } from '../src/run/phase.js';
import { temporaryFolder } from './support.js';

let root: string;
beforeAll(async () => {
  root = await temporaryFolder();
});

describe('run folders', () => {
  it('are numbered from 00000, one above the highest', async () => {
    const runs = join(root, 'numbered');
    expect((await createRunFolder(runs, 'a-8x8')).name).toBe('00000-a-8x8');
    await mkdir(join(runs, '00007-old'));
    await mkdir(join(runs, 'notes'));
    expect((await createRunFolder(runs, 'a-8x8')).name).toBe('00008-a-8x8');
    expect((await listRuns(runs)).map(({ number }) => number)).toEqual([0, 7, 8]);
  });

  it('get different numbers when made at once, and leave no reservation behind', async () => {
    const runs = join(root, 'at-once');
    const made = await Promise.all(Array.from({ length: 12 }, (_, i) => createRunFolder(runs, `job${i}`)));
    expect(made.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, i) => i),
    );
    expect((await readdir(runs)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('step over the reservation of a program that died', async () => {
    const runs = join(root, 'died');
    await mkdir(runs);
    await writeFile(join(runs, '.00000'), '');
    expect((await createRunFolder(runs, 'a')).number).toBe(1);
  });

  it('refuse a root that is a file, with the remedy', async () => {
    const file = join(root, 'file');
    await writeFile(file, '');
    for (const attempt of [createRunFolder(file, 'a'), requireWritable(file)]) {
      await expect(attempt).rejects.toMatchObject({
        code: 'run-not-writable',
        message: expect.stringContaining('choose another with --runs'),
      });
    }
  });

  it('name the data set in characters every file system takes', () => {
    expect(describeRun('my photos: été/2', { width: 64, height: 64 })).toBe('my_photos_été_2-64x64');
    expect(describeRun('..', { width: 8, height: 8 })).toBe('dataset-8x8');
  });
});

describe('a full disk', () => {
  it('is told apart behind the error of a library', () => {
    const system = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const wrapped = Object.assign(new Error('cannot write'), {
      code: 'checkpoint-not-written',
      cause: system,
    });
    expect(notWritable('runs/00000-a', wrapped)).toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('files written earlier are whole'),
    });
  });
});

describe('file names', () => {
  it('count truncated kimg as the official code does', () => {
    expect(fakesName(12_999, false)).toBe('fakes000012.png');
    expect(snapshotName(1_234_567, false)).toBe('network-snapshot-001234.safetensors');
  });

  it('count images where ticks are shorter than a kimg, and sort by time', () => {
    const names = [64, 960, 1024, 12_480, 100_000].map((images) => snapshotName(images, true));
    expect(names[3]).toBe('network-snapshot-000012.480.safetensors');
    expect([...names].sort()).toEqual(names);
  });

  it('put network-final after every snapshot', () => {
    const names = [
      'network-final.safetensors',
      'reals.png',
      'network-snapshot-000002.safetensors',
      'network-snapshot-000010.safetensors',
    ];
    expect(sortCheckpoints(names)).toEqual([names[2], names[3], names[0]]);
  });
});

describe('the phase', () => {
  it.each([
    [32, 3, '4x4'],
    [32, 2.99, '8x8 fading in'],
    [32, 2, '8x8'],
    [32, 0.5, '32x32 fading in'],
    [32, 0, '32x32'],
  ])('of %i at lod %d is %s', (side, lod, text) => {
    expect(describePhase(side, lod)).toBe(text);
  });
});

describe('finding a checkpoint', () => {
  it('by the newest run, a number, a name, a folder or a file', async () => {
    const runs = join(root, 'find');
    const old = await createRunFolder(runs, 'a');
    const young = await createRunFolder(runs, 'b');
    await createRunFolder(runs, 'still-empty');
    for (const name of ['network-snapshot-000001.safetensors', 'network-snapshot-000002.safetensors']) {
      for (const { path } of [old, young]) await writeFile(join(path, name), '');
    }
    const second = join(young.path, 'network-snapshot-000002.safetensors');
    const first = join(young.path, 'network-snapshot-000001.safetensors');
    for (const what of [true, '1', '00001', '00001-b', young.path] as const) {
      expect(await findCheckpoint(what, runs)).toEqual({
        path: second,
        folder: young.path,
        newest: true,
        previous: first,
      });
    }
    expect(await findCheckpoint(first, runs)).toMatchObject({
      path: first,
      newest: false,
      previous: undefined,
    });
    await expect(findCheckpoint('2', runs)).rejects.toMatchObject({ code: 'checkpoint-missing' });
    await expect(findCheckpoint('9', runs)).rejects.toThrow('no run "9" in');
    await expect(findCheckpoint(join(runs, 'x.safetensors'), runs)).rejects.toThrow('there is no checkpoint');
    await expect(findCheckpoint(true, join(root, 'nowhere'))).rejects.toMatchObject({ code: 'run-missing' });
  });
});

describe('stats.jsonl', () => {
  it('loses the rows past a snapshot, and a row that a crash cut', async () => {
    const folder = join(root, 'stats');
    await mkdir(folder);
    const log = new RunLog(folder);
    await log.rewind({ nimg: 0, tick: 0 });
    for (const images of [100, 200, 300]) await log.stats({ images, 'Loss/real_scores': null });
    await writeFile(join(folder, 'stats.jsonl'), '{"images":4', { flag: 'a' });
    await log.rewind({ nimg: 200, tick: 2 });
    await log.stats({ images: 250 });
    expect(
      (await readFile(join(folder, 'stats.jsonl'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).images),
    ).toEqual([100, 200, 250]);
  });

  it('goes back together with the ticks of log.txt and the events not yet known', async () => {
    const folder = join(root, 'rewound');
    await mkdir(folder);
    const log = new RunLog(folder);
    for (const tick of [1, 2, 3]) {
      await log.line(`tick ${tick}     kimg 0.${tick}`);
      await log.stats({ images: 100 * tick });
      const seen = { rule: 'nonFinite', cause: 'gradients not finite' } as const;
      await log.event({ number: tick, event: 'skipped', images: 100 * tick, ...seen });
    }
    await writeFile(join(folder, 'log.txt'), 'tick 4   ki', { flag: 'a' });
    const lines = async () =>
      await Promise.all(
        ['log.txt', 'stats.jsonl', 'events.jsonl'].map(
          async (name) => (await readFile(join(folder, name), 'utf8')).trim().split('\n').length,
        ),
      );
    await log.rewind({ nimg: 200, tick: 2 });
    expect(await lines()).toEqual([2, 2, 3]);
    await log.rewind({ nimg: 200, tick: 1 }, 1);
    expect(await lines()).toEqual([1, 2, 1]);
  });
});

describe('names of a run that is continued', () => {
  it.each<[string[], number, boolean]>([
    [[], 0.5, true],
    [[], 160, false],
    [['fakes000001.png', 'log.txt'], 0.5, false],
    [['network-snapshot-000001.250.safetensors'], 160, true],
  ])('%j with ticks of %d kimg', (names, tickKimg, expected) => {
    expect(countsImages(names, tickKimg)).toBe(expected);
  });
});
