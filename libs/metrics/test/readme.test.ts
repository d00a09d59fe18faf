import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readRecords } from '../src/index.js';
import { manifestSchema } from '../src/extractor/manifest.js';
import { temporaryFolder } from './folder.js';
import { everyOf, imageSet } from './golden.js';

const project = resolve(import.meta.dirname, '..');
const readme = readFileSync(join(project, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
const folder = temporaryFolder();
const home = process.cwd();
afterAll(() => process.chdir(home));

beforeAll(async () => {
  for (const [name, set] of [
    ['reals', 'P32'],
    ['fakes', 'Pd32'],
  ] as const) {
    mkdirSync(join(folder, name));
    const images = imageSet(set);
    for (let i = 0; i < 16; i++) {
      const { data } = everyOf(images, i, Infinity);
      const pixels = data.map((_, at) => data[(at % 3) * 1024 + Math.floor(at / 3)]!);
      const picture = sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } });
      await picture.png().toFile(join(folder, name, `${String(i).padStart(2, '0')}.png`));
    }
  }
  process.chdir(folder);
});

/** Names and values that an example prints. */
async function printed(example: string, name: string): Promise<[string, number][]> {
  const file = join(project, 'test-output', `${name}.ts`);
  mkdirSync(join(project, 'test-output'), { recursive: true });
  writeFileSync(file, example);
  const lines: unknown[][] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...line) => void lines.push(line));
  await import(pathToFileURL(file).href);
  log.mockRestore();
  return lines.map(([what, value]) => [String(what), Number(value)]);
}

it('the first example of the README runs as it stands', async () => {
  const example = examples[0]!;
  expect(example.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(10);
  const lines = await printed(example, 'readme-example');
  // Means and deviations of the official metric on these sets: 53.1 ± 2.1, 27.6 ± 1.9, 40.4 ± 1.5.
  expect(lines.map(([name]) => name)).toEqual(['SWDx1e3_32', 'SWDx1e3_16', 'SWDx1e3_avg']);
  const values = lines.map(([, value]) => value);
  expect(Math.abs(values[0]! - 53.13)).toBeLessThan(4.5 * 2.1);
  expect(Math.abs(values[1]! - 27.57)).toBeLessThan(4.5 * 1.93);
  expect(Math.abs(values[2]! - 40.35)).toBeLessThan(4.5 * 1.52);
});

it('that of extractors too, with a stand-in for Inception', async () => {
  const page = readFileSync(join(project, 'docs', 'inception.md'), 'utf8');
  writeFileSync('inception.json', /```json\n([\s\S]*?)```/.exec(page)![1]!);
  const model = 'inception-2015-12-05.onnx';
  copyFileSync(join(project, 'test/fixtures/inception-stand-in', model), model);
  const example = examples.find((code) => code.includes('openExtractor'))!;
  const lines = await printed(example, 'readme-extractor');
  expect(lines.map(([name]) => name)).toEqual(['FID', 'IS']);
  expect(lines[0]![1]).toBeGreaterThan(0);
  expect(lines[1]![1]).toBeGreaterThan(1);
  // From the cache, to the same bytes.
  expect(await printed(`${example}\n// again`, 'readme-extractor-again')).toEqual(lines);
});

it('that of evaluations as well', async () => {
  const lines = await printed(
    examples.find((code) => code.includes('Evaluator'))!,
    'readme-evaluation',
  );
  expect(lines.map(([name]) => name)).toEqual(['SWDx1e3_32', 'SWDx1e3_16', 'SWDx1e3_avg', 'MS-SSIM']);
  expect(Math.abs(lines[0]![1] - 53.13)).toBeLessThan(4.5 * 2.1);
  const [swd, ssim] = await readRecords('metrics.jsonl');
  expect(swd).toMatchObject({ metric: 'swd16', subject: { kind: 'folder', name: 'fakes' } });
  expect(ssim!.values[0]!.value).toBe(lines[3]![1]);
});

it('the table of manifests has every key', () => {
  const section = readme.slice(readme.indexOf('## Feature extractors'), readme.indexOf('## Speed'));
  const { shape } = manifestSchema;
  const keys = Object.keys(shape).flatMap((key) =>
    key === 'input' ? Object.keys(shape.input.shape).map((inner) => `input.${inner}`) : [key],
  );
  expect(keys.filter((key) => !section.includes(`\`${key}\``))).toEqual([]);
  expect(keys).toHaveLength(18);
});
