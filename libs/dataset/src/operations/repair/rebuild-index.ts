/** `index.json` made from the files it should speak of. */
import { join } from 'node:path';
import { explainIssues } from '@pggan/files';
import { z } from 'zod';
import { levelSizes, type ImageSize } from '../../records/image-size.js';
import {
  indexSchema,
  indexVersion,
  type DatasetIndex,
  type LevelIndex,
  type ShardIndex,
  type StoredFile,
} from '../../records/index-file.js';
import { indexProblems, type Layout } from '../verify/layout.js';
import type { VerifyReport } from '../verify/verify.js';
import type { LooseIndex } from './salvage-index.js';
import { hashFile } from '../verify/verify-files.js';
import { presence } from '../verify/probe.js';

/** Parts of an index that no other file can tell. */
const recordedSchema = z.object({
  versions: indexSchema.shape.versions.catch({}),
  shuffleSeed: indexSchema.shape.shuffleSeed.catch(null),
  source: indexSchema.shape.source.catch({}),
  settings: indexSchema.shape.settings.catch({}),
  labels: z
    .object({ names: z.array(z.string()).nullable().catch(null) })
    .nullable()
    .catch(null),
});

export interface IndexContext {
  readonly directory: string;
  readonly present: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly layout: Layout; // as the files are without any index
  readonly report: VerifyReport; // of the files without any index
}

async function measure({ directory, signal }: IndexContext, file: string): Promise<StoredFile> {
  const { bytes, crc32c, sha256 } = await hashFile(join(directory, file), { sha256: true, signal });
  return { file, bytes, crc32c, sha256: sha256! };
}

/** Number of records and where they lie, of a level file of the layout. */
function recordsOf(
  layout: Layout,
  name: string,
): Pick<ShardIndex, 'records' | 'recordBytes' | 'offsets'> | null {
  const shard = layout.levels.flatMap(({ shards }) => shards).find((each) => each.name === name);
  if (!shard?.file) return null;
  const { offsets } = shard.file;
  return {
    records: shard.records,
    ...('recordBytes' in offsets ? offsets : { offsets: Array.from(offsets.starts) }),
  };
}

function sizeOfLevel({ size }: Layout, level: number): ImageSize {
  const sizes = levelSizes(size)!;
  return sizes[sizes.length - 1 - (level - 2)]!;
}

/**
 * An index of a dataset that has none or of whose own too little can be read. `loose`: what could, for what only it
 * can tell. All level files must be sound.
 * @returns the index, or why there can be none
 */
export async function indexFromFiles(
  context: IndexContext,
  loose: LooseIndex,
  files: readonly string[],
): Promise<DatasetIndex | string> {
  const { present, layout, report } = context;
  const [damaged] = Object.keys(report.damaged);
  if (damaged !== undefined) return `${damaged} is damaged, and nothing says what it was`;
  const recorded = recordedSchema.parse(loose);
  const levels: LevelIndex[] = [];
  for (const { level, shards } of layout.levels) {
    const measured: ShardIndex[] = [];
    for (const { name } of shards)
      measured.push({ ...(await measure(context, name)), ...recordsOf(layout, name)! });
    levels.push({ level, ...sizeOfLevel(layout, level), shards: measured });
  }
  const labels = present.find((name) => name.endsWith('.labels'));
  const names = recorded.labels?.names ?? null;
  const further: StoredFile[] = [];
  for (const name of files) if (present.includes(name)) further.push(await measure(context, name));
  return checked({
    format: 'pggan-dataset',
    version: indexVersion,
    versions: recorded.versions,
    name: levels[0]!.shards[0]!.file.replace(/-r\d\d(-\d+-of-\d+)?\.tfrecords$/, ''),
    images: report.images,
    ...layout.size,
    channels: layout.channels as 1 | 3,
    levels,
    labels:
      labels === undefined
        ? null
        : {
            ...(await measure(context, labels)),
            components: report.labels!,
            names: names?.length === report.labels ? names : null,
          },
    shuffleSeed: recorded.shuffleSeed,
    files: further,
    source: recorded.source,
    settings: recorded.settings,
  });
}

/**
 * An index that parses, with what contradicts the files put right: a file that has the CRC-32C or the SHA-256 of its
 * entry is the one that was written, and the rest of the entry follows it. Other entries stay, for repairing those files.
 * @returns the index, or why it cannot be put right
 */
export async function correctedIndex(
  context: IndexContext,
  index: DatasetIndex,
): Promise<DatasetIndex | string> {
  const { directory, layout, report } = context;
  const correct = async <T extends StoredFile>(entry: T): Promise<T | undefined> => {
    if ((await presence(join(directory, entry.file))).state !== 'file') return undefined;
    const measured = await measure(context, entry.file);
    const same = measured.crc32c === entry.crc32c || measured.sha256 === entry.sha256;
    return same ? { ...entry, ...measured } : undefined;
  };
  const levels: LevelIndex[] = [];
  for (const level of index.levels) {
    const shards: ShardIndex[] = [];
    for (const shard of level.shards) {
      const corrected = await correct(shard);
      const records = corrected && recordsOf(layout, shard.file);
      const { file, bytes, crc32c, sha256 } = corrected ?? shard;
      shards.push(records ? { file, bytes, crc32c, sha256, ...records } : shard);
    }
    const found = layout.levels.find((each) => shards.some(({ file }) => each.shards[0]!.name === file));
    levels.push(
      found ? { level: found.level, ...sizeOfLevel(layout, found.level), shards } : { ...level, shards },
    );
  }
  const labels = index.labels && { ...index.labels, ...(await correct(index.labels)) };
  const files: StoredFile[] = [];
  for (const file of index.files) files.push((await correct(file)) ?? file);
  const components = report.labels ?? labels?.components ?? 0;
  const corrected = {
    ...index,
    images: levels[0]!.shards.reduce((sum, { records }) => sum + records, 0),
    levels,
    labels: labels && {
      ...labels,
      components,
      names: labels.names?.length === components ? labels.names : null,
    },
    files,
  };
  // The files know size and channels best, unless the largest of them are not there.
  const { size, channels } = layout;
  const told = checked({ ...corrected, ...size, channels: channels as 1 | 3 });
  if (typeof told !== 'string') return told;
  const kept = checked(corrected);
  return typeof kept === 'string' ? told : kept;
}

function checked(index: DatasetIndex): DatasetIndex | string {
  const parsed = indexSchema.safeParse(index);
  if (!parsed.success) return explainIssues(parsed.error, index, 'the index');
  const [problem] = indexProblems(parsed.data);
  return problem ?? parsed.data;
}
