/** The layout of a dataset without an index: of the official tool's, or of ours when the index is lost. */
import { join } from 'node:path';
import type { ImageShape } from '../../records/example.js';
import { formatSize, levelOf, levelSizes, smallestLevel, type ImageSize } from '../../records/image-size.js';
import { recordSpan, type LevelFile } from '../../records/level-file.js';
import type { Findings } from './findings.js';
import { levelOfShards, shapeOf, type Layout, type LevelLayout, type ShardLayout } from './layout.js';
import { findRecords, findShape, presence } from './probe.js';

const levelInName = /-r(\d\d)(?:-\d{5,}-of-\d{5,})?\.tfrecords$/;
const shardInName = /-(\d{5,})-of-(\d{5,})(?=\.tfrecords$)/;

interface FoundFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly shape: ImageShape | undefined; // undefined: none of its first images is sound
}

/** The files of one level. */
interface Group {
  readonly files: readonly FoundFile[];
  readonly shape: ImageShape | undefined;
  readonly level: number | undefined; // by the shape, or else by the name
}

const sizeOf = ([, height, width]: ImageShape): ImageSize => ({ width, height });

async function examine(directory: string, name: string, findings: Findings): Promise<FoundFile | undefined> {
  const path = join(directory, name);
  const found = await presence(path);
  if (found.state !== 'file') {
    const why = found.state === 'missing' ? 'has just gone' : found.why;
    findings.add({ code: 'file-unreadable', file: name, message: `${name}: ${why}` });
    return undefined;
  }
  const { bytes } = found;
  const walk = await findRecords(path, bytes);
  // The last record found ends where the walk does, whatever follows it.
  const span = (record: number) => recordSpan({ path, bytes: walk!.end, shape: [1, 1, 1], ...walk! }, record);
  return { name, path, bytes, shape: walk && (await findShape(path, walk.count, span)) };
}

async function findGroups(directory: string, names: readonly string[], findings: Findings): Promise<Group[]> {
  const byLevel = new Map<string, FoundFile[]>();
  for (const name of names) {
    const file = await examine(directory, name, findings);
    if (!file) continue;
    const key = name.replace(shardInName, '');
    byLevel.set(key, [...(byLevel.get(key) ?? []), file]);
  }
  return [...byLevel.values()].map((files) => {
    const shape = files.find((file) => file.shape)?.shape;
    const named = levelInName.exec(files[0]!.name)?.[1];
    const level = shape ? levelOf(sizeOf(shape)) : named === undefined ? undefined : Number(named);
    return { files, shape, level };
  });
}

/** Size and channels of the largest level, from the largest level of which an image is sound. */
function largest(groups: readonly Group[]): { size: ImageSize; channels: number } | undefined {
  const top = Math.max(...groups.map(({ level }) => level ?? 0));
  const known = groups.filter(({ shape }) => shape).sort((a, b) => b.level! - a.level!);
  for (const { shape, level } of known) {
    const { width, height } = sizeOf(shape!);
    const size = { width: width * 2 ** (top - level!), height: height * 2 ** (top - level!) };
    if (levelSizes(size)) return { size, channels: shape![0] };
  }
  return undefined;
}

async function layFile(
  { name, path, bytes, shape: own }: FoundFile,
  likely: ImageShape,
  findings: Findings,
): Promise<Omit<ShardLayout, 'first'>> {
  const shape = own ?? likely;
  const walk = await findRecords(path, bytes, likely);
  if (!walk || walk.count === 0) {
    findings.add({ code: 'record-cut', file: name, offset: 0, message: `${name}: holds no whole record` });
    return { name, records: 0, file: null, stored: null };
  }
  const { offsets, count, end } = walk;
  if (end < bytes) {
    const [code, what] = walk.lost
      ? (['length-crc', 'a damaged header, so that the records after it cannot be found'] as const)
      : (['record-cut', `ends inside a record: ${bytes - end} bytes follow the last whole one`] as const);
    findings.add({ code, file: name, offset: end, message: `${name}: byte ${end}: ${what}` });
  }
  const file: LevelFile = { path, bytes: end, count, shape, offsets };
  return { name, records: count, file, stored: null };
}

