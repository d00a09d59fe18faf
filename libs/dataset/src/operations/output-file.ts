/** Where an operation may write a file that is no part of a dataset. */
import { open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { DatasetError } from '../errors.js';
import { readAt } from '../records/read-at.js';

/** How files that operations write are told from what must not be overwritten. */
const kinds = {
  png: { ending: '.png', what: 'PNG picture', start: Buffer.from('\x89PNG\r\n\x1a\n', 'latin1') },
  html: { ending: '.html', what: 'HTML page', start: Buffer.from('<!doctype html>') },
} as const;

async function startsWith(path: string, start: Buffer): Promise<boolean> {
  const handle = await open(path);
  try {
    return start.equals(await readAt(handle, 0, start.length));
  } finally {
    await handle.close();
  }
}

/**
 * A file in a dataset's folder that is no part of it would keep it from being replaced; and only a file of the same
 * kind makes way for a new one.
 * @throws DatasetError `output-refused`, `option-invalid` for another ending than that of the kind
 */
export async function checkTarget(path: string, directory: string, kind: keyof typeof kinds): Promise<void> {
  const parent = dirname(resolve(path));
  const real = await realpath(parent).catch(() => {
    throw new DatasetError('output-refused', `${path}: there is no folder ${parent}`);
  });
  const dataset = await realpath(directory);
  if (real === dataset || real.startsWith(dataset + sep))
    throw new DatasetError('output-refused', `${path}: lies in the dataset; choose a place outside of it`);
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw new DatasetError('output-refused', `${path}: is a folder; name a file`);
  const { ending, what, start } = kinds[kind];
  if (!path.toLowerCase().endsWith(ending))
    throw new DatasetError(
      'option-invalid',
      `${path}: a ${what} is written there; expected a name that ends in ${ending}`,
    );
  if (there && !(there.isFile() && (await startsWith(path, start))))
    throw new DatasetError(
      'output-refused',
      `${path}: is there and is no ${what}; choose another name or move it away`,
    );
}

/** A path beside the dataset's folder that starts with its name. */
export function besideDataset(directory: string, ending: string): string {
  const name = basename(directory);
  const beside = /^\.*$/.test(name) ? resolve(directory) : join(dirname(directory), name);
  return `${beside}${ending}`;
}
