import { open, rename, unlink, writeFile } from 'node:fs/promises';
import { systemReason } from './system-reason.js';

/**
 * Writes a whole file or none: aside, flushed, then renamed; several parts one after the other. On failure the file keeps
 * its former content and nothing is left beside it. (The package write-file-atomic ignores short writes: on a full disk
 * it puts a cut file in place.) Errors of the system keep their `code`, and name `path`, not the file aside.
 */
export async function writeAtomic(
  path: string,
  content: string | Uint8Array | Iterable<Uint8Array>,
): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`;
  try {
    const handle = await open(aside, 'w');
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, path);
  } catch (error) {
    await unlink(aside).catch(() => undefined);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const told = new Error(`${path}: cannot be written (${systemReason(error)})`, { cause: error });
    throw Object.assign(told, { code });
  }
}
