/** Where an operation may write a file that is no part of a dataset. */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { DatasetError } from '../errors.js';

/**
 * A file in a dataset's folder that is no part of it would keep it from being replaced.
 * @throws DatasetError `output-refused`
 */
export async function checkTarget(path: string, directory: string): Promise<void> {
  const parent = dirname(resolve(path));
  const real = await realpath(parent).catch(() => {
    throw new DatasetError('output-refused', `${path}: there is no folder ${parent}`);
  });
  const dataset = await realpath(directory);
  if (real === dataset || real.startsWith(dataset + sep))
    throw new DatasetError('output-refused', `${path}: lies in the dataset; choose a place outside of it`);
  if ((await stat(path).catch(() => undefined))?.isDirectory())
    throw new DatasetError('output-refused', `${path}: is a folder; name a file`);
}

/** A path beside the dataset's folder that starts with its name. */
export function besideDataset(directory: string, ending: string): string {
  const name = basename(directory);
  const beside = /^\.*$/.test(name) ? resolve(directory) : join(dirname(directory), name);
  return `${beside}${ending}`;
}
