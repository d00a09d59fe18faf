/** Whether everything in a dataset folder is as it was written and as it must be. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DatasetError } from '../../errors.js';
import { manifestName } from '../../pipeline/manifest.js';
import type { ImageSize } from '../../records/image-size.js';
import { indexName, readIndex, type DatasetIndex } from '../../records/index-file.js';
import { parseRequest } from '../request.js';
import { Findings, type Finding, type FindingCode } from './findings.js';
import { foundLayout } from './found-layout.js';
import { indexedLayout, type Layout } from './layout.js';
import { presence } from './probe.js';
import { verifyFile, verifyLabels, verifyManifest, type FileContext } from './verify-files.js';
import { verifyLevels } from './verify-levels.js';

export interface VerifyOptions {
  readonly sha256?: boolean; // compare with the index's SHA-256 as well, several times slower; default false
  readonly findings?: number; // to list; all are counted; default 100
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void; // bytes
}

export interface VerifyReport {
  readonly directory: string;
  readonly indexed: boolean; // checked against an index.json
  readonly sha256: boolean; // compared with the index's
  readonly images: number;
  readonly size: ImageSize | null; // of the largest level; null: no image can be read
  readonly channels: number | null;
  readonly levels: number;
  readonly labels: number | null; // components
  readonly manifest: boolean;
  readonly bytes: number; // read
  readonly sound: boolean; // nothing was found
  readonly total: number; // findings
  readonly counts: Readonly<Partial<Record<FindingCode, number>>>;
  readonly damaged: Readonly<Record<string, readonly FindingCode[]>>; // every file with findings
  readonly findings: readonly Finding[]; // the first of them
}

const optionsSchema = z.object({ findings: z.number().int().nonnegative().optional() });

export async function listFolder(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'no such folder' : code === 'ENOTDIR' ? 'not a folder' : `cannot be read (${code})`;
    throw new DatasetError('dataset-missing', `${directory}: ${why}; name the folder of a dataset`);
  }
}

export async function loadIndex(directory: string, findings: Findings): Promise<DatasetIndex | undefined> {
  const found = await presence(join(directory, indexName));
  if (found.state === 'missing') return undefined;
  try {
    if (found.state === 'unreadable') throw new Error(`${indexName}: ${found.why}`);
    return await readIndex(directory, ({ message }) => {
      findings.add({ code: 'index-damaged', file: indexName, message });
    });
  } catch (error) {
    findings.add({ code: 'index-invalid', file: indexName, message: (error as Error).message });
    return undefined;
  }
}

const noLayout: Layout = { size: { width: 0, height: 0 }, channels: 0, levels: [] };

/**
 * Reads every file once and reports what is wrong; goes on after damage. Without an `index.json` (datasets of the
 * official tool) sizes, counts, checksums of records, levels and labels are checked all the same.
 * @throws DatasetError `dataset-missing` when the folder holds no dataset, `interrupted`, `option-invalid`
 */
export async function verifyDataset(directory: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const findings = new Findings(parseRequest(optionsSchema, options).findings ?? 100);
  const present = await listFolder(directory);
  const index = await loadIndex(directory, findings);
  return verifyAgainst(directory, present, index, findings, options);
}

/** As `verifyDataset`, with any index, or as if there were none. `findings` may hold something already. */
export async function verifyAgainst(
  directory: string,
  present: readonly string[],
  index: DatasetIndex | undefined,
  findings: Findings,
  options: VerifyOptions,
): Promise<VerifyReport> {
  const { sha256 = false, signal } = options;
  const levelFiles = present.filter((name) => name.endsWith('.tfrecords'));
  if (!index && levelFiles.length === 0)
    throw new DatasetError(
      'dataset-missing',
      `${directory}: holds no *.tfrecords file${findings.total > 0 ? ` and no index we know (${findings.listed[0]!.message})` : ''}; name the folder of a dataset`,
    );

  const layout =
    (index
      ? await indexedLayout(directory, present, index, findings)
      : await foundLayout(directory, levelFiles, findings)) ?? noLayout;
  const images = layout.levels[0]?.images ?? 0;

  const labels = index
    ? index.labels && { name: index.labels.file, stored: index.labels, components: index.labels.components }
    : present
        .filter((name) => name.endsWith('.labels'))
        .map((name) => ({ name, stored: null, components: null }))[0];
  const further = index
    ? index.files.map((stored) => ({ name: stored.file, stored }))
    : present.filter((name) => name === manifestName).map((name) => ({ name, stored: null }));

  let done = 0;
  const total = await bytesOf(directory, layout, [...further, ...(labels ? [labels] : [])]);
  const onBytes = (bytes: number) => {
    done += bytes;
    options.onProgress?.(Math.min(done, total), total);
  };
  await verifyLevels(layout, findings, { sha256, signal, onBytes });
  const context: FileContext = { directory, findings, sha256, signal, onBytes };
  const components = labels
    ? await verifyLabels(context, labels.name, labels.stored, images, labels.components)
    : null;
  let manifest = false;
  for (const { name, stored } of further) {
    if (name === manifestName) manifest = await verifyManifest(context, name, stored, images);
    else await verifyFile(context, name, stored);
  }

  return {
    directory,
    indexed: index !== undefined,
    sha256: sha256 && index !== undefined,
    images,
    size: layout === noLayout ? null : layout.size,
    channels: layout === noLayout ? null : layout.channels,
    levels: layout.levels.length,
    labels: components,
    manifest,
    bytes: done,
    sound: findings.total === 0,
    total: findings.total,
    counts: findings.counts,
    damaged: findings.byFile(),
    findings: findings.listed,
  };
}

async function bytesOf(
  directory: string,
  layout: Layout,
  further: readonly { readonly name: string }[],
): Promise<number> {
  let total = 0;
  for (const { shards } of layout.levels) for (const { file } of shards) if (file) total += file.bytes;
  for (const { name } of further) {
    const found = await presence(join(directory, name));
    if (found.state === 'file') total += found.bytes;
  }
  return total;
}
