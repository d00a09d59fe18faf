import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import example from './readme-example.js';
import pictures from './readme-pictures.js';

it('the examples of the README are these files, and they run', async () => {
  const read = (name: string) => readFile(new URL(name, import.meta.url), 'utf8');
  for (const file of ['./readme-example.ts', './readme-pictures.ts']) {
    const source = await read(file);
    expect(await read('../README.md')).toContain(source.replace('../src/index.js', '@pggan/model'));
  }
  const folder = await mkdtemp(join(tmpdir(), 'pggan-readme-'));
  try {
    const file = join(folder, 'state.safetensors');
    const made = await example(file);
    expect(made).toMatchObject({ count: 4, width: 8, height: 8, channels: 1 });
    expect(await pictures(file)).toEqual(made);
  } finally {
    await rm(folder, { recursive: true });
  }
});
