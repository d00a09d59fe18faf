/** `index.json`: what lies in a dataset folder, so that nothing must be scanned to read from it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DatasetError } from '../errors.js';

export const indexName = 'index.json';

const fileName = z.string().regex(/^[^/\\]+$/, 'a file name without folders');
const count = z.number().int().nonnegative();
const stored = z.object({
  file: fileName,
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const levelSchema = stored.extend({
  resolution: z.number().int().min(4),
  records: count.positive(),
  /** Where record i starts: `i * recordBytes` when all are of one size, else listed. */
  recordBytes: count.positive().optional(),
  offsets: z.array(count).optional(),
});

const labelsSchema = stored.extend({
  components: count.positive(),
  names: z.array(z.string()).nullable(),
});

export const indexSchema = z.object({
  format: z.literal('pggan-dataset'),
  version: z.literal(1),
  name: z.string(),
  images: count.positive(),
  resolution: z.number().int().min(4),
  channels: z.union([z.literal(1), z.literal(3)]),
  levels: z.array(levelSchema).min(1),
  labels: labelsSchema.nullable(),
  /** Seed of the order in which images were written; null: in source order. */
  shuffleSeed: z.number().int().nonnegative().nullable(),
  /** Further files of the folder: the manifest, a contact sheet. */
  files: z.array(stored),
  /** Where the pictures came from and what was done to them, for people and for `prep`. */
  source: z.record(z.string(), z.unknown()),
  settings: z.record(z.string(), z.unknown()),
});

export type DatasetIndex = z.infer<typeof indexSchema>;
export type LevelIndex = z.infer<typeof levelSchema>;
export type StoredFile = z.infer<typeof stored>;

/**
 * The index of a dataset folder, or undefined where there is none (datasets of the official tool).
 * @throws DatasetError `dataset-invalid` when it is there but is not an index we know
 */
export async function readIndex(directory: string): Promise<DatasetIndex | undefined> {
  const path = join(directory, indexName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new DatasetError('dataset-invalid', `${path}: not JSON (${(error as Error).message})`);
  }
  const parsed = indexSchema.safeParse(json);
  if (!parsed.success)
    throw new DatasetError(
      'dataset-invalid',
      `${path}: not a dataset index of version 1: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`,
    );
  return parsed.data;
}
