/** What an evaluation is asked about: a run, a model's file, a dataset, a folder of pictures. */
import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError } from '../errors.js';
import { findRun } from '../run/find.js';
import { runFiles } from '../run/names.js';

export interface Asked {
  readonly kind: 'run' | 'model' | 'images';
  readonly path: string;
}

/**
 * @param what a path, or a run's name or number below `runs`; undefined: the newest run
 * @throws CliError `run-missing`, `checkpoint-missing`
 */
export async function findSubject(what: string | undefined, runs: string): Promise<Asked> {
  if (what === undefined) return { kind: 'run', path: await findRun(true, runs) };
  const stats = await stat(what).catch(() => undefined);
  if (stats === undefined && /[\\/]|\.safetensors$/.test(what))
    throw new CliError('checkpoint-missing', `${what}: there is no such file or folder`);
  if (stats === undefined) return { kind: 'run', path: await findRun(what, runs) };
  if (stats.isFile()) return { kind: 'model', path: resolve(what) };
  const isRun = (await readdir(what)).includes(runFiles.config);
  return { kind: isRun ? 'run' : 'images', path: resolve(what) };
}
