/**
 * Names for files and folders that belong to a running process, so that others can tell what a killed
 * one has left from what a living one still needs.
 */
import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** Process ids mean something on one machine only; a folder may be shared by several. */
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** Matches a mark; for use in patterns of names. */
export const markPattern = '\\d+-[0-9a-f]{8}-[0-9a-f]{8}';

const own = new Set<string>();

/** `<pid>-<host>-<token>`, unlike every other mark. */
export function newMark(): string {
  const mark = `${process.pid}-${host}-${randomBytes(4).toString('hex')}`;
  own.add(mark);
  return mark;
}

/** What bears the mark may be cleared away from now on. */
export function releaseMark(mark: string): void {
  own.delete(mark);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process cannot be signalled, but it lives.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** elsewhere: of another machine, whose processes cannot be asked after. */
export type OwnerState = 'alive' | 'gone' | 'elsewhere';

export function ownerOf(mark: string): { readonly pid: number; readonly state: OwnerState } {
  const [pid, machine] = mark.split('-') as [string, string];
  const state = () => {
    if (machine !== host) return 'elsewhere';
    // In a container that is started again the killed process had the id that this one has.
    if (Number(pid) === process.pid) return own.has(mark) ? 'alive' : 'gone';
    return isAlive(Number(pid)) ? 'alive' : 'gone';
  };
  return { pid: Number(pid), state: state() };
}
