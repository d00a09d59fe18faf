import { join } from 'node:path';
import { TFRecordExporter } from '@pggan/dataset';
import { beforeAll, describe, expect, it } from 'vitest';
import { blocksFor } from '../src/commands/blocks.js';
import { makeDataset, makeLong, temporaryFolder } from './datasets.js';
import { prep, prepHere } from './spawn.js';

const folder = temporaryFolder();
const plain = join(folder, 'plain');
const full = join(folder, 'full');

beforeAll(async () => {
  await makeDataset(plain);
  const exporter = await TFRecordExporter.create(full, {
    size: 8,
    channels: 1,
    shardImages: 2,
    source: { kind: 'folder' },
  });
  for (let i = 0; i < 5; i++) await exporter.add(new Uint8Array(64).fill(i * 60));
  const names = ['cat', 'a name with \u001b[31m an escape, and far too long'];
  await exporter.addLabels(Float32Array.of(1, 0, 0, 1, 1, 0, 1, 0, 1, 0), 2, names);
  const line = (i: number) => ({
    path: `${i}.jpg`,
    decision: i < 5 ? 'kept' : 'dropped',
    reason: i < 5 ? null : 'no-face',
    record: i < 5 ? i : null,
    picture: { width: 100 + 10 * i, height: 80, format: 'jpeg', converted: i === 1 ? ['gray'] : [] },
    scores: { sharpness: 2 ** i },
  });
  const lines = [0, 1, 2, 3, 4, 5].map((i) => `${JSON.stringify(line(i))}\n`);
  await exporter.addFile('manifest.jsonl', Buffer.from(lines.join('')));
  await exporter.finish();
});

it('help', async () => {
  const { code, stdout } = await prepHere(['inspect', '--help']);
  expect(code).toBe(0);
  await expect(stdout).toMatchFileSnapshot('help/inspect.txt');
});

describe('prep inspect', () => {
  it('shows tables and histograms to people', async () => {
    const { code, stdout, stderr } = await prepHere(['inspect', full]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^inspect: 1 of 5 images\n(inspect: .*\n)?$/);
    expect(stdout).toContain('/full: 5 images of 8x8, gray, made from: folder\n');
    expect(stdout.slice(stdout.indexOf('level'))).toMatchInlineSnapshot(`
      "level  size  records  files  bytes
          3  8x8         5      3  570 B
          2  4x4         5      3  330 B

      labels: 2 classes
        cat                             4   80.0 %  ########################################
        a name with ?[31m an escape, ~  1   20.0 %  ##########

      pixels: all 5 images, 8x8
        channel  mean   sd     min  max  at 0     at 255   0 to 255
        gray     120.0   84.9    0  240   20.0 %    0.0 %  |@  @   @   @   @|

      pictures: 6 in the manifest, 5 kept
        dropped    no-face  1
        formats    jpeg     6
        converted  gray     1

      width of the pictures, pixels: 100 to 140, median 120, mean 120
            100 to 105  1  ########################################
            105 to 110  0
            110 to 115  1  ########################################
            115 to 120  0
            120 to 125  1  ########################################
            125 to 130  0
            130 to 135  1  ########################################
            135 to 140  1  ########################################

      height of the pictures, pixels: 80

      sharpness: 1 to 16, median 4, mean 6.2
              0 to 2   1  ########################################
              2 to 4   1  ########################################
              4 to 6   1  ########################################
              6 to 8   0
              8 to 10  1  ########################################
             10 to 12  0
             12 to 14  0
             14 to 16  1  ########################################
      "
    `);
    for (const line of stdout.split('\n').filter((text) => !text.includes(folder)))
      expect(line.length).toBeLessThanOrEqual(100);
    // ASCII, where there is no terminal.
    expect(stdout).not.toMatch(/[^\n -~]/);
  });

  it('prints the same as JSON', async () => {
    const { code, stdout } = await prepHere(['inspect', full, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      images: 5,
      levels: [{ level: 3, shards: 3 }, { level: 2 }],
      labels: { kind: 'classes', classes: [{ name: 'cat', images: 4 }, { images: 1 }] },
      pixels: { sampled: false, channels: [{ channel: 'gray', mean: 120, min: 0, max: 240, black: 0.2 }] },
      pictures: { pictures: 6, kept: 5, dropped: { 'no-face': 1 }, converted: { gray: 1 } },
    });
  });

  it('counts the pixels of a sample', async () => {
    const { stdout } = await prepHere(['inspect', plain, '--sample', '2', '--seed', '5']);
    expect(stdout).toContain('pixels: 2 of 6 images, drawn with seed 5, 16x12\n');
    expect(stdout).toContain('labels: none\n');
    expect(stdout).toContain('pictures: no manifest\n');
  });

  it.each([
    [['inspect'], 2, "missing required argument 'dataset'"],
    [['inspect', plain, '--sample', '0'], 2, 'Expected a whole number at least 1.'],
    [['inspect', plain, '--seed', '1.5'], 2, 'Expected a whole number from 0 to 4294967295.'],
    [['inspect', join(folder, 'nowhere')], 1, 'nowhere: no such folder'],
    [['inspect', folder], 1, 'holds no *.tfrecords file'],
  ])('%j ends with code %i', async (argv, expected, message) => {
    const { code, stdout, stderr } = await prepHere(argv);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });

  it('stops at Ctrl-C with code 130', async () => {
    const long = join(folder, 'long');
    await makeLong(long);
    const { code, stdout, stderr } = await prep(['inspect', long, '--json'], {
      interruptWhen: (text) => (text.includes('inspect: 1 of') ? 'SIGINT' : undefined),
    });
    expect(stderr).toContain('error: stopped');
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  });
});

describe('blocks', () => {
  const terminal = { isTTY: true } as NodeJS.WriteStream;

  it('are drawn on a terminal of UTF-8', () => {
    const blocks = blocksFor(terminal, { LANG: 'de_DE.UTF-8' });
    expect(blocks.bar(1, 4)).toBe('████');
    expect(blocks.bar(0.4, 4)).toBe('█▋');
    expect(blocks.bar(0.0001, 4)).toBe('▏');
    expect(blocks.bar(0, 4)).toBe('');
    expect(blocks.profile([0, 1, 4, 8])).toBe(' ▂▅█');
  });

  it.each([
    [{ isTTY: false } as NodeJS.WriteStream, { LANG: 'de_DE.UTF-8' }],
    [terminal, { LANG: 'C' }],
    [terminal, { LC_ALL: 'C', LANG: 'en_US.utf8' }],
    [terminal, {}],
  ])('are ASCII elsewhere', (stream, environment) => {
    const blocks = blocksFor(stream, environment);
    expect(blocks.bar(0.5, 4)).toBe('##');
    expect(blocks.profile([0, 1, 4, 8])).toBe(' :+@');
  });
});
