/** A file of a dataset written anew beside its place, and put there when it is complete. */
import { createHash, type Hash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { formatCrc } from '../../records/crc.js';
import type { StoredFile } from '../../records/index-file.js';

export class Replacement {
  readonly #hash: Hash = createHash('sha256');
  #crc = 0;
  #bytes = 0;
  #stored: StoredFile | undefined;

  private constructor(
    private readonly directory: string,
    private readonly name: string,
    private readonly aside: string,
    private readonly handle: FileHandle | null,
  ) {}

  /** `dryRun`: nothing is written, only hashed. */
  static async open(directory: string, name: string, dryRun: boolean): Promise<Replacement> {
    // The dot keeps it from being taken for a part of the dataset, should the process be killed.
    const aside = join(directory, `.${name}.repair-${process.pid}`);
    return new Replacement(directory, name, aside, dryRun ? null : await open(aside, 'w'));
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.#crc = crc32c(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), this.#crc);
    this.#bytes += bytes.length;
    await this.handle?.writeFile(bytes);
  }

  /** What was written; nothing can be added then. */
  end(): StoredFile {
    return (this.#stored ??= {
      file: this.name,
      bytes: this.#bytes,
      crc32c: formatCrc(this.#crc),
      sha256: this.#hash.digest('hex'),
    });
  }

  async commit(): Promise<void> {
    if (!this.handle) return;
    await this.handle.sync();
    await this.handle.close();
    await rename(this.aside, join(this.directory, this.name));
    // The rename is on disk when the folder is; Windows cannot open folders.
    const folder = await open(this.directory, 'r').catch(() => undefined);
    await folder?.sync().catch(() => undefined);
    await folder?.close();
  }

  async discard(): Promise<void> {
    if (!this.handle) return;
    await this.handle.close().catch(() => undefined);
    await rm(this.aside, { force: true });
  }
}

/**
 * Writes a file by `write` and puts it in place if it then is what the index says.
 * @returns whether it was; if not, or if `write` throws, everything is as before
 */
export async function replaceFile(
  directory: string,
  expected: StoredFile,
  dryRun: boolean,
  write: (file: Replacement) => Promise<void>,
): Promise<boolean> {
  const file = await Replacement.open(directory, expected.file, dryRun);
  try {
    await write(file);
    const { bytes, sha256 } = file.end();
    if (bytes === expected.bytes && sha256 === expected.sha256) {
      await file.commit();
      return true;
    }
  } catch (error) {
    await file.discard();
    throw error;
  }
  await file.discard();
  return false;
}
