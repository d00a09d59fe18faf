/** The snapshots in a run folder: what they are, which may go, and what a killed process left behind. */
import { access, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  activeResolution,
  judgeSnapshots,
  ModelError,
  readCheckpointHead,
  type JudgedSnapshot,
  type RetentionPolicy,
  type Snapshot,
} from '@pggan/model';
import { RunLog } from './log.js';
import { isAlive } from './marker.js';
import { runFiles, sortSnapshots } from './names.js';

/** Deletes the snapshots that no reason keeps; `network-final` is none of them. */
export async function pruneSnapshots(folder: string, policy: RetentionPolicy): Promise<void> {
  for (const { snapshot, reasons } of await judgeFolder(folder, policy)) {
    if (reasons.length === 0) await unlink(join(folder, snapshot.name));
  }
}

/** The snapshots of a folder with the reasons to keep them, oldest first; damaged ones are left out. */
export async function judgeFolder(
  folder: string,
  policy: RetentionPolicy,
): Promise<JudgedSnapshot<Snapshot>[]> {
  const rows = new Map((await new RunLog(folder).readStats()).map((row) => [row.images, row]));
  const snapshots: Snapshot[] = [];
  for (const name of sortSnapshots(await readdir(folder))) {
    try {
      const { options, progress } = await readCheckpointHead(join(folder, name));
      const { nimg, lod } = progress;
      const resolution = activeResolution(options.network, lod);
      snapshots.push({ name, nimg, resolution, metrics: rows.get(nimg) ?? {} });
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
    }
  }
  return judgeSnapshots(snapshots, policy);
}

/** Deletes the snapshots past `images`: the run has left that way. */
export async function dropSnapshotsPast(folder: string, images: number): Promise<void> {
  for (const { snapshot } of await judgeFolder(folder, { last: 'all', perResolution: false, best: null })) {
    if (snapshot.nimg > images) await unlink(join(folder, snapshot.name));
  }
}

/**
 * Makes the folder of a finished run that of an unfinished one: its final checkpoint becomes (or already is) a
 * snapshot, so that `network-final` is the end of the run or absent.
 * @param snapshot name of a snapshot of the same state
 */
export async function reopenRun(folder: string, snapshot: string): Promise<void> {
  await removeIfThere(join(folder, runFiles.done));
  const final = join(folder, runFiles.final);
  try {
    await access(final);
  } catch {
    return;
  }
  await rename(final, join(folder, snapshot));
}

/** Deletes what killed processes were writing aside (`NAME.PID.tmp`); files of living ones stay. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /\.(\d+)\.tmp$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await removeIfThere(join(folder, name));
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
