/** Results on disk: what was computed of the reals serves every snapshot. */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { makeFolder, writeAtomic } from '@pggan/files';
import { z } from 'zod';
import { MetricsError } from '../errors.js';

/** What a result depends on: the images' content hash, the seed, the extractor, … Anything that changes it belongs here. */
export type CacheKey = Readonly<Record<string, string | number | boolean>>;

type Block = Float32Array | Float64Array;

/** How a kind of result is kept: a small head, and files of numbers, each of one or more blocks. */
export interface CacheFormat<Value, Head> {
  readonly kind: string; // names it in keys and messages
  readonly version: number; // another one is made anew
  readonly head: z.ZodType<Head>;
  pack(value: Value): { readonly head: Head; readonly files: readonly (readonly Block[])[] };
  /** `files`: the bytes of every block, in shared memory. Null when they do not go together with the head. */
  unpack(head: Head, files: readonly (readonly SharedArrayBuffer[])[]): Value | null;
}

const whole = z.int().nonnegative();
const manifestSchema = z.strictObject({
  key: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  head: z.unknown(),
  files: z.array(z.strictObject({ blocks: z.array(whole), crc32: whole })), // lengths in bytes
});
type Manifest = z.infer<typeof manifestSchema>;
type StoredFile = Manifest['files'][number];

function sorted(key: CacheKey): CacheKey {
  return Object.fromEntries(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Block) => new Uint8Array(buffer, byteOffset, byteLength);
const fileOf = (base: string, index: number) => `${base}-${index}.bin`;

/**
 * The result for `key` from `folder`, or else the one that `make` gives, which is then kept there. Files are complete or
 * absent; damaged ones are made anew. Several processes may share the folder.
 * @throws MetricsError `cache-failed` when the folder cannot be written or read
 */
export async function cached<Value, Head>(
  folder: string,
  key: CacheKey,
  format: CacheFormat<Value, Head>,
  make: () => Promise<Value>,
): Promise<Value> {
  const text = JSON.stringify([format.kind, format.version, sorted(key)]);
  const base = join(folder, createHash('sha256').update(text).digest('hex').slice(0, 32));
  const failed = (cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new MetricsError(
      'cache-failed',
      `${folder}: the cache of ${format.kind} cannot be used (${why})`,
      {
        cause,
      },
    );
  };
  try {
    await makeFolder(folder);
    const stored = await load(base, format);
    if (stored !== null) return stored;
  } catch (cause) {
    throw failed(cause);
  }
  const made = await make();
  try {
    await store(base, key, format, made);
  } catch (cause) {
    throw failed(cause);
  }
  return made;
}

async function store<Value, Head>(
  base: string,
  key: CacheKey,
  format: CacheFormat<Value, Head>,
  value: Value,
): Promise<void> {
  const { head, files } = format.pack(value);
  const stored: StoredFile[] = [];
  for (const [i, blocks] of files.entries()) {
    await writeAtomic(fileOf(base, i), blocks.map(bytesOf));
    stored.push({
      blocks: blocks.map(({ byteLength }) => byteLength),
      crc32: blocks.reduce((crc, block) => crc32(bytesOf(block), crc), 0),
    });
  }
  // Last: without it the others do not count.
  const manifest: Manifest = { key: sorted(key), head, files: stored };
  await writeAtomic(`${base}.json`, JSON.stringify(manifest));
}

/** Null when there is nothing, or nothing sound. */
async function load<Value, Head>(base: string, format: CacheFormat<Value, Head>): Promise<Value | null> {
  const text = await readFile(`${base}.json`, 'utf8').catch(absent);
  if (text === null) return null;
  let manifest: Manifest;
  let head: Head;
  try {
    manifest = manifestSchema.parse(JSON.parse(text));
    head = format.head.parse(manifest.head);
  } catch {
    return null;
  }
  const files: SharedArrayBuffer[][] = [];
  for (const [i, file] of manifest.files.entries()) {
    const blocks = await loadBlocks(fileOf(base, i), file);
    if (!blocks) return null;
    files.push(blocks);
  }
  return format.unpack(head, files);
}

async function loadBlocks(path: string, file: StoredFile): Promise<SharedArrayBuffer[] | null> {
  const handle = await open(path).catch(absent);
  if (!handle) return null;
  try {
    const { size } = await handle.stat();
    if (size !== file.blocks.reduce((sum, length) => sum + length, 0)) return null;
    const blocks: SharedArrayBuffer[] = [];
    let crc = 0;
    for (const length of file.blocks) {
      const block = new SharedArrayBuffer(length);
      const bytes = new Uint8Array(block);
      for (let at = 0; at < length;) {
        const { bytesRead } = await handle.read(bytes, at, length - at);
        if (bytesRead === 0) return null;
        at += bytesRead;
      }
      crc = crc32(bytes, crc);
      blocks.push(block);
    }
    return crc === file.crc32 ? blocks : null;
  } finally {
    await handle.close();
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
