import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PlainFileError, readPlainFile } from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'pggan-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('reads plain files up to a size, and nothing else', async () => {
  const path = join(folder, 'five');
  writeFileSync(path, 'bytes');
  expect((await readPlainFile(path, 5)).toString()).toBe('bytes');
  await expect(readPlainFile(path, 4)).rejects.toThrow(
    new PlainFileError(`${path}: has 5 bytes; expected at most 4`),
  );
  await expect(readPlainFile(folder, 100)).rejects.toThrow(PlainFileError);
  await expect(readPlainFile('/dev/zero', 100)).rejects.toThrow('is no plain file');
  await expect(readPlainFile(join(folder, 'none'), 100)).rejects.toMatchObject({ code: 'ENOENT' });
});
