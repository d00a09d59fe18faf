import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CliError } from '../errors.js';
import { listRuns, type Run } from './folder.js';
import { sortCheckpoints } from './names.js';

export interface FoundCheckpoint {
  readonly path: string;
  /** The folder it lies in. */
  readonly folder: string;
  /** Whether no other checkpoint of the folder is younger. */
  readonly newest: boolean;
  /** The one before it, to fall back on when this one is damaged. */
  readonly previous: string | undefined;
}

/**
 * The checkpoint meant by `what`: a checkpoint file, a run folder, a run's name or number below `root`;
 * `true` = the newest run that has a checkpoint.
 * @throws CliError `run-missing` or `checkpoint-missing`
 */
export async function findCheckpoint(what: string | true, root: string): Promise<FoundCheckpoint> {
  if (what === true) return await newestRun(root);
  const kind = await kindOf(what);
  if (kind === 'file') return await inFolder(dirname(resolve(what)), basename(what));
  if (kind === 'folder') return await inFolder(resolve(what));
  if (what.endsWith('.safetensors')) {
    throw new CliError('checkpoint-missing', `there is no checkpoint ${what}`);
  }
  return await inFolder(await namedRun(what, root));
}

/**
 * The folder of the run meant by `what`, whether it has a checkpoint or not; parameters as of
 * {@link findCheckpoint}.
 * @throws CliError `run-missing`
 */
export async function findRun(what: string | true, root: string): Promise<string> {
  if (what === true) return resolve((await allRuns(root)).at(-1)!.path);
  const kind = await kindOf(what);
  if (kind !== 'none') return kind === 'folder' ? resolve(what) : dirname(resolve(what));
  return await namedRun(what, root);
}

async function namedRun(what: string, root: string): Promise<string> {
  const runs = await listRuns(root);
  const run = runs.find(
    ({ name, number }) => name === what || (/^\d+$/.test(what) && number === Number(what)),
  );
  if (run) return resolve(run.path);
  const known =
    runs.length > 0 ? `; there are ${runs.map(({ name }) => name).join(', ')}` : '; there are none';
  throw new CliError('run-missing', `no run "${what}" in ${root}${known}`);
}

/** At least one, oldest first. */
async function allRuns(root: string): Promise<Run[]> {
  const runs = await listRuns(root);
  if (runs.length > 0) return runs;
  throw new CliError(
    'run-missing',
    `there is no run in ${root}; start one without --resume, or name its place with --runs`,
  );
}

async function newestRun(root: string): Promise<FoundCheckpoint> {
  for (const run of (await allRuns(root)).reverse()) {
    const names = sortCheckpoints(await readdir(run.path));
    if (names.length > 0) return await inFolder(resolve(run.path));
  }
  throw new CliError('checkpoint-missing', `no run in ${root} has a checkpoint yet`);
}

async function inFolder(folder: string, name?: string): Promise<FoundCheckpoint> {
  const names = sortCheckpoints(await readdir(folder));
  const index = name === undefined ? names.length - 1 : names.indexOf(name);
  const chosen = name ?? names[index];
  if (chosen === undefined) throw new CliError('checkpoint-missing', `${folder} holds no checkpoint`);
  const previous = index > 0 ? names[index - 1] : undefined;
  return {
    path: join(folder, chosen),
    folder,
    newest: index === names.length - 1,
    previous: previous === undefined ? undefined : join(folder, previous),
  };
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'none'> {
  try {
    const stats = await stat(path);
    return stats.isDirectory() ? 'folder' : 'file';
  } catch {
    return 'none';
  }
}
