/** `index.json`: what lies in a dataset folder, so that nothing must be scanned to read from it. */
import { join } from 'node:path';
import { explainIssues, shown } from '@pggan/files';
import { z } from 'zod';
import { DatasetError } from '../errors.js';
import { sha256Of } from '../sha256.js';
import { readPlain } from './plain-file.js';

export const indexName = 'index.json';
export const indexVersion = 2;

/** Offsets of ten million records of uneven size; what is larger is no index. */
const largestIndex = 2 ** 28;

const fileName = z
  .string()
  .refine((name) => !/^\.{0,2}$|[/\\\0]/.test(name), 'expected a file name without folders');
const count = z.number().int().nonnegative();
const side = count.min(2).max(1024);
const storedSchema = z.object({
  file: fileName,
  bytes: count,
  crc32c: z.string().regex(/^[0-9a-f]{8}$/), // of the whole file, not masked
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** One file of a level; records are numbered through all shards of a level, in their order. */
const shardSchema = storedSchema.extend({
  records: count.positive(),
  /** Where record i of the shard starts: `i * recordBytes` when all are of one size, else listed. */
  recordBytes: count.positive().optional(),
  offsets: z.array(count).optional(),
});

const levelSchema = z.object({
  level: z.number().int().min(2).max(10), // the NN of -rNN: floor(log2(larger side))
  width: side,
  height: side,
  shards: z.array(shardSchema).min(1),
});

const labelsSchema = storedSchema.extend({
  components: count.positive(),
  names: z.array(z.string()).nullable(),
});

export const indexSchema = z.object({
  format: z.literal('pggan-dataset'),
  version: z.literal(indexVersion),
  versions: z.record(z.string(), z.string()), // of the programs that made it
  name: z.string(),
  images: count.positive(),
  width: side,
  height: side,
  channels: z.union([z.literal(1), z.literal(3)]),
  levels: z.array(levelSchema).min(1), // largest first
  labels: labelsSchema.nullable(),
  /** Seed of the order in which images were written; null: in source order. */
  shuffleSeed: z.number().int().nonnegative().nullable(),
  /** Further files of the folder: the manifest, a contact sheet. */
  files: z.array(storedSchema),
  /** Where the pictures came from and what was done to them, for people and for `prep`. */
  source: z.record(z.string(), z.unknown()),
  settings: z.record(z.string(), z.unknown()),
});

export type DatasetIndex = z.infer<typeof indexSchema>;
export type LevelIndex = z.infer<typeof levelSchema>;
export type ShardIndex = z.infer<typeof shardSchema>;
export type StoredFile = z.infer<typeof storedSchema>;

/** Every file of the folder that the index speaks of, besides itself. */
export function indexedFiles(index: DatasetIndex): StoredFile[] {
  return [
    ...index.levels.flatMap((level) => level.shards),
    ...(index.labels ? [index.labels] : []),
    ...index.files,
  ];
}

/** However the file is indented. */
function contentHash(content: object): string {
  return sha256Of(JSON.stringify(content));
}

/** Text of the file: the index, and last the SHA-256 of it all (as JSON without spaces). */
export function formatIndex(index: DatasetIndex): string {
  return `${JSON.stringify({ ...index, sha256: contentHash(index) }, null, 2)}\n`;
}

/** Nothing of an index that was changed is to be trusted. */
function refuse(damage: DatasetError): void {
  throw damage;
}

/**
 * The index of a dataset folder, or undefined where there is none (datasets of the official tool). Those of older
 * versions come without a SHA-256 of their own. `onDamage` is told of one that does not fit.
 * @throws DatasetError `dataset-invalid` when it is there but is not an index we know, or not as it was written
 */
export async function readIndex(
  directory: string,
  onDamage: (damage: DatasetError) => void = refuse,
): Promise<DatasetIndex | undefined> {
  const path = join(directory, indexName);
  let text: string;
  try {
    text = (await readPlain(path, largestIndex)).toString('utf8');
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
      `${path}: not a dataset index of version ${indexVersion}: ${explainIssues(parsed.error, json, 'the file')}; ` +
        'build the dataset again, or remove index.json to read the TFRecord files alone',
    );
  const { sha256, ...content } = json as Record<string, unknown>;
  const hash = contentHash(content);
  if (sha256 !== undefined && sha256 !== hash)
    onDamage(
      new DatasetError(
        'dataset-invalid',
        `${path}: is not as it was written: expected SHA-256 ${shown(sha256)} as it says, got ${hash}; ` +
          `"prep repair ${directory}" puts it right, from the files or from a copy`,
      ),
    );
  return parsed.data;
}
