/** Disk space: asked for beforehand, and recognised when it runs out all the same. */
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EngineError } from '../errors.js';
import type { Variant } from './target.js';

/**
 * Bytes needed at the worst moment. cpu: pip's two copies of a 0.27 GB wheel, then one beside 0.86 GB of
 * libraries. gpu: 5.3 GB of libraries at the end, beside two copies of the wheel that came last. Both measured.
 */
export const SPACE_NEEDED: Record<Variant, number> = { cpu: 1.3e9, gpu: 7e9 };

/** Free bytes at a folder that may not exist yet. */
export async function freeSpace(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    return freeSpace(parent);
  }
}

/** @throws EngineError `disk-full` with both numbers */
export function requireSpace(folder: string, needed: number, free: number): void {
  if (free >= needed) return;
  throw new EngineError(
    'disk-full',
    `Not enough disk space for TensorFlow in ${folder}: ${gigabytes(needed)} needed, ${gigabytes(free)} free. ` +
      `Free some space, or point PGGAN_CACHE at a roomier disk.`,
  );
}

/** File-system errors of the cache as errors of the engine; everything else unchanged. */
export function explainDiskError(error: unknown, folder: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EngineError(
      'disk-full',
      `The disk filled up while writing to ${folder} (${code}). Free some space, or point PGGAN_CACHE at a roomier disk.`,
      { cause: error },
    );
  }
  if (code && ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)) {
    return new EngineError(
      'cache-unwritable',
      `Cannot write to the cache ${folder}: ${message}. Make it writable, or point PGGAN_CACHE at another folder.`,
      { cause: error },
    );
  }
  return error;
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
