import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
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
  const sizes = files.map(async (name) => (await stat(join(work, name)).catch(() => null))?.size ?? 0); // locks go
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Starts a build and kills it as soon as `reached`, which must be before its end. */
async function killWhen(out: string, reached: () => Promise<boolean>): Promise<void> {
  const child = start(out);
  while (child.exitCode === null && !(await reached())) await setTimeout(1);
  child.kill('SIGKILL');
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
}

async function finish(out: string): Promise<void> {
  const child = start(out);
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);
}

describe('a build that was killed continues to the bytes of one that was not', () => {
  const whole = join(folder, 'whole', 'set');

  beforeAll(async () => {
    await celebaSource(source, 60);
    await finish(whole);
  });

  it('twice, at any instant, while pictures are aligned', async () => {
    const killed = join(folder, 'aligning', 'set');
    for (const bytes of [1, 150_000]) {
      await killWhen(killed, async () => (await logged(`${killed}.work`)) >= bytes);
      expect(await readdir(join(folder, 'aligning'))).toEqual(['set.work']);
    }
    await finish(killed);
    expect(await hashes(killed)).toEqual(await hashes(whole));
    expect(await readdir(join(folder, 'aligning'))).toEqual(['set']);
  });

  it('while the dataset is written', async () => {
    const killed = join(folder, 'writing', 'set');
    const begun = async () => {
      const names = await readdir(join(folder, 'writing')).catch(() => []);
      return names.some((name) => name.startsWith('set.partial-'));
    };
    await killWhen(killed, begun);
    // What was begun lies beside its place, where there is nothing yet.
    const names = (await readdir(join(folder, 'writing'))).sort();
    expect(names).toEqual([expect.stringMatching(/^set\.partial-/), 'set.work']);
    await finish(killed);
    expect(await hashes(killed)).toEqual(await hashes(whole));
    expect(await readdir(join(folder, 'writing'))).toEqual(['set']);
  });
});
