/** A file that stands in a run folder as long as a process trains there, or from when it was killed. */
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { writeAtomic } from '@pggan/files';
import { z } from 'zod';
import { runFiles } from './names.js';

const markerSchema = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** Clock ticks between the start of the system and of the process; absent where the system does not tell. */
  born: z.string().optional(),
});

/** Says that this process trains in a folder; the function returned takes it back. */
export async function markRunning(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, runFiles.running);
  const marker = { pid: process.pid, host: hostname(), born: birthOf(process.pid) };
  await writeAtomic(path, `${JSON.stringify(marker)}\n`);
  return () => rm(path, { force: true });
}

/**
 * `running`: a live process of this machine; `killed`: it ended without taking its marker along;
 * `elsewhere`: of another machine, whose processes cannot be asked after; `none`: nobody trains.
 */
export type Runner = {
  readonly state: 'running' | 'killed' | 'elsewhere' | 'none';
  readonly pid?: number;
  readonly host?: string;
};

export async function findRunner(folder: string): Promise<Runner> {
  let text: string;
  try {
    text = await readFile(join(folder, runFiles.running), 'utf8');
  } catch {
    return { state: 'none' };
  }
  const marker = parseMarker(text);
  if (marker === undefined) return { state: 'killed' };
  const { pid, host, born } = marker;
  if (host !== hostname()) return { state: 'elsewhere', pid, host };
  // A process id is used again; a birth is not.
  return { state: isAlive(pid) && born === birthOf(pid) ? 'running' : 'killed', pid, host };
}

function parseMarker(text: string): z.output<typeof markerSchema> | undefined {
  try {
    return markerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether a process of this machine has the id. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process cannot be signalled, but it lives.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Field 22 of /proc/PID/stat; the name in field 2 may hold spaces and brackets. */
function birthOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}
