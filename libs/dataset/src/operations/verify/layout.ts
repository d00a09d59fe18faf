/** What a check of a dataset goes through: its level files and where their records lie. */
import { join } from 'node:path';
import type { ImageShape } from '../../records/example.js';
import { framingBytes } from '../../records/framing.js';
import { formatSize, levelOf, levelSizes, type ImageSize } from '../../records/image-size.js';
import {
  indexedFiles,
  indexName,
  type DatasetIndex,
  type ShardIndex,
  type StoredFile,
} from '../../records/index-file.js';
import { largestFrame, recordSpan, type LevelFile, type RecordOffsets } from '../../records/level-file.js';
import type { Findings } from './findings.js';
import { findRecords, findShape, presence, type Walk } from './probe.js';

export interface ShardLayout {
  readonly name: string;
  readonly first: number; // number in the dataset of its first image
  readonly records: number; // images it stands for, whether they can be read or not
  readonly file: LevelFile | null; // its whole records; null: nothing can be read
  readonly stored: StoredFile | null; // what the index says; null: no index, or the size differs
}

export interface LevelLayout {
  readonly level: number;
  readonly shards: readonly ShardLayout[];
  readonly images: number;
}

export interface Layout {
  readonly size: ImageSize;
  readonly channels: number;
  readonly levels: readonly LevelLayout[]; // largest first
}

export const shapeOf = (channels: number, { width, height }: ImageSize): ImageShape => [
  channels,
  height,
  width,
];

/** Shards of a level, numbered through. */
export function levelOfShards(level: number, shards: readonly Omit<ShardLayout, 'first'>[]): LevelLayout {
  let images = 0;
  const numbered = shards.map((shard) => {
    const first = images;
    images += shard.records;
    return { ...shard, first };
  });
  return { level, shards: numbered, images };
}

/** Where the index places the records of a shard, or why that cannot be. */
export function indexedOffsets(shard: ShardIndex): RecordOffsets | string {
  const { bytes, records, recordBytes, offsets } = shard;
  const possible = (span: number) => span > framingBytes && span <= largestFrame;
  if (recordBytes !== undefined) {
    if (recordBytes * records !== bytes)
      return `${records} records of ${recordBytes} bytes are not ${bytes} bytes`;
    return possible(recordBytes) ? { recordBytes } : `no image has ${recordBytes} bytes`;
  }
  if (!offsets) return 'neither the size of its records nor their offsets are given';
  if (offsets.length !== records) return `${offsets.length} offsets are given for ${records} records`;
  const wrong = offsets.findIndex((start, i) => !possible((offsets[i + 1] ?? bytes) - start));
  if (offsets[0] !== 0 || wrong >= 0)
    return `record ${Math.max(0, wrong)} is placed at byte ${offsets[Math.max(0, wrong)]}`;
  return { starts: Float64Array.from(offsets) };
}

/** What in an index contradicts the rest of it. */
export function indexProblems(index: DatasetIndex): string[] {
  const problems: string[] = [];
  const sizes = levelSizes(index);
  if (!sizes) problems.push(`images of ${formatSize(index)} cannot be halved down to level 2`);
  const expected = sizes?.map((size) => formatSize(size)).join(' ');
  const listed = index.levels.map((level) => formatSize(level)).join(' ');
  if (sizes && expected !== listed) problems.push(`expected levels of ${expected}, got ${listed}`);
  for (const { level, width, height, shards } of index.levels) {
    if (level !== levelOf({ width, height }))
      problems.push(`images of ${formatSize({ width, height })} are called level ${level}`);
    const images = shards.reduce((sum, { records }) => sum + records, 0);
    if (images !== index.images)
      problems.push(`level ${level} has ${images} images, the dataset ${index.images}`);
    for (const shard of shards) {
      const offsets = indexedOffsets(shard);
      if (typeof offsets === 'string') problems.push(`${shard.file}: ${offsets}`);
    }
  }
  const names = indexedFiles(index).map(({ file }) => file);
  const twice = names.find((name, i) => name === indexName || names.indexOf(name) !== i);
  if (twice !== undefined) problems.push(`${twice} is listed as a second file`);
  const { labels } = index;
  if (labels?.names && labels.names.length !== labels.components)
    problems.push(`${labels.names.length} names are given for ${labels.components} labels`);
  return problems;
}

