import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemReason, writeAtomic } from '../src/index.js';

it('says in words what the system refused, without names of files', async () => {
  const reason = await readFile('/nowhere/at/all').catch(systemReason);
  expect(reason).toBe('no such file or directory');
  expect(systemReason(new Error('something else'))).toBe('something else');
});

it('is what a file that cannot be written is told with, by its own name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pggan-files-'));
  const path = join(folder, 'no', 'such');
  await expect(writeAtomic(path, 'x')).rejects.toMatchObject({
    code: 'ENOENT',
    message: `${path}: cannot be written (no such file or directory)`,
  });
  await rm(folder, { recursive: true });
});
