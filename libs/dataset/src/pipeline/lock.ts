/** One build at a time per output folder. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { DatasetError } from '../errors.js';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process cannot be signalled, but it lives.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Creates `path` with this process's id; a lock whose process is gone (a killed build) is taken over.
 * Returns a function that removes it. @throws DatasetError `output-busy`
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = Number(await readFile(path, 'utf8').catch(() => ''));
    if (attempt > 2 || (Number.isInteger(pid) && pid > 0 && isAlive(pid)))
      throw new DatasetError(
        'output-busy',
        `${path}: process ${pid} is building there; wait for it, or remove that file if there is no such build`,
      );
    await rm(path, { force: true });
  }
}
