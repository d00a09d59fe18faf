/**
 * One provisioning at a time, so that two programs started together download once. Only a saving:
 * were the lock lost, both would work in folders of their own and the last rename would win.
 */
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { hostTag, isAlive } from './scratch.js';

/** The holder touches its lock every BEAT_MS; after STALE_MS of silence it is taken to be gone. */
const BEAT_MS = 5_000;
const STALE_MS = 60_000;
/** Between two looks at a lock that somebody else is removing. */
const TURN_MS = 20;

export interface Lock {
  release(): Promise<void>;
}

/** Takes the lock, or returns the process number of a live holder. */
export async function tryLock(path: string, now: () => number): Promise<Lock | { holder: number }> {
  for (;;) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(`${hostTag()} ${process.pid}`);
      await file.close();
      return hold(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await liveHolder(path, now());
    if (holder !== undefined) return { holder };
    await removeStale(path, now);
  }
}

/**
 * Only one program at a time may find a lock stale and remove it: another that had found the same one stale would
 * remove the lock that a third has taken since.
 */
async function removeStale(path: string, now: () => number): Promise<void> {
  const turn = `${path}.stale`;
  try {
    await (await open(turn, 'wx')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const taken = await stat(turn).catch(() => undefined);
    if (taken && now() - taken.mtimeMs > STALE_MS) await rm(turn, { force: true });
    await setTimeout(TURN_MS);
    return;
  }
  try {
    if ((await liveHolder(path, now())) === undefined) await rm(path, { force: true });
  } finally {
    await rm(turn, { force: true });
  }
}

function hold(path: string): Lock {
  const beat = setInterval(() => {
    const time = new Date();
    // The folder may be gone under a test or a user's cleaning; the release copes as well.
    utimes(path, time, time).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  return {
    async release() {
      clearInterval(beat);
      await rm(path, { force: true });
    },
  };
}

async function liveHolder(path: string, now: number): Promise<number | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const [host, pid] = text.split(' ');
    const silent = now - mtimeMs > STALE_MS;
    const dead = host === hostTag() && !isAlive(Number(pid));
    // An empty lock was created this instant, or its maker died in that instant: only silence tells.
    return silent || (text !== '' && dead) ? undefined : Number(pid);
  } catch {
    return undefined;
  }
}
