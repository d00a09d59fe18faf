/** The files beside the level files: labels, the manifest, the contact sheet. */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { systemReason } from '@pggan/files';
import { DatasetError } from '../../errors.js';
import { formatCrc } from '../../records/crc.js';
import type { StoredFile } from '../../records/index-file.js';
import { decodeNpy, type NpyArray } from '../../records/npy.js';
import type { Findings } from './findings.js';
import { ManifestCheck } from './manifest-check.js';
import { presence } from './probe.js';
import { throwIfAborted } from './record-chunks.js';

const chunkBytes = 1 << 20;

export interface FileHashes {
  readonly bytes: number;
  readonly crc32c: string;
  readonly sha256: string | null; // null: not asked for
}

/** One pass over a file; `onChunk` sees every byte, in order, in buffers of its own. */
export async function hashFile(
  path: string,
  {
    sha256,
    signal,
    onChunk,
  }: {
    readonly sha256: boolean;
    readonly signal?: AbortSignal | undefined;
    readonly onChunk?: (chunk: Buffer) => void | Promise<void>;
  },
): Promise<FileHashes> {
  const hash = sha256 ? createHash('sha256') : undefined;
  let [bytes, crc] = [0, 0];
  const handle = await open(path, 'r');
  try {
    for (;;) {
      throwIfAborted(signal);
      const buffer = Buffer.allocUnsafe(chunkBytes);
      const { bytesRead } = await handle.read(buffer, 0, chunkBytes, bytes);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      bytes += bytesRead;
      crc = crc32c(chunk, crc);
      hash?.update(chunk);
      await onChunk?.(chunk);
    }
  } finally {
    await handle.close();
  }
  return { bytes, crc32c: formatCrc(crc), sha256: hash?.digest('hex') ?? null };
}

export interface FileContext {
  readonly directory: string;
  readonly findings: Findings;
  readonly sha256: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onBytes: (bytes: number) => void;
}

/** Whether `name` is a file whose size and hashes are those of the index, as far as there is one. */
export async function verifyFile(
  { directory, findings, sha256, signal, onBytes }: FileContext,
  name: string,
  stored: StoredFile | null,
  onChunk?: (chunk: Buffer) => void,
): Promise<boolean> {
  const path = join(directory, name);
  const found = await presence(path);
  if (found.state !== 'file') {
    const message = found.state === 'missing' ? 'is in the index but not in the folder' : found.why;
    const code = found.state === 'missing' ? 'file-missing' : 'file-unreadable';
    findings.add({ code, file: name, message: `${name}: ${message}` });
    return false;
  }
  if (stored && stored.bytes !== found.bytes) {
    const message = `${name}: expected ${stored.bytes} bytes as in the index, got ${found.bytes}`;
    findings.add({ code: 'file-size', file: name, message });
  }
  try {
    const hashes = await hashFile(path, {
      sha256: sha256 && stored !== null,
      signal,
      onChunk(chunk) {
        onBytes(chunk.length);
        onChunk?.(chunk);
      },
    });
    if (!stored || stored.bytes !== hashes.bytes) return true;
    const compare = (code: 'file-crc' | 'file-sha256', what: string, expected: string, got: string) => {
      if (expected === got) return;
      findings.add({ code, file: name, message: `${name}: ${what}: index ${expected}, file ${got}` });
    };
    compare('file-crc', 'CRC-32C', stored.crc32c, hashes.crc32c);
    if (hashes.sha256) compare('file-sha256', 'SHA-256', stored.sha256, hashes.sha256);
    return true;
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const message = `${name}: cannot be read (${systemReason(error)})`;
    findings.add({ code: 'file-unreadable', file: name, message });
    return false;
  }
}

async function readLabels(path: string): Promise<NpyArray | string> {
  try {
    return decodeNpy(await readFile(path), path);
  } catch (error) {
    return (error as Error).message;
  }
}

/** `components`: of the index, null without one. Returns how many there are, or null. */
export async function verifyLabels(
  context: FileContext,
  name: string,
  stored: StoredFile | null,
  images: number,
  components: number | null,
): Promise<number | null> {
  const { directory, findings } = context;
  if (!(await verifyFile(context, name, stored))) return null;
  const labels = await readLabels(join(directory, name));
  const invalid = (what: string) =>
    findings.add({ code: 'labels-invalid', file: name, message: `${name}: ${what}` });
  if (typeof labels === 'string') {
    findings.add({ code: 'labels-invalid', file: name, message: labels });
    return null;
  }
  const { shape, data } = labels;
  const got = shape[1] ?? 1;
  if (shape.length > 2 || shape[0] !== images)
    invalid(`expected labels for ${images} images, got an array of shape (${shape})`);
  else if (components !== null && got !== components)
    invalid(`expected ${components} labels per image as in the index, got ${got}`);
  data.forEach((value, i) => {
    if (Number.isFinite(value)) return;
    const [record, component] = [Math.floor(i / got), i % got];
    findings.add({
      code: 'labels-not-finite',
      file: name,
      record,
      message: `${name}: image ${record}, label ${component}: expected a finite number, got ${value}`,
    });
  });
  return got;
}

/** @returns whether the file could be read */
export async function verifyManifest(
  context: FileContext,
  name: string,
  stored: StoredFile | null,
  images: number,
): Promise<boolean> {
  const check = new ManifestCheck(name, images, context.findings);
  const read = await verifyFile(context, name, stored, (chunk) => check.add(chunk));
  if (read) check.end();
  return read;
}
