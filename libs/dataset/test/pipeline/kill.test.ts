import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../folder.js';
import { celebaSource, hashes } from './pictures.js';

const folder = temporaryFolder();
const source = join(folder, 'celeba');

/** A build in a process of its own. */
function start(out: string) {
  const script = fileURLToPath(new URL('build-script.ts', import.meta.url));
  return spawn(process.execPath, [...process.execArgv, script, source, out], { stdio: 'inherit' });
}

/** Bytes of finished results. */
async function logged(work: string): Promise<number> {
  const files = await readdir(work).catch(() => []);
  const sizes = files.map(async (name) => (await stat(join(work, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

it('a build killed twice, at any instant, continues to the bytes of one that was not', async () => {
  await celebaSource(source, 60);
  const [whole, killed] = [join(folder, 'whole', 'set'), join(folder, 'killed', 'set')];
  for (const bytes of [1, 150_000]) {
    const child = start(killed);
    while ((await logged(`${killed}.work`)) < bytes && child.exitCode === null) await setTimeout(5);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(join(folder, 'killed'))).toEqual(['set.work']);
  }
  for (const out of [killed, whole]) {
    const child = start(out);
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  }
  expect(await hashes(killed)).toEqual(await hashes(whole));
  expect(await readdir(join(folder, 'killed'))).toEqual(['set']);
});
