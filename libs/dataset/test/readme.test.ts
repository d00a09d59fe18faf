import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder } from './folder.js';

const project = resolve(import.meta.dirname, '..');
const folder = temporaryFolder();
const home = process.cwd();
afterAll(() => process.chdir(home));

it('the first example of the README runs as it stands', async () => {
  const example = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(project, 'README.md'), 'utf8'))![1]!;
  const file = join(project, 'test-output', 'readme-example.ts');
  mkdirSync(join(project, 'test-output'), { recursive: true });
  writeFileSync(file, `${example}\nexport { images, place };\n`);
  process.chdir(folder);
  const { images, place } = (await import(pathToFileURL(file).href)) as { images: Uint8Array; place: string };
  expect(example.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(10);
  expect(readdirSync('data/noise')).toContain('noise-r05-00003-of-00004.tfrecords');
  expect(images).toHaveLength(8 * 3 * 16 * 16);
  expect(JSON.parse(place)).toMatchObject({ count: 100, position: 8 });
});
