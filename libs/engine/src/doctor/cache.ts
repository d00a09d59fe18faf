/** What the per-user cache holds and weighs. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readInstallation } from '../provision/layout.js';
import { engineFolder } from '../provision/target.js';

export interface CacheReport {
  readonly folder: string;
  readonly bytes: number; //                              of all files, the engine's and others'
  readonly installations: readonly InstallationReport[]; // whole ones only
}

export interface InstallationReport {
  readonly folder: string;
  readonly tensorflow: string; //                         version
  readonly variant: 'cpu' | 'gpu' | 'external';
  readonly bytes: number;
}

/** A cache that does not exist yet is an empty one. */
export async function inspectCache(folder: string): Promise<CacheReport> {
  const engine = engineFolder(folder);
  const installations: InstallationReport[] = [];
  for (const name of (await readdir(engine).catch(() => [])).sort()) {
    const found = await readInstallation(join(engine, name));
    if (!found) continue;
    const { tensorflow, variant } = found.receipt;
    installations.push({ folder: found.folder, tensorflow, variant, bytes: await folderBytes(found.folder) });
  }
  return { folder, bytes: await folderBytes(folder), installations };
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    // Files come and go while another process provisions.
    bytes += await stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return bytes;
}
