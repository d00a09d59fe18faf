import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeAtomic } from '../src/write-atomic.js';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pggan-files-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('an atomic write', () => {
  it('replaces the whole file and leaves nothing beside it', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'config.json');
    await writeAtomic(path, 'a longer first content');
    await writeAtomic(path, new TextEncoder().encode('second'));
    expect(await readFile(path, 'utf8')).toBe('second');
    expect(await readdir(folder)).toEqual(['config.json']);
  });

  it('takes parts', async () => {
    const path = join(await temporaryFolder(), 'parts');
    const encoder = new TextEncoder();
    await writeAtomic(
      path,
      ['one ', 'two'].map((part) => encoder.encode(part)),
    );
    expect(await readFile(path, 'utf8')).toBe('one two');
  });

  it('that fails keeps what was there and leaves nothing beside it', async () => {
    const folder = await temporaryFolder();
    // A folder that is not empty cannot be replaced by a file.
    await mkdir(join(folder, 'taken', 'inside'), { recursive: true });
    await expect(writeAtomic(join(folder, 'taken'), 'x')).rejects.toMatchObject({ code: 'EISDIR' });
    expect(await readdir(folder)).toEqual(['taken']);
    await expect(writeAtomic(join(folder, 'no', 'such'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
