/** Lines of a dataset's manifest, read one after the other and checked as far as operations rest on them. */
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { explainIssues } from '@pggan/files';
import { z } from 'zod';
import { DatasetError } from '../errors.js';
import { manifestName } from '../pipeline/manifest.js';
import { nothingKnown } from '../pipeline/stage.js';
import type { TFRecordDataset } from '../records/dataset.js';
import { linesOf } from '../records/plain-file.js';
import { everyRecord } from './image-stream.js';

const record = z.number().int().nonnegative();
const lineSchema = z.looseObject({
  path: z.string(),
  decision: z.enum(['kept', 'dropped']),
  reason: z.string().nullish(),
  record: record.nullish(),
  mirrored: record.nullish(),
  face: record.nullish(),
  picture: z
    .looseObject({
      width: z.number(),
      height: z.number(),
      format: z.string().optional(),
      converted: z.array(z.string()).optional(),
    })
    .nullish(),
  scores: z.record(z.string(), z.number().nullable()).nullish(),
});

/** What `manifest.jsonl` says of one picture of the source; fields that nobody here needs are kept as they are. */
export type ManifestEntry = z.infer<typeof lineSchema>;

/** Numbers of the images that an entry names: none, one, or one and its mirror image. */
export function recordsOf({ record, mirrored }: ManifestEntry): number[] {
  return [record, mirrored].filter((number) => number !== null && number !== undefined);
}

/**
 * Path of the manifest, or null for a dataset without one.
 * @throws DatasetError `dataset-invalid` when the index lists one that is not there
 */
export async function findManifest({ directory, index }: TFRecordDataset): Promise<string | null> {
  const path = join(directory, manifestName);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return path;
  if (index?.files.some(({ file }) => file === manifestName))
    throw new DatasetError('dataset-invalid', `${path}: is in the index but not in the folder`);
  return null;
}

/** Name of a dataset, for people and for the manifests of datasets made from it. */
export function datasetName({ index, directory }: TFRecordDataset): string {
  return index?.name ?? basename(resolve(directory));
}

/** Where an image of a dataset made from others came from; `from`: where that one had come from. */
export interface Origin {
  readonly dataset: string;
  readonly record: number;
  readonly mirrored?: number;
  readonly from?: unknown;
}

/** What becomes an entry's `from` when its picture moves on to another dataset. */
export function originOf(entry: ManifestEntry, dataset: string): Origin {
  const { record, mirrored, from } = entry;
  return {
    dataset,
    record: record!,
    ...(typeof mirrored === 'number' ? { mirrored } : {}),
    ...(from === undefined ? {} : { from }),
  };
}

/**
 * Entries of the manifest; after them one with the number as path for every image that none names, so for all
 * images where there is no manifest.
 * @throws DatasetError `dataset-invalid` with the number of the line
 */
export async function* allEntries(dataset: TFRecordDataset): AsyncGenerator<ManifestEntry> {
  const named = new Uint8Array(dataset.count);
  for await (const entry of manifestEntries(dataset)) {
    for (const record of recordsOf(entry)) named[record] = 1;
    yield entry;
  }
  for (const [record, known] of named.entries())
    if (!known)
      yield {
        path: String(record).padStart(8, '0'),
        sha256: null,
        bytes: null,
        decision: 'kept',
        reason: null,
        detail: null,
        record,
        ...nothingKnown,
      };
}

/** For each image the one that stands for its picture: itself, or for a mirror image the image it mirrors. */
export async function pictureOfEach(dataset: TFRecordDataset): Promise<Int32Array> {
  const pictures = everyRecord(dataset.count);
  for await (const { record, mirrored } of manifestEntries(dataset))
    if (typeof record === 'number' && typeof mirrored === 'number') pictures[mirrored] = record;
  return pictures;
}

/**
 * Entries of the manifest; none when there is no manifest. Every image is named at most once.
 * @throws DatasetError `dataset-invalid` with the number of the line
 */
export async function* manifestEntries(dataset: TFRecordDataset): AsyncGenerator<ManifestEntry> {
  const path = await findManifest(dataset);
  if (path === null) return;
  const named = new Uint8Array(dataset.count);
  let number = 0;
  for await (const { text } of linesOf(path)) {
    number++;
    const invalid = (what: string) => new DatasetError('dataset-invalid', `${path}: line ${number}: ${what}`);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      throw invalid(`not JSON (${(error as Error).message})`);
    }
    const parsed = lineSchema.safeParse(json);
    if (!parsed.success) throw invalid(explainIssues(parsed.error, json, 'the line'));
    for (const record of recordsOf(parsed.data)) {
      if (record >= dataset.count)
        throw invalid(`names image ${record} of a dataset that has ${dataset.count}`);
      if (named[record]) throw invalid(`names image ${record}, which belongs to an earlier line`);
      named[record] = 1;
    }
    // As it was written, with its fields in their order.
    yield json as ManifestEntry;
  }
}
