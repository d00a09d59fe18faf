import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeDataset, makeLong, temporaryFolder } from './datasets.js';
import { prep, prepHere } from './spawn.js';

const folder = temporaryFolder();
const here = (name: string) => join(folder, name);

beforeAll(() => makeDataset(here('set'), { labels: true }));

it('help', async () => {
  const { code, stdout } = await prepHere(['extract', '--help']);
  expect(code).toBe(0);
  await expect(stdout).toMatchFileSnapshot('help/extract.txt');
});

describe('prep extract', () => {
  it('writes pictures, labels and an array', async () => {
    const argv = ['extract', here('set'), '--out', here('pictures'), '--records', '2-3', '--npy', '--json'];
    const { code, stdout, stderr } = await prepHere(argv);
    expect(stderr).toContain(`${here('pictures')}: 2 png pictures of 16x12, labels.csv, images.npy\n`);
    expect(JSON.parse(stdout)).toEqual({
      out: here('pictures'),
      images: 2,
      size: { width: 16, height: 12 },
      channels: 3,
      format: 'png',
      labels: 'labels.csv',
      npy: 'images.npy',
      damaged: [],
    });
    expect(code).toBe(0);
    expect((await readdir(here('pictures'))).sort()).toEqual([
      'images.npy',
      'img00000002.png',
      'img00000003.png',
      'labels.csv',
    ]);
    expect(await readFile(here('pictures/labels.csv'), 'utf8')).toBe(
      'path,even,odd\nimg00000002.png,4,5\nimg00000003.png,6,7\n',
    );
  });

  it('what it writes is built into the same dataset again', async () => {
    const steps = [
      ['extract', here('set'), '--out', here('again')],
      [
        ...['build-dataset', '--source', here('again'), '--out', here('rebuilt'), '--align', 'none'],
        ...['--resolution', '16x12', '--min-sharpness', '0', '--no-shuffle'],
        ...['--labels', here('again/labels.csv')],
      ],
      ['compare', here('set'), here('rebuilt')],
    ];
    for (const argv of steps) {
      const { code, stderr } = await prepHere(argv);
      expect(code, stderr).toBe(0);
    }
  });

  it.each([
    [['extract', 'set'], 2, "required option '--out <dir>' not specified"],
    [['extract', 'set', '--out', 'out', '--format', 'gif'], 2, 'Allowed choices are png, jpeg, webp.'],
    [['extract', 'set', '--out', 'out', '--records', '5-4'], 2, 'Expected the first and the last number'],
    [['extract', 'set', '--out', 'out', '--level', '11'], 2, 'Expected a whole number from 2 to 10.'],
    [
      ['extract', here('set'), '--out', here('new'), '--records', '0-6'],
      2,
      '--records: expected 0 <= start < end <= 6 records',
    ],
    [
      ['extract', here('set'), '--out', here('set')],
      1,
      'holds 5 entries; pictures go to a new or an empty folder',
    ],
    [['extract', here('nowhere'), '--out', here('new')], 1, 'nowhere: no such folder'],
  ])('%j', async (argv, wanted, message) => {
    const { code, stdout, stderr } = await prepHere(argv);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: wanted, stdout: '' });
  });

  it('stops at Ctrl-C with 130 and leaves nothing', async () => {
    await makeLong(here('long'));
    const { code, stdout } = await prep(['extract', 'long', '--out', 'never', '--json'], {
      cwd: folder,
      interruptWhen: (stderr) => (stderr.includes('extract: 1 of') ? 'SIGINT' : undefined),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect((await readdir(folder)).filter((name) => name.startsWith('never'))).toEqual([]);
  });
});