/** The records of an indexed shard that lie inside a file of `bytes`. */
function walkIndexed(offsets: RecordOffsets, shard: ShardIndex, bytes: number): Walk {
  if ('recordBytes' in offsets) {
    const { recordBytes } = offsets;
    const count = Math.min(shard.records, Math.floor(bytes / recordBytes));
    return { offsets, count, end: count * recordBytes, lost: false };
  }
  const { starts } = offsets;
  const endOf = (record: number) => starts[record + 1] ?? shard.bytes;
  let count = starts.length;
  while (count > 0 && endOf(count - 1) > bytes) count--;
  return { offsets, count, end: count === 0 ? 0 : endOf(count - 1), lost: false };
}

async function indexedShard(
  directory: string,
  shard: ShardIndex,
  shape: ImageShape,
  findings: Findings,
): Promise<Omit<ShardLayout, 'first'>> {
  const { file: name, records } = shard;
  const path = join(directory, name);
  const found = await presence(path);
  const nothing = { name, records, file: null, stored: null };
  if (found.state === 'missing') {
    findings.add({
      code: 'file-missing',
      file: name,
      message: `${name}: is in the index but not in the folder`,
    });
    return nothing;
  }
  if (found.state === 'unreadable') {
    findings.add({ code: 'file-unreadable', file: name, message: `${name}: ${found.why}` });
    return nothing;
  }
  const { bytes } = found;
  const offsets = indexedOffsets(shard);
  const trusted = typeof offsets !== 'string';
  if (trusted && bytes !== shard.bytes)
    findings.add({
      code: 'file-size',
      file: name,
      message: `${name}: expected ${shard.bytes} bytes as in the index, got ${bytes}`,
    });
  const walk = trusted ? walkIndexed(offsets, shard, bytes) : await findRecords(path, bytes, shape);
  if (!walk || walk.count === 0) return nothing;
  // The last record of an indexed file ends where the index has it end.
  const end = trusted ? Math.min(bytes, shard.bytes) : bytes;
  const file: LevelFile = { path, bytes: end, count: walk.count, shape, offsets: walk.offsets };
  const held = (await findShape(path, walk.count, (record) => recordSpan(file, record))) ?? shape;
  if (`${held}` !== `${shape}`)
    findings.add({
      code: 'shape-wrong',
      file: name,
      message: `${name}: holds images of shape [${held}], expected [${shape}] as in the index`,
    });
  return {
    name,
    records: trusted ? records : walk.count,
    file: { ...file, shape: held },
    stored: trusted && bytes === shard.bytes ? shard : null,
  };
}

/** As the index says; `findings` gets what the files make of it. */
export async function indexedLayout(
  directory: string,
  present: readonly string[],
  index: DatasetIndex,
  findings: Findings,
): Promise<Layout> {
  for (const problem of indexProblems(index))
    findings.add({ code: 'index-wrong', file: indexName, message: `${indexName}: ${problem}` });
  const levels: LevelLayout[] = [];
  for (const { level, shards, ...size } of index.levels) {
    const shape = shapeOf(index.channels, size);
    const laid: Omit<ShardLayout, 'first'>[] = [];
    for (const shard of shards) laid.push(await indexedShard(directory, shard, shape, findings));
    levels.push(levelOfShards(level, laid));
  }
  const known = new Set(index.levels.flatMap(({ shards }) => shards.map(({ file }) => file)));
  for (const name of present)
    if (name.endsWith('.tfrecords') && !known.has(name))
      findings.add({
        code: 'file-foreign',
        file: name,
        message: `${name}: is not in the index, but readers without an index would take it for a level`,
      });
  levels.sort((a, b) => b.level - a.level);
  return { size: { width: index.width, height: index.height }, channels: index.channels, levels };
}
