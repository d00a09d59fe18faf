import { open, stat } from 'node:fs/promises';

/** A path that leads to no plain file, or to one that is larger than expected. */
export class PlainFileError extends Error {
  override readonly name = 'PlainFileError';
}

/**
 * The whole of a plain file: a pipe or a device could keep us waiting or never end.
 * @throws PlainFileError when it is none, or larger than `most` bytes; errors of the system as they are
 */
export async function readPlainFile(path: string, most: number): Promise<Buffer> {
  if (!(await stat(path)).isFile()) throw new PlainFileError(`${path}: is no plain file; expected one`);
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size > most) throw new PlainFileError(`${path}: has ${size} bytes; expected at most ${most}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
