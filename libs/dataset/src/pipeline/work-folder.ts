/** `<out>.work`: what a build has finished so far, and the lock that keeps a second build out. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { takeLock } from './lock.js';
import { ResultLog } from './result-log.js';

const scratchName = 'scratch';
const lockName = 'lock';

export class WorkFolder {
  #log: ResultLog | undefined;

  private constructor(
    readonly path: string,
    readonly scratch: string, // for what a source must unpack
    private readonly unlock: () => Promise<void>,
  ) {}

  /** @throws DatasetError `output-busy` */
  static async open(out: string): Promise<WorkFolder> {
    const path = `${resolve(out)}.work`;
    const scratch = join(path, scratchName);
    await mkdir(scratch, { recursive: true });
    return new WorkFolder(path, scratch, await takeLock(join(path, lockName)));
  }

  /**
   * `settings`: everything besides the picture that decides a result. Results of other settings lie in
   * other files of the same folder and are left alone.
   */
  async openLog(settings: unknown): Promise<ResultLog> {
    const hash = createHash('sha256').update(JSON.stringify(settings)).digest('hex');
    this.#log = await ResultLog.open(join(this.path, `${hash.slice(0, 16)}.log`));
    return this.#log;
  }

  /** `keep`: leave the results, if there are any, for another build. */
  async close(keep: boolean): Promise<void> {
    const size = this.#log?.size ?? 0;
    await this.#log?.close();
    await rm(this.scratch, { recursive: true, force: true });
    const logs = (await readdir(this.path)).filter((name) => name.endsWith('.log'));
    const empty = size === 0 && logs.length <= (this.#log ? 1 : 0);
    if (keep && !empty) await this.unlock();
    else await rm(this.path, { recursive: true, force: true });
  }
}
