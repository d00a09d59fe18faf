import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TFRecordDataset, TFRecordExporter } from '@pggan/dataset';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeDataset, makeLong, temporaryFolder } from './datasets.js';
import { prep, prepHere } from './spawn.js';

const folder = temporaryFolder();
const dataset = join(folder, 'set');

beforeAll(async () => {
  const exporter = await TFRecordExporter.create(dataset, { size: 32, channels: 1 });
  // The last two show what the first shows.
  for (let i = 0; i < 12; i++) {
    const slope = i < 10 ? i : 0;
    await exporter.add(
      Uint8Array.from({ length: 1024 }, (_, at) => {
        const [x, y] = [at % 32, at >> 5];
        return (
          128 + 60 * Math.sin((x * (slope + 1)) / 9) + 60 * Math.cos((y * ((slope * 7) % 10)) / 8 + i / 50)
        );
      }),
    );
  }
  const rows = Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? [1, 0] : [0, 1]));
  await exporter.addLabels(Float32Array.from(rows.flat()), 2, ['third', 'other']);
  await exporter.finish();
});

it('help', async () => {
  const { code, stdout } = await prepHere(['split', '--help']);
  expect(code).toBe(0);
  await expect(stdout).toMatchFileSnapshot('help/split.txt');
});

describe('prep split', () => {
  it('makes two datasets beside the dataset and reports near duplicates', async () => {
    const { code, stdout, stderr } = await prepHere([
      'split',
      dataset,
      '--held',
      '25%',
      '--stratify',
      '--json',
    ]);
    expect(stderr).toMatch(/^compare: 1 of 12 images$/m);
    expect(stderr).toMatch(/^write: 12 of 12 images/m);
    expect(stderr).toMatch(
      /^near duplicates: 1 groups with 3 pictures, all in the training set \(compared at 32x32, up to 8 bits, likeness 0\.9\)$/m,
    );
    expect(stderr).toMatch(/^ {2}images +0 +and +10 +\d bits, likeness (1\.00|0\.9\d)$/m);
    expect(stderr).toMatch(/^other +8 +2$/m);
    expect(stderr).toMatch(/\/set-train: 9 images\n.*\/set-held-out: 3 images\n$/);
    const summary = JSON.parse(stdout) as Record<string, unknown>;
    expect(summary).toMatchObject({
      images: 12,
      wanted: 3,
      seed: 0,
      train: { out: `${dataset}-train`, images: 9 },
      heldOut: { out: `${dataset}-held-out`, images: 3 },
      classes: [
        { name: 'third', images: 4, heldOut: 1 },
        { name: 'other', images: 8, heldOut: 2 },
      ],
      similar: { groups: 1, pictures: 3 },
    });
    expect(code).toBe(0);
    expect((await TFRecordDataset.open(`${dataset}-held-out`)).count).toBe(3);
  });

  it('can be told where, how many and not to compare', async () => {
    const [train, heldOut] = [join(folder, 'x', 'a'), join(folder, 'x', 'b')];
    const argv = ['split', dataset, '--held', '4', '--train', train, '--held-out', heldOut, '--no-check'];
    const { code, stderr } = await prepHere(argv);
    expect(code).toBe(0);
    expect(stderr).toContain('near duplicates: not looked for\n');
    expect((await readdir(join(folder, 'x'))).sort()).toEqual(['a', 'b']);
  });

  it.each([
    [[dataset], 2, "required option '--held <amount>' not specified"],
    [[dataset, '--held', '1.5'], 2, 'Expected a share below 1, such as 0.1 or 10%, or a number of images.'],
    [
      [dataset, '--held', '12'],
      2,
      'held: expected a share between 0 and 1 or a number of images from 1 to 11, got 12',
    ],
    [[dataset, '--held', '0.2', '--distance', '40'], 2, 'Expected a whole number from 0 to 32.'],
    [[dataset, '--held', '0.2', '--likeness', '2'], 2, 'Expected a number from -1 to 1.'],
    [[dataset, '--held', '11'], 1, '11 of 12 images are to be held out, but only 9 may be'],
    [[dataset, '--held', '3', '--train', dataset], 1, 'is what is read'],
    [[join(folder, 'nowhere'), '--held', '3'], 1, 'no such folder'],
  ])('%j ends with code %i', async (argv, expected, message) => {
    const { code, stdout, stderr } = await prepHere(['split', ...argv]);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });

  it('refuses labels that are no classes for --stratify', async () => {
    const numbers = join(folder, 'numbers');
    await makeDataset(numbers, { labels: true });
    const { code, stderr } = await prepHere(['split', numbers, '--held', '2', '--stratify']);
    expect(stderr).toContain('has labels that are not one class for each image');
    expect(code).toBe(2);
  });

  it('stops at Ctrl-C with code 130 and leaves nothing', async () => {
    const long = join(folder, 'y', 'long');
    await makeLong(long);
    const { code, stdout } = await prep(['split', long, '--held', '3', '--json'], {
      interruptWhen: (text) => (text.includes('compare: 1 of') ? 'SIGINT' : undefined),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(await readdir(join(folder, 'y'))).toEqual(['long']);
  });
});
