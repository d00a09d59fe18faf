/** The sliced Wasserstein distance of one level: project, sort, compare. */
import { MetricsError } from '../errors.js';
import type { Pool } from '../work/pool.js';
import type { LevelDescriptors } from './descriptors.js';
import { patchArea } from './describe-task.js';
import { someDirections, type Directions } from './directions.js';
import { mostRows } from './integer-slices.js';
import { normaliser, reachOf } from './moments.js';
import { floatPanels, floatPanelWidth, integerFactors, integerPanels, quantiser } from './panels.js';
import type { SliceTask } from './slice-task.js';
import { sortedBytes } from './sorted-slices.js';

/**
 * How projections are computed and compared. `int16` rounds descriptors and directions to 16 bits and sorts nothing: of
 * 2^14 descriptors that changed the distance by 2e-5 of itself at most, of 2^15 by 5e-6, from where on it serves.
 */
export type ArithmeticKind = SliceTask['kind'];

export function defaultArithmetic(rows: number): ArithmeticKind {
  return rows >= 2 ** 15 ? 'int16' : 'float32';
}

export function rowsOf({ blocks, moments }: LevelDescriptors): number {
  return blocks.reduce((sum, block) => sum + block.length, 0) / (moments.length * patchArea);
}

/** All that a task's descriptors are read for: more directions cost less each, fewer are told of sooner. */
const mostDirections = 64;
/** Of projections that a thread keeps to sort them. */
const mostBytes = 2 ** 27;

/** Directions for one task; whole panels. */
function directionsAtOnce(kind: ArithmeticKind, rows: number): number {
  if (kind === 'int16') return mostDirections;
  const fitting = Math.floor(mostBytes / sortedBytes(rows) / floatPanelWidth) * floatPanelWidth;
  return Math.min(mostDirections, Math.max(floatPanelWidth, fitting));
}

function sliceTask(
  kind: ArithmeticKind,
  levels: readonly [LevelDescriptors, LevelDescriptors],
  rows: number,
  directions: Directions,
): SliceTask {
  const { components, count } = directions;
  const common = { rows, components, directions: count };
  if (kind === 'float32') {
    const [a, b] = levels.map(({ blocks, moments }) => ({ blocks, normalisers: moments.map(normaliser) }));
    return { kind, ...common, sides: [a!, b!], panels: floatPanels(directions) };
  }
  const integer = integerPanels(directions);
  const [a, b] = levels.map(({ blocks, moments }) => {
    const quantisers = moments.map(quantiser);
    return { blocks, quantisers, ...integerFactors(integer, quantisers, moments.map(normaliser)) };
  });
  return { kind, ...common, sides: [a!, b!], panels: integer.panels, octaves: octavesOf(levels, components) };
}

/** So many that no projection on a direction of unit length is beyond the tables, rounding included. */
function octavesOf(levels: readonly LevelDescriptors[], components: number): number {
  const reach = Math.max(...levels.flatMap(({ moments }) => moments.map(reachOf)));
  return 1 + Math.ceil(Math.log2(1.01 * Math.sqrt(components) * reach + 0.5));
}

/**
 * Gives the pool what finds, per direction, the mean over ranks of |real - fake| of the sorted projections of normalised
 * descriptors. `directions` have a component per component of a descriptor. The distances are complete when the pool has
 * finished. `onStep` hears of done work: in all once per direction.
 * @throws MetricsError `too-many`
 */
export async function giveDistances(
  pool: Pool,
  reals: LevelDescriptors,
  fakes: LevelDescriptors,
  directions: Directions,
  kind: ArithmeticKind,
  onStep: (steps: number) => void = () => undefined,
): Promise<Float64Array> {
  const rows = rowsOf(reals);
  if (rows > mostRows)
    throw new MetricsError(
      'too-many',
      `sliced Wasserstein distance: at most ${mostRows} descriptors a level, got ${rows}; use fewer images or patches`,
    );
  const { count } = directions;
  const distances = new Float64Array(count);
  const atOnce = directionsAtOnce(kind, rows);
  for (let first = 0; first < count; first += atOnce) {
    const some = someDirections(directions, first, Math.min(atOnce, count - first));
    await pool.give('slices', sliceTask(kind, [reals, fakes], rows, some), (values) => {
      distances.set(values, first);
      onStep(some.count);
    });
  }
  return distances;
}