/** Shards in their order; one that is not there stands for as many images as the first. */
function completeShards(
  laid: readonly Omit<ShardLayout, 'first'>[],
  findings: Findings,
): Omit<ShardLayout, 'first'>[] {
  const parts = shardInName.exec(laid[0]!.name);
  if (!parts) return [...laid];
  const of = Math.min(Number(parts[2]), 99999);
  const shards: Omit<ShardLayout, 'first'>[] = [];
  for (let i = 0, next = 0; i < of; i++) {
    const number = String(i).padStart(5, '0');
    if (shardInName.exec(laid[next]?.name ?? '')?.[1] === number) {
      shards.push(laid[next++]!);
      continue;
    }
    const name = laid[0]!.name.replace(shardInName, `-${number}-of-${parts[2]}`);
    findings.add({ code: 'file-missing', file: name, message: `${name}: is not there, one of ${of} shards` });
    shards.push({ name, records: laid[0]!.records, file: null, stored: null });
  }
  return shards;
}

/** `names`: the TFRecord files of the folder, sorted. Undefined when no image of them is sound. */
export async function foundLayout(
  directory: string,
  names: readonly string[],
  findings: Findings,
): Promise<Layout | undefined> {
  const groups = await findGroups(directory, names, findings);
  const top = largest(groups);
  if (!top) {
    for (const name of names)
      if (findings.clean(name))
        findings.add({
          code: 'record-invalid',
          file: name,
          message: `${name}: no sound image at its beginning`,
        });
    return undefined;
  }
  const { size, channels } = top;
  const wanted = new Map(levelSizes(size)!.map((each) => [levelOf(each), shapeOf(channels, each)]));
  const levels = new Map<number, LevelLayout>();
  for (const { files, level = 0, shape } of groups) {
    const likely = wanted.get(level);
    const { name } = files[0]!;
    if (!likely || (shape && `${shape}` !== `${likely}`)) {
      const message = `${name}: holds images of shape [${shape ?? 'unknown'}], expected ${likely ? `[${likely}]` : 'a level'} of a dataset of ${formatSize(size)} images`;
      findings.add({ code: 'shape-wrong', file: name, message });
    }
    if (levels.has(level)) {
      const message = `${name}: a second level ${level}; keep one dataset per folder`;
      findings.add({ code: 'file-foreign', file: name, message });
      continue;
    }
    const laid: Omit<ShardLayout, 'first'>[] = [];
    for (const file of files)
      laid.push(await layFile(file, shape ?? likely ?? [...wanted.values()][0]!, findings));
    levels.set(level, levelOfShards(level, completeShards(laid, findings)));
  }
  checkComplete([...levels.values()], [...wanted], findings);
  const sorted = [...levels.values()].sort((a, b) => b.level - a.level);
  return { size, channels, levels: sorted };
}

function checkComplete(
  levels: readonly LevelLayout[],
  wanted: readonly (readonly [number, ImageShape])[],
  findings: Findings,
): void {
  const byNumber = new Map(levels.map((level) => [level.level, level]));
  const [topNumber] = wanted[0]!;
  const top = byNumber.get(topNumber);
  const topName = top?.shards[0]!.name ?? levels[0]!.shards[0]!.name;
  for (const [number, shape] of wanted) {
    const level = byNumber.get(number);
    const name =
      level?.shards[0]!.name ??
      topName.replace(levelInName, `-r${String(number).padStart(2, '0')}.tfrecords`);
    if (!level)
      findings.add({
        code: 'level-missing',
        file: name,
        message: `the ${formatSize(sizeOf(shape))} level is missing; every level down to ${smallestLevel} is needed`,
      });
    else if (top && level.images !== top.images)
      findings.add({
        code: 'level-count',
        file: name,
        message: `${name}: ${level.images} images, expected ${top.images} as in ${topName}`,
      });
  }
}
