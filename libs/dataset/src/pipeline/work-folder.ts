/** `<out>.work`: what a build has finished so far, and the lock that keeps a second build out. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { takeLock } from './lock.js';
import { ResultLog } from './result-log.js';

export class WorkFolder {
  private constructor(
    readonly path: string,
    readonly log: ResultLog,
    private readonly unlock: () => Promise<void>,
  ) {}

  /**
   * `settings`: everything besides the picture that decides a result. Results of other settings lie in
   * other files of the same folder and are left alone. @throws DatasetError `output-busy`
   */
  static async open(out: string, settings: unknown): Promise<WorkFolder> {
    const path = `${resolve(out)}.work`;
    await mkdir(path, { recursive: true });
    const unlock = await takeLock(join(path, 'lock'));
    try {
      const hash = createHash('sha256').update(JSON.stringify(settings)).digest('hex');
      return new WorkFolder(path, await ResultLog.open(join(path, `${hash.slice(0, 16)}.log`)), unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** `keep`: leave the results for another build. */
  async close(keep: boolean): Promise<void> {
    const empty = this.log.size === 0 && (await readdir(this.path)).length <= 2;
    await this.log.close();
    if (keep && !empty) await this.unlock();
    else await rm(this.path, { recursive: true, force: true });
  }
}
