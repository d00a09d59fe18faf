/** The levels of a dataset folder: which files make one, and whether they fit together. */
import { join } from 'node:path';
import { DatasetError } from '../errors.js';
import { formatSize, levelOf, levelSizes, type ImageSize } from './image-size.js';
import { sizeExpectation } from './image-size-schema.js';
import type { DatasetIndex } from './index-file.js';
import { inspectLevelFile, type LevelFile } from './level-file.js';
import { levelOfShards, type Level } from './level.js';

/** A level that cannot be read. */
export interface LevelDamage {
  readonly level: number | null; // null: nobody can tell which
  readonly error: DatasetError;
}

const shardSuffix = /-(\d{5,})-of-(\d{5,})(?=\.tfrecords$)/;
const levelSuffix = /-r(\d\d)\.tfrecords$/;

function invalid(directory: string, what: string): DatasetError {
  return new DatasetError('dataset-invalid', `${directory}: ${what}`);
}

/** What a level's files are found to be; `damage` gets what they should be and are not. */
async function openLevel(
  level: number | null,
  damage: LevelDamage[],
  open: () => Promise<LevelFile[]>,
): Promise<Level[]> {
  try {
    return [levelOfShards(await open())];
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    damage.push({ level, error });
    return [];
  }
}

/** Files without an index: one of each shape, or shards that say so in their names. */
async function foundLevels(
  directory: string,
  present: readonly string[],
  damage: LevelDamage[],
): Promise<Level[]> {
  const names = present.filter((name) => name.endsWith('.tfrecords'));
  if (names.length === 0)
    throw new DatasetError(
      'dataset-missing',
      `${directory}: holds no *.tfrecords file; build a dataset there with "prep build-dataset"`,
    );
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const level = name.replace(shardSuffix, '');
    groups.set(level, [...(groups.get(level) ?? []), name]);
  }
  const levels: Level[] = [];
  for (const [level, shards] of groups) {
    const open = async () => {
      const of = shardSuffix.exec(shards[0]!)?.[2];
      if (of !== undefined && Number(of) !== shards.length)
        throw invalid(directory, `${level} has ${shards.length} of ${Number(of)} shards`);
      const files: LevelFile[] = [];
      for (const name of shards) files.push(await inspectLevelFile(join(directory, name)));
      return files;
    };
    const number = levelSuffix.exec(level)?.[1];
    levels.push(...(await openLevel(number === undefined ? null : Number(number), damage, open)));
  }
  return levels;
}

async function indexedLevels(
  directory: string,
  present: readonly string[],
  index: DatasetIndex,
  damage: LevelDamage[],
): Promise<Level[]> {
  const levels: Level[] = [];
  for (const level of index.levels) {
    const open = async () => {
      const shards: LevelFile[] = [];
      for (const shard of level.shards) {
        const { file: name } = shard;
        if (!present.includes(name))
          throw invalid(directory, `${name} is in the index but not in the folder`);
        const file = await inspectLevelFile(join(directory, name), shard.offsets);
        const agree = (what: string, expected: unknown, got: unknown) => {
          if (`${expected}` !== `${got}`)
            throw invalid(directory, `${name}: expected ${expected} ${what} as in the index, got ${got}`);
        };
        agree('bytes', shard.bytes, file.bytes);
        agree('records', shard.records, file.count);
        agree('(channels, height, width)', [index.channels, level.height, level.width], file.shape);
        shards.push(file);
      }
      return shards;
    };
    levels.push(...(await openLevel(levelOf(level), damage, open)));
  }
  return levels;
}

/** What is wrong with the images of a level by themselves. */
function shapeFault(directory: string, level: Level): DatasetError | undefined {
  for (const { path, shape } of level.shards)
    if (`${shape}` !== `${level.shape}`)
      return invalid(
        directory,
        `${path} holds images of shape [${shape}], its first shard of [${level.shape}]`,
      );
  const [channels, height, width] = level.shape;
  if (levelSizes({ width, height }) && (channels === 1 || channels === 3)) return undefined;
  return invalid(
    directory,
    `${level.shards[0]!.path} holds images of shape [${level.shape}]; expected 1 or 3 channels and ${sizeExpectation}`,
  );
}

/** What keeps a level from being one of those under `top`. */
function misfit(directory: string, level: Level, top: Level, size: ImageSize): DatasetError | undefined {
  const { path } = level.shards[0]!;
  const largest = top.shards[0]!.path;
  const [channels, height, width] = level.shape;
  if (channels !== top.shape[0])
    return invalid(directory, `${path} has ${channels} channels, ${largest} has ${top.shape[0]}`);
  if (height !== size.height || width !== size.width)
    return invalid(directory, `${path} holds images of shape [${level.shape}], expected ${formatSize(size)}`);
  if (level.count !== top.count)
    return invalid(directory, `${path} has ${level.count} images, ${largest} has ${top.count}`);
  return undefined;
}

/** Every level from level 2 up, half the size of the next, of the same channels and count. */
function checkLevels(directory: string, found: readonly Level[], damage: LevelDamage[]): Map<number, Level> {
  const levels = new Map<number, Level>();
  for (const level of found) {
    const [, height, width] = level.shape;
    const fault = shapeFault(directory, level);
    if (fault) {
      damage.push({ level: null, error: fault });
      continue;
    }
    const number = levelOf({ width, height });
    const twin = levels.get(number);
    if (twin)
      throw invalid(
        directory,
        `${twin.shards[0]!.path} and ${level.shards[0]!.path} both hold ${formatSize({ width, height })} images; keep one dataset per folder`,
      );
    levels.set(number, level);
  }
  if (levels.size === 0) return levels;
  const top = levels.get(Math.max(...levels.keys()))!;
  const [, height, width] = top.shape;
  for (const size of levelSizes({ width, height })!) {
    const number = levelOf(size);
    const level = levels.get(number);
    const error = level
      ? misfit(directory, level, top, size)
      : invalid(directory, `the ${formatSize(size)} level is missing`);
    if (!error) continue;
    levels.delete(number);
    // A file that cannot be read has been told of.
    if (!damage.some((each) => each.level === number)) damage.push({ level: number, error });
  }
  return levels;
}

/**
 * The levels by number that are whole and fit together, and what is wrong with others. `index`: undefined where there is none.
 * @throws DatasetError `dataset-missing`, `dataset-invalid` for a folder of two datasets
 */
export async function openLevels(
  directory: string,
  present: readonly string[],
  index: DatasetIndex | undefined,
): Promise<{ readonly levels: Map<number, Level>; readonly damage: readonly LevelDamage[] }> {
  const damage: LevelDamage[] = [];
  const found = index
    ? await indexedLevels(directory, present, index, damage)
    : await foundLevels(directory, present, damage);
  return { levels: checkLevels(directory, found, damage), damage };
}
