/**
 * A folder that appears complete or not at all: files are written to `<out>.partial-<mark>`, which
 * takes the place of `<out>` by a rename at the end. An older dataset stays until that moment.
 */
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder, systemReason } from '@pggan/files';
import { DatasetError } from '../errors.js';
import { indexedFiles, indexName, readIndex } from './index-file.js';
import { markPattern, newMark, ownerOf, releaseMark } from './owner.js';

async function entries(directory: string): Promise<string[] | undefined> {
  try {
    return await readdir(directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR')
      throw new DatasetError('output-refused', `${directory}: is a file; choose another output folder`);
    throw error;
  }
}

/** What a repair that was killed leaves, see operations/repair/replacement.ts. */
const unfinishedRepair = /^\..+\.repair-\d+$/;

/**
 * Refuses to replace anything but an empty folder or one of our datasets without foreign files in it.
 * @throws DatasetError `output-refused`
 */
export async function checkReplaceable(out: string): Promise<void> {
  const found = await entries(out);
  if (!found || found.length === 0) return;
  const refuse = (why: string) =>
    new DatasetError('output-refused', `${out}: ${why}; choose another output folder or move it away`);
  if (!found.includes(indexName)) throw refuse(`holds ${found.length} entries and is no dataset`);
  const index = await readIndex(out).catch((error: unknown) => {
    throw refuse(`its ${indexName} is not a dataset's (${(error as Error).message})`);
  });
  const own = new Set([indexName, ...(index ? indexedFiles(index) : []).map(({ file }) => file)]);
  const foreign = found.find((name) => !own.has(name) && !unfinishedRepair.test(name));
  if (foreign !== undefined) throw refuse(`holds ${foreign}, which is no part of the dataset there`);
}

/** A full disk or a missing permission is no bug: says where, not in which of our own files. Other errors as they are. */
export function explainOutput(error: unknown, out: string, advice: string): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EFBIG'].includes(code)) return error;
  return new DatasetError('output-failed', `${out}: cannot be written (${systemReason(error)}); ${advice}`, {
    cause: error,
  });
}

async function syncFolder(directory: string): Promise<void> {
  // Folders cannot be opened for this on Windows; the rename is all there is.
  const handle = await open(directory, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

const leftover = new RegExp(`^\\.(partial|old)-(${markPattern})$`);

/**
 * Clears what killed builds left beside `target`; what belongs to a living process, or to one that cannot be
 * asked after, stays. A build killed between its two renames has left the old dataset under another name and
 * nothing in its place: that one goes back.
 */
async function clearLeftovers(target: string): Promise<void> {
  const [parent, name] = [dirname(target), basename(target)];
  const found = await readdir(parent);
  for (const other of found) {
    const [, what, mark] = (other.startsWith(name) && leftover.exec(other.slice(name.length))) || [];
    if (mark === undefined || ownerOf(mark).state !== 'gone') continue;
    const nothingThere = ((await entries(target)) ?? []).length === 0;
    if (what === 'old' && nothingThere) await rename(join(parent, other), target);
    else await rm(join(parent, other), { recursive: true, force: true });
  }
}

export class OutputFolder {
  private constructor(
    readonly out: string,
    /** Where to write until `commit`. */
    readonly path: string,
    private readonly mark: string,
  ) {}

  /** Of several who build `out` at the same time each has a folder of its own; the last to commit stays. */
  static async create(out: string): Promise<OutputFolder> {
    const target = resolve(out);
    await checkReplaceable(target);
    const parent = dirname(target);
    await makeFolder(parent);
    await clearLeftovers(target);
    const mark = newMark();
    const path = `${target}.partial-${mark}`;
    await mkdir(path);
    return new OutputFolder(target, path, mark);
  }

  /** @throws DatasetError `output-refused`, `output-busy` when another process is just putting its own there */
  async commit(): Promise<void> {
    await syncFolder(this.path);
    await checkReplaceable(this.out);
    const old = `${this.out}.old-${this.mark}`;
    try {
      const replaced = await stat(this.out).then(
        () => true,
        () => false,
      );
      if (replaced) await rename(this.out, old);
      try {
        await rename(this.path, this.out);
      } catch (error) {
        if (replaced) await rename(old, this.out);
        throw error;
      }
      await syncFolder(dirname(this.out));
      if (replaced) await rm(old, { recursive: true, force: true });
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(code)) throw error;
      throw new DatasetError(
        'output-busy',
        `${this.out}: another process has changed it meanwhile (${code}); run the same command again`,
        { cause: error },
      );
    }
    releaseMark(this.mark);
  }

  async discard(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    releaseMark(this.mark);
  }
}
