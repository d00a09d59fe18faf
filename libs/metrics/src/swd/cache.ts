/** Descriptors on disk: those of the reals serve every snapshot. */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { makeFolder, writeAtomic } from '@pggan/files';
import { z } from 'zod';
import { MetricsError } from '../errors.js';
import { checked, shapeName, type ImageSource } from '../images/batch.js';
import type { Descriptors, LevelDescriptors } from './descriptors.js';

/** What descriptors depend on: the images' content hash, the seed, the minibatch, … Anything that changes them belongs here. */
export type DescriptorKey = Readonly<Record<string, string | number | boolean>>;

const formatVersion = 1;
const whole = z.int().nonnegative();
const manifestSchema = z.strictObject({
  version: z.literal(formatVersion),
  key: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  shape: z.strictObject({
    channels: z.union([z.literal(1), z.literal(3)]),
    width: whole,
    height: whole,
  }),
  images: whole,
  patches: whole,
  levels: z.array(
    z.strictObject({
      width: whole,
      height: whole,
      blocks: z.array(whole), // lengths, in float32
      crc32: whole,
      moments: z.array(
        z.strictObject({
          count: whole,
          sum: z.number(),
          squares: z.number(),
          least: z.number(),
          greatest: z.number(),
        }),
      ),
    }),
  ),
});
type Manifest = z.infer<typeof manifestSchema>;
type StoredLevel = Manifest['levels'][number];

/** SHA-256 of the pixels and shape of images, however they are batched. */
export async function contentHash(images: ImageSource): Promise<string> {
  const hash = createHash('sha256');
  let named = false;
  for await (const { batch } of checked(images)) {
    if (!named) hash.update(`${shapeName(batch)}\n`);
    named = true;
    hash.update(batch.data);
  }
  return hash.digest('hex');
}

function sorted(key: DescriptorKey): DescriptorKey {
  return Object.fromEntries(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
const levelFile = (base: string, level: number) => `${base}-${level}.f32`;

/**
 * Descriptors for `key` from `folder`, or else those that `make` gives, which are then kept there. Files are complete or
 * absent; damaged ones are made anew. Several processes may share the folder.
 * @throws MetricsError `cache-failed` when the folder cannot be written or read
 */
export async function cachedDescriptors(
  folder: string,
  key: DescriptorKey,
  make: () => Promise<Descriptors>,
): Promise<Descriptors> {
  const text = JSON.stringify([formatVersion, sorted(key)]);
  const base = join(folder, createHash('sha256').update(text).digest('hex').slice(0, 32));
  try {
    await makeFolder(folder);
    const stored = await load(base);
    if (stored) return stored;
  } catch (cause) {
    throw failed(folder, cause);
  }
  const made = await make();
  try {
    await store(base, key, made);
  } catch (cause) {
    throw failed(folder, cause);
  }
  return made;
}

function failed(folder: string, cause: unknown): MetricsError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new MetricsError('cache-failed', `${folder}: the cache of descriptors cannot be used (${why})`, {
    cause,
  });
}

async function store(base: string, key: DescriptorKey, { levels, ...rest }: Descriptors): Promise<void> {
  const stored: StoredLevel[] = [];
  for (const [i, { width, height, blocks, moments }] of levels.entries()) {
    await writeAtomic(levelFile(base, i), blocks.map(bytesOf));
    const sum = blocks.reduce((crc, block) => crc32(bytesOf(block), crc), 0);
    stored.push({
      width,
      height,
      blocks: blocks.map(({ length }) => length),
      crc32: sum,
      moments: [...moments],
    });
  }
  // Last: without it the others do not count.
  const manifest: Manifest = { version: formatVersion, key: sorted(key), ...rest, levels: stored };
  await writeAtomic(`${base}.json`, JSON.stringify(manifest));
}

/** Null when there is nothing, or nothing sound. */
async function load(base: string): Promise<Descriptors | null> {
  const text = await readFile(`${base}.json`, 'utf8').catch(absent);
  if (text === null) return null;
  let manifest: Manifest;
  try {
    manifest = manifestSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
  const { shape, images, patches } = manifest;
  const levels: LevelDescriptors[] = [];
  for (const [i, level] of manifest.levels.entries()) {
    const blocks = await loadBlocks(levelFile(base, i), level);
    if (!blocks) return null;
    levels.push({ width: level.width, height: level.height, moments: level.moments, blocks });
  }
  return { shape, images, patches, levels };
}

async function loadBlocks(path: string, level: StoredLevel): Promise<Float32Array[] | null> {
  const handle = await open(path).catch(absent);
  if (!handle) return null;
  try {
    const blocks: Float32Array[] = [];
    let crc = 0;
    for (const length of level.blocks) {
      const block = new Float32Array(new SharedArrayBuffer(length * 4));
      const bytes = bytesOf(block);
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at);
        if (bytesRead === 0) return null;
        at += bytesRead;
      }
      crc = crc32(bytes, crc);
      blocks.push(block);
    }
    return crc === level.crc32 ? blocks : null;
  } finally {
    await handle.close();
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
