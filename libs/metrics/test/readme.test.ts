import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, expect, it, vi } from 'vitest';
import { temporaryFolder } from './folder.js';
import { everyOf, imageSet } from './golden.js';

const project = resolve(import.meta.dirname, '..');
const folder = temporaryFolder();
const home = process.cwd();
afterAll(() => process.chdir(home));

it('the first example of the README runs as it stands', async () => {
  const example = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(project, 'README.md'), 'utf8'))![1]!;
  expect(example.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(10);
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
  const file = join(project, 'test-output', 'readme-example.ts');
  mkdirSync(join(project, 'test-output'), { recursive: true });
  writeFileSync(file, example);
  process.chdir(folder);
  const lines: unknown[][] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...line) => void lines.push(line));
  await import(pathToFileURL(file).href);
  log.mockRestore();
  // Means and deviations of the official metric on these sets: 53.1 ± 2.1, 27.6 ± 1.9, 40.4 ± 1.5.
  expect(lines.map(([name]) => name)).toEqual(['SWDx1e3_32', 'SWDx1e3_16', 'SWDx1e3_avg']);
  const values = lines.map(([, value]) => Number(value));
  expect(Math.abs(values[0]! - 53.13)).toBeLessThan(4.5 * 2.1);
  expect(Math.abs(values[1]! - 27.57)).toBeLessThan(4.5 * 1.93);
  expect(Math.abs(values[2]! - 40.35)).toBeLessThan(4.5 * 1.52);
});
