import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TFRecordDataset, TFRecordExporter } from '@pggan/dataset';
import { openExtractor } from '@pggan/metrics';
import { RandomState } from '@pggan/random';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere, start, temporaryFolder } from './support.js';

const side = 16;
const classes = 4;

interface Written {
  readonly count?: number;
  readonly seed?: number;
  readonly channels?: 1 | 3;
  /** Row of a class; null: no labels. */
  readonly label?: ((value: number) => readonly number[]) | null;
}

const oneHot = (value: number) => Array.from({ length: classes }, (_, i) => Number(i === value));

/** A dataset of noise with one brighter quarter, which is the class. */
async function writeQuarters(folder: string, name: string, written: Written = {}): Promise<string> {
  const { count = 200, seed = 1, channels = 1, label = oneHot } = written;
  const path = join(folder, name);
  const random = new RandomState(seed);
  const exporter = await TFRecordExporter.create(path, { size: side, channels, name });
  for (let i = 0; i < count; i++) {
    const quarter = (at: number) => Math.floor((at % side) / 8) + 2 * (Math.floor(at / side / 8) % 2);
    const image = Uint8Array.from(
      { length: channels * side * side },
      (_, at) => random.randint(100) + (quarter(at) === i % classes ? 100 : 0),
    );
    await exporter.add(image);
  }
  if (label) {
    const rows = Array.from({ length: count }, (_, i) => label(i % classes));
    await exporter.addLabels(Float32Array.from(rows.flat()), rows[0]!.length);
  }
  await exporter.finish();
  return path;
}

let folder: string;
let data: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  data = await writeQuarters(folder, 'quarters');
});

describe('classifier', () => {
  it('writes an extractor that is right about other images, and says how right', async () => {
    const test = await writeQuarters(folder, 'others', { count: 60, seed: 2 });
    const out = join(folder, 'made', 'classifier');
    const argv = [
      '--data',
      data,
      '--test',
      test,
      '--out',
      out,
      '--minibatch',
      '8',
      '--epochs',
      '3',
      '--seed',
      '5',
    ];
    const { code, stdout, stderr } = await start('classifier', ...argv, '--json').ended;
    expect(stderr).toContain('60 of 60 images of others right (100.00 %)');
    expect(code).toBe(0);
    const manifest = join(out, 'classifier.json');
    expect(JSON.parse(stdout)).toEqual({
      manifest,
      model: join(out, 'classifier.onnx'),
      width: 16,
      height: 16,
      classes: 4,
      settings: { seed: 5, epochs: 3, minibatch: 8, shift: 2, rate: 0.06 },
      train: { dataset: 'quarters', images: 200 },
      test: { dataset: 'others', images: 60, right: 60, accuracy: 1 },
    });
    expect((await readdir(out)).sort()).toEqual(['classifier.json', 'classifier.onnx']);
    const extractor = await openExtractor(manifest);
    const images = await (await TFRecordDataset.open(test)).images(4, [0, 1, 2, 3]);
    const batch = { data: images, channels: 1, width: side, height: side } as const;
    const { probabilities } = await extractor.extract(batch, ['probabilities']);
    for (let i = 0; i < 4; i++) expect(probabilities.data[i * classes + i]).toBeGreaterThan(0.5);
    await extractor.close();
    // The model tells where it comes from.
    const model = (await readFile(join(out, 'classifier.onnx'))).toString('latin1');
    expect(model).toContain('"dataset":"quarters","images":200,"sha256":"');
    expect(model).toContain('"images":60,"right":60,"accuracy":1');
  });

  it('keeps a tenth back where there is nothing else to test with; stopped, it writes nothing', async () => {
    const out = join(folder, 'kept-back');
    const argv = ['classifier', '--data', data, '--out', out, '--minibatch', '8'];
    const whole = await start(...argv, '--epochs', '1').ended;
    expect(whole.stderr).toMatch(/\d+ of 20 images of quarters \(kept back\) right/);
    expect(whole.code).toBe(0);
    const stopped = join(folder, 'stopped');
    const running = start(...argv, '--out', stopped, '--epochs', '1000');
    await running.saw('loss');
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect(stderr).toContain('stopped; nothing was written');
    expect(code).toBe(130);
    expect(existsSync(join(stopped, 'classifier.onnx'))).toBe(false);
  });
});

describe('classifier refuses', () => {
  const refused = async (message: string, ...argv: string[]) => {
    const { code, stdout, stderr } = await runHere('classifier', '--out', join(folder, 'none'), ...argv);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  };

  it.each<[string, Written, string]>([
    ['colour', { channels: 3 }, 'expected gray images of single digits, got colour ones'],
    ['unlabelled', { label: null }, 'expected the class of every image as a label, got no labels'],
    ['one-number', { label: (value) => [value] }, 'a component for each of 2 to 256 classes, got 1'],
    ['soft', { label: () => [0.5, 0.5] }, 'labels with one 1 and else 0, got (0.5, 0.5) for image 0'],
    ['two-ones', { label: () => [1, 1] }, 'got (1, 1) for image 0'],
    ['few', { count: 8 }, 'expected at least 10 images, got 8'],
  ])('%s', async (name, written, message) => {
    const path = await writeQuarters(folder, name, { count: 12, ...written });
    await refused(message, '--data', path);
  });

  it('datasets that are not there, and tests that are none', async () => {
    await refused('no dataset in', '--data', join(folder, 'nothing'));
    await refused('expected other images than those to train on', '--data', data, '--test', data);
    const label = (value: number) => [...oneHot(value), 0];
    const five = await writeQuarters(folder, 'five', { count: 12, label });
    await refused(
      'expected 16x16 and 4 classes as in the dataset to train on, got 16x16 and 5 classes',
      '--data',
      data,
      '--test',
      five,
    );
  });

  it('a folder that cannot be made', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const { code, stderr } = await runHere('classifier', '--data', data, '--out', join(file, 'below'));
    expect(stderr).toContain('choose another with --out');
    expect(code).toBe(1);
  });
});
