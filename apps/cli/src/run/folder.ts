import { access, constants, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@pggan/files';
import type { ImageShape } from '@pggan/model';
import { CliError } from '../errors.js';

const numbered = /^(\d{5})-/;
const reserved = /^\.(\d{5})$/;

export interface Run {
  /** `00003-sample-32x32`. */
  readonly name: string;
  readonly path: string;
  readonly number: number;
}

/** The numbered run folders under `root`, oldest first; empty when `root` does not exist. */
export async function listRuns(root: string): Promise<Run[]> {
  const names = await readNames(root);
  return names
    .flatMap((name) => {
      const match = numbered.exec(name);
      return match ? [{ name, path: join(root, name), number: Number(match[1]) }] : [];
    })
    .sort((a, b) => a.number - b.number);
}

/**
 * Makes `<root>/<highest number + 1>-<description>`. Two programs that start at once get two numbers:
 * the number is held by an exclusive file until the folder stands.
 * @throws CliError `run-not-writable`
 */
export async function createRunFolder(root: string, description: string): Promise<Run> {
  try {
    await makeFolder(root);
    for (let number = nextNumber(await readNames(root)); ; number++) {
      const digits = String(number).padStart(5, '0');
      const reservation = join(root, `.${digits}`);
      if (!(await reserve(reservation))) continue;
      try {
        // Somebody may have finished with this number between our listing and our reservation.
        if ((await listRuns(root)).some((run) => run.number === number)) continue;
        const name = `${digits}-${description}`;
        await mkdir(join(root, name));
        return { name, path: join(root, name), number };
      } finally {
        await unlink(reservation);
      }
    }
  } catch (error) {
    throw notWritable(root, error);
  }
}

/**
 * Makes `root` and tries it, before hours of work depend on it.
 * @throws CliError `run-not-writable`
 */
export async function requireWritable(root: string, option?: string): Promise<void> {
  try {
    await makeFolder(root);
    await access(root, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw notWritable(root, error, option);
  }
}

/** A dataset's folder name made fit for a run's name: letters, digits, dot, dash, underscore. */
export function describeRun(dataset: string, { width, height }: ImageShape): string {
  const safe = dataset.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^[._-]+/, '') || 'dataset';
  return `${safe}-${width}x${height}`;
}

function nextNumber(names: readonly string[]): number {
  const taken = names.map((name) => Number((numbered.exec(name) ?? reserved.exec(name))?.[1] ?? -1));
  return Math.max(-1, ...taken) + 1;
}

async function reserve(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readNames(root: string): Promise<string[]> {
  try {
    return await readdir(root);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Any failure to write below `root`, as a message with a remedy; our own errors pass through. */
export function notWritable(root: string, error: unknown, option = '--runs'): Error {
  if (error instanceof CliError) return error;
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new CliError(
      'disk-full',
      `no space left to write in ${root}; files written earlier are whole. ` +
        `Free some space (or give ${option} another folder) and try again, runs with --resume`,
      { cause: error },
    );
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT'].includes(code)) {
    return new CliError(
      'run-not-writable',
      `cannot write in ${root} (${code}); make it a writable folder or choose another with ${option}`,
      { cause: error },
    );
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** The system's code behind an error, which libraries keep as its cause. */
function systemCode(error: unknown): string {
  const { code, cause } = error as NodeJS.ErrnoException;
  return cause instanceof Error ? systemCode(cause) : (code ?? '');
}
