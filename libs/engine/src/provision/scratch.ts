/**
 * Work folders beside the target, on the same disk so that one rename publishes them. A name tells
 * who made it, so that what a killed run left behind can be told from what a live one is writing.
 */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const PREFIX = '.work-';
/** Another machine's work folder (a shared home) cannot be asked whether its owner lives. */
const FOREIGN_AGE_MS = 24 * 3600 * 1000;

const own = new Set<string>();

export async function createScratch(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, `${PREFIX}${hostTag()}-${process.pid}-`));
  own.add(folder);
  return folder;
}

export async function removeScratch(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  own.delete(folder);
}

/** Deletes the work folders of dead runs; returns their names. */
export async function removeLeftovers(parent: string, now: number): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(parent).catch(() => [])) {
    const folder = join(parent, name);
    if (!name.startsWith(PREFIX) || own.has(folder) || !(await isLeftover(folder, name, now))) continue;
    await rm(folder, { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

async function isLeftover(folder: string, name: string, now: number): Promise<boolean> {
  const [, host, pid] = /^\.work-(\w+)-(\d+)-/.exec(name) ?? [];
  if (host === hostTag()) {
    // Our own number on a folder that is not ours: an earlier life of this container.
    return Number(pid) === process.pid || !isAlive(Number(pid));
  }
  const { mtimeMs } = await stat(folder);
  return now - mtimeMs > FOREIGN_AGE_MS;
}

/** Host names may hold the separator. */
export function hostTag(): string {
  return hostname().replace(/\W/g, '_') || 'host';
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's process
  }
}
