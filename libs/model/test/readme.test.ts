import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import example from './readme-example.js';

it('the example of the README is this file, and it runs', async () => {
  const read = (name: string) => readFile(new URL(name, import.meta.url), 'utf8');
  const source = await read('./readme-example.ts');
  expect(await read('../README.md')).toContain(source.replace('../src/index.js', '@pggan/model'));
  const folder = await mkdtemp(join(tmpdir(), 'pggan-readme-'));
  try {
    const pictures = await example(join(folder, 'state.safetensors'));
    expect(pictures).toMatchObject({ count: 4, width: 8, height: 8, channels: 1 });
  } finally {
    await rm(folder, { recursive: true });
  }
});
