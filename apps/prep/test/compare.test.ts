import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeDataset, makeLong, temporaryFolder } from './datasets.js';
import { prep, prepHere } from './spawn.js';

const folder = temporaryFolder();
const here = (name: string) => join(folder, name);

beforeAll(async () => {
  await makeDataset(here('a'), { labels: true });
  await makeDataset(here('same'), { labels: true });
  await makeDataset(here('later'), { first: 2 });
  await makeDataset(here('gray'), { channels: 1 });
});

it('help', async () => {
  const { code, stdout } = await prepHere(['compare', '--help']);
  expect(code).toBe(0);
  await expect(stdout).toMatchFileSnapshot('help/compare.txt');
});

describe('prep compare', () => {
  it('ends with 0 where both are the same', async () => {
    const { code, stdout, stderr } = await prepHere(['compare', here('a'), here('same'), '--json']);
    expect(stderr).toContain(
      `${here('a')}: 6 images of 16x12, RGB, labels of 2\n${here('same')}: 6 images of 16x12, RGB, labels of 2\n` +
        'identical images: 6\nidentical labels: 6\nthe same\n',
    );
    expect(JSON.parse(stdout)).toMatchObject({ same: true, identicalImages: 6, identicalLabels: 6 });
    expect(code).toBe(0);
  });

  it('ends with 1 where they differ, and lists how', async () => {
    const labelled = await prepHere(['compare', here('a'), here('later'), '--list', '3']);
    expect(labelled.stdout).toContain('identical images: 0\ndifferent images: 6: 0, 1, 2, …\n');
    expect(labelled.stdout).toContain('the numbers of labels per image differ: 2 and 0\ndifferent\n');
    expect(labelled.stderr).toMatch(/^(compare: .*\n)*$/);
    expect(labelled.code).toBe(1);

    const { code, stdout } = await prepHere([
      'compare',
      here('a'),
      here('later'),
      '--any-order',
      '--ignore-labels',
    ]);
    expect(stdout).toContain(`${here('a')}: 6 images of 16x12, RGB, labels ignored\n`);
    expect(stdout).toContain(
      `identical images: 4\nonly in ${here('a')}: 2: 0, 1\nonly in ${here('later')}: 2: 4, 5\n` +
        'different images; labels were not compared\n',
    );
    expect(code).toBe(1);

    const gray = await prepHere(['compare', here('later'), here('gray'), '--json']);
    expect(gray.stderr).toContain('sizes or channels differ; no image can be compared\ndifferent\n');
    expect(JSON.parse(gray.stdout)).toMatchObject({ same: false, sameShape: false });
    expect(gray.code).toBe(1);
  });

  it.each([
    [['compare', 'a'], 2, "missing required argument 'b'"],
    [['compare', 'a', 'b', '--list', '-1'], 2, 'Expected a whole number at least 0.'],
    [['compare', here('a'), '/nowhere/at/all'], 1, '/nowhere/at/all: no such folder'],
  ])('%j', async (argv, wanted, message) => {
    const { code, stdout, stderr } = await prepHere(argv);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: wanted, stdout: '' });
  });

  it('stops at Ctrl-C with 130', async () => {
    await makeLong(here('long'));
    const { code, stdout } = await prep(['compare', 'long', 'long', '--json'], {
      cwd: folder,
      interruptWhen: (stderr) => (stderr.includes('compare: ') ? 'SIGINT' : undefined),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  });
});
