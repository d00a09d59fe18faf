/** `<out>.work`: what a build has finished so far, and the lock that keeps a second build out. */
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder } from '@pggan/files';
import { DatasetError } from '../errors.js';
import { sha256Of } from '../sha256.js';
import { isLockName, takeLock } from './lock.js';
import { ResultLog } from './result-log.js';

const scratchName = 'scratch';
const logName = /^[0-9a-f]{16}\.log$/;

const isOurs = (name: string) => name === scratchName || isLockName(name) || logName.test(name);

/** @throws DatasetError `output-refused` when a folder of that name holds what no build has put there */
async function requireOurs(path: string): Promise<void> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code !== 'ENOTDIR') throw error;
    throw new DatasetError(
      'output-refused',
      `${path}: is a file; move it away, or choose another output folder`,
    );
  });
  const foreign = names.find((name) => !isOurs(name));
  if (foreign !== undefined)
    throw new DatasetError(
      'output-refused',
      `${path}: is where builds keep what they have finished, and holds ${foreign}; move it away, or choose another output folder`,
    );
}

export class WorkFolder {
  #log: ResultLog | undefined;

  private constructor(
    readonly path: string,
    readonly scratch: string, // for what a source must unpack
    private readonly unlock: () => Promise<void>,
  ) {}

  /** @throws DatasetError `output-busy`, `output-refused` */
  static async open(out: string): Promise<WorkFolder> {
    const path = `${resolve(out)}.work`;
    const scratch = join(path, scratchName);
    await requireOurs(path);
    const unlock = await takeLock(path);
    try {
      await makeFolder(scratch);
      return new WorkFolder(path, scratch, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /**
   * `settings`: everything besides the picture that decides a result. Results of other settings lie in
   * other files of the same folder and are left alone.
   */
  async openLog(settings: unknown): Promise<ResultLog> {
    const hash = sha256Of(JSON.stringify(settings));
    this.#log = await ResultLog.open(join(this.path, `${hash.slice(0, 16)}.log`));
    return this.#log;
  }

  /** `keep`: leave the results, if there are any, for another build. */
  async close(keep: boolean): Promise<void> {
    const size = this.#log?.size ?? 0;
    await this.#log?.close();
    await rm(this.scratch, { recursive: true, force: true });
    const logs = (await readdir(this.path)).filter((name) => logName.test(name));
    const empty = size === 0 && logs.length <= (this.#log ? 1 : 0);
    if (!keep || empty) await Promise.all(logs.map((name) => rm(join(this.path, name), { force: true })));
    await this.unlock();
    // With results, or with what somebody has put there meanwhile, it stays.
    await rmdir(this.path).catch(() => undefined);
  }
}
