/** One build at a time per output folder. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeFolder } from '@pggan/files';
import { DatasetError } from '../errors.js';
import { markPattern, newMark, ownerOf, releaseMark } from '../records/owner.js';

const lockName = new RegExp(`^lock-(${markPattern})$`);

export function isLockName(name: string): boolean {
  return lockName.test(name);
}

/** How often, and after how many milliseconds, one looks whether a process that came at the same time gives way. */
const looks = { count: 20, wait: 10 };

async function create(directory: string, name: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    await makeFolder(directory);
    try {
      return await writeFile(join(directory, name), '', { flag: 'wx' });
    } catch (error) {
      // A build that has just ended has removed its folder.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt >= looks.count) throw error;
    }
  }
}

/** Locks of others, without those whose process is gone: they are removed. */
async function otherLocks(directory: string, own: string): Promise<string[]> {
  const others: string[] = [];
  for (const name of await readdir(directory)) {
    const [, mark] = lockName.exec(name) ?? [];
    if (mark === undefined || name === own) continue;
    if (ownerOf(mark).state === 'gone') await rm(join(directory, name), { force: true });
    else others.push(name);
  }
  return others.sort();
}

/**
 * Puts a lock of this process into `directory`, which is made if need be; locks of killed builds are removed.
 * Returns a function that removes it. @throws DatasetError `output-busy`
 *
 * The name of the lock says whose it is, so that it never is there without its owner. Whoever sees a lock of
 * another besides its own does not hold the folder: of two that come at the same time at least one sees the other.
 * The later name gives way at once, the earlier looks again for a moment, so that one of them goes on.
 */
export async function takeLock(directory: string): Promise<() => Promise<void>> {
  const mark = newMark();
  const own = `lock-${mark}`;
  const unlock = async () => {
    await rm(join(directory, own), { force: true });
    releaseMark(mark);
  };
  try {
    await create(directory, own);
    for (let look = 1; ; look++) {
      const [other] = await otherLocks(directory, own);
      if (other === undefined) return unlock;
      if (other > own && look < looks.count) {
        await setTimeout(looks.wait);
        continue;
      }
      const { pid, state } = ownerOf(lockName.exec(other)![1]!);
      const who = state === 'elsewhere' ? `process ${pid} of another machine` : `process ${pid}`;
      throw new DatasetError(
        'output-busy',
        `${join(directory, other)}: ${who} is building there; wait for it, or remove that file if there is no such build`,
      );
    }
  } catch (error) {
    await unlock();
    throw error;
  }
}
