import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TFRecordDataset } from '@pggan/dataset';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeDataset, makeLong, temporaryFolder } from './datasets.js';
import { prep, prepHere } from './spawn.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const [labelled, overlapping, square] = [at('labelled'), at('overlapping'), at('square')];

beforeAll(async () => {
  await makeDataset(labelled, { images: 4, labels: true });
  // Its first two images are the last two of the other.
  await makeDataset(overlapping, { images: 5, first: 2 });
  await makeDataset(square, { size: 16 });
});

it('help', async () => {
  const { code, stdout } = await prepHere(['merge', '--help']);
  expect(code).toBe(0);
  await expect(stdout).toMatchFileSnapshot('help/merge.txt');
});

describe('prep merge', () => {
  it('puts datasets together and reports duplicates', async () => {
    const argv = [
      'merge',
      labelled,
      overlapping,
      '--out',
      at('both'),
      '--labels',
      'none',
      '--shuffle',
      '--seed',
      '1',
    ];
    const { code, stdout, stderr } = await prepHere([
      ...argv,
      '--distance',
      '0',
      '--likeness',
      '1',
      '--json',
    ]);
    expect(stderr).toMatch(
      /^near duplicates: 2 pictures like an earlier one, 2 of them in another dataset; kept \(up to 0 bits, likeness 1\)$/m,
    );
    expect(stderr).toMatch(/^ {2}set-2 +0 {2}is like set +2 {2}0 bits, likeness 1\.00$/m);
    expect(stderr).toMatch(/^ {2}set-2 +5 +5$/m);
    expect(stderr).toMatch(/\/both: 9 images of 16x12, no labels\n$/);
    expect(JSON.parse(stdout)).toMatchObject({
      images: 9,
      shuffleSeed: 1,
      dropped: 0,
      labels: null,
      datasets: [
        { name: 'set', images: 4, kept: 4 },
        { name: 'set-2', images: 5, kept: 5 },
      ],
      near: { pictures: 2, across: 2, pairs: [{ first: { dataset: 0, record: 2 } }, {}] },
    });
    expect(code).toBe(0);
    expect((await TFRecordDataset.open(at('both'))).count).toBe(9);
  });

  it('leaves duplicates out, into shards of another name', async () => {
    const argv = [
      'merge',
      labelled,
      overlapping,
      '--out',
      at('less'),
      '--labels',
      'none',
      '--duplicates',
      'drop',
    ];
    const { code, stderr } = await prepHere([...argv, '--shard-images', '3', '--name', 'few']);
    expect(stderr).toMatch(/\/less: 7 images of 16x12, no labels; 2 duplicates left out\n$/);
    expect(code).toBe(0);
    const unchecked = await prepHere([...argv.with(4, at('unchecked')), '--no-check']);
    expect(unchecked.stderr).toMatch(
      /^near duplicates: not looked for\n[^]*unchecked: 7 images of 16x12, no labels; 2 duplicates left out\n$/m,
    );
    expect(await readdir(at('less'))).toContain('few-r04-00002-of-00003.tfrecords');
  });

  it.each([
    [[labelled], 2, "required option '--out <dir>' not specified"],
    [['--out', at('new')], 2, "missing required argument 'datasets'"],
    [
      [labelled, '--out', at('new'), '--name', '../x'],
      2,
      "error: option '--name <name>' argument '../x' is invalid. Expected a prefix for names of files (no folders,",
    ],
    [
      [labelled, '--out', at('new'), '--no-check', '--duplicates', 'drop-near'],
      2,
      'near duplicates cannot be left out (drop-near) without looking for them',
    ],
    [[labelled, '--out', at('new'), '--labels', 'some'], 2, 'Allowed choices are same, union, none.'],
    [[labelled, '--out', at('new'), '--duplicates', 'x'], 2, 'Allowed choices are keep, drop, drop-near.'],
    [[labelled, overlapping, '--out', at('new')], 1, 'overlapping has none; merge without labels ("none")'],
    [[overlapping, square, '--out', at('new')], 1, 'has images of 16x16, RGB; build one of them again'],
    [[overlapping, '--out', overlapping], 1, 'is what is read'],
    [[overlapping, '--out', folder], 1, 'lies in the other'],
    [[at('nowhere'), '--out', at('new')], 1, 'no such folder'],
  ])('%j ends with code %i', async (argv, expected, message) => {
    const { code, stdout, stderr } = await prepHere(['merge', ...argv]);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(await readdir(folder)).not.toContain('new');
  });

  it('stops at Ctrl-C with code 130 and leaves nothing', async () => {
    const long = join(folder, 'y', 'long');
    await makeLong(long);
    const { code, stdout } = await prep(['merge', long, '--out', join(folder, 'y', 'out'), '--json'], {
      interruptWhen: (text) => (text.includes('compare: 1 of') ? 'SIGINT' : undefined),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(await readdir(join(folder, 'y'))).toEqual(['long']);
  });
});
