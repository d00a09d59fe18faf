/** The sliced Wasserstein distance of one level: project, sort, compare. */
import { MetricsError } from '../errors.js';
import type { Pool } from '../work/pool.js';
import type { LevelDescriptors } from './descriptors.js';
import { patchArea } from './describe-task.js';
import { someDirections, type Directions } from './directions.js';
import { normaliser } from './moments.js';
import { floatPanels, integerFactors, integerPanels, panelWidth, quantiser } from './panels.js';
import type { Arithmetic } from './project-task.js';
import { mostRows } from './transport-task.js';

/**
 * How projections are computed. `int16` rounds descriptors and directions to 16 bits. Sums of that many values lose less
 * than float32 sums do, but of a few descriptors the sixth digit changes: so it serves from 2^16 on.
 */
export type ArithmeticKind = Arithmetic['kind'];

export function defaultArithmetic(rows: number): ArithmeticKind {
  return rows >= 2 ** 16 ? 'int16' : 'float32';
}

/** Bytes of projections, of both sets, that are held at a time; of few descriptors not more directions than these. */
const projectionBytes = 2 ** 30;
const mostAtOnce = 128;

export function rowsOf({ blocks, moments }: LevelDescriptors): number {
  return blocks.reduce((sum, block) => sum + block.length, 0) / (moments.length * patchArea);
}

function arithmeticsOf(
  sides: readonly LevelDescriptors[],
  directions: Directions,
  kind: ArithmeticKind,
): readonly Arithmetic[] {
  const normalisers = sides.map(({ moments }) => moments.map(normaliser));
  if (kind === 'float32') {
    const panels = floatPanels(directions);
    return normalisers.map((normalisers) => ({ kind, panels, normalisers }));
  }
  const integer = integerPanels(directions);
  return sides.map(({ moments }, side) => {
    const quantisers = moments.map(quantiser);
    return {
      kind,
      panels: integer.panels,
      quantisers,
      ...integerFactors(integer, quantisers, normalisers[side]!),
    };
  });
}

const rowsPerTask = 2 ** 13;

/** Blocks for one task each, and the rows they have. */
function* groups(blocks: readonly Float32Array[], components: number) {
  let group: Float32Array[] = [];
  let taken = 0;
  for (const [i, block] of blocks.entries()) {
    group.push(block);
    taken += block.length / components;
    if (taken < rowsPerTask && i + 1 < blocks.length) continue;
    yield { blocks: group, taken };
    [group, taken] = [[], 0];
  }
}

/**
 * Per direction the mean over ranks of |real - fake| of the sorted projections of normalised descriptors. `directions`
 * have a component per component of a descriptor. `onStep` hears of done work: in all once per direction and set.
 */
export async function directionDistances(
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
  const { components, count } = directions;
  const fitting = Math.floor(projectionBytes / (2 * 4 * rows * panelWidth)) * panelWidth;
  const atOnce = Math.min(count, mostAtOnce, Math.max(panelWidth, fitting));
  const sides = [reals, fakes];
  const memory = sides.map(() => new SharedArrayBuffer(atOnce * rows * 4));
  const distances = new Float64Array(count);
  for (let first = 0; first < count; first += atOnce) {
    const some = someDirections(directions, first, Math.min(atOnce, count - first));
    const projections = memory.map((bytes) => new Float32Array(bytes, 0, some.count * rows));
    for (const [side, arithmetic] of arithmeticsOf(sides, some, kind).entries()) {
      const target = projections[side]!;
      let firstRow = 0;
      for (const { blocks, taken } of groups(sides[side]!.blocks, components)) {
        const task = { blocks, components, directions: some.count, arithmetic, target, firstRow };
        await pool.give('project', task, () => onStep((taken / rows) * some.count * 0.5));
        firstRow += taken;
      }
    }
    await pool.finish();
    const [a, b] = projections as [Float32Array, Float32Array];
    // A few directions a task: of a small set they would cost less than the telling.
    const perTask = Math.max(1, Math.min(16, Math.floor(2 ** 19 / rows)));
    for (let from = 0; from < some.count; from += perTask) {
      const to = Math.min(some.count, from + perTask);
      await pool.give('transport', { a, b, rows, from, to }, (values) => {
        distances.set(values, first + from);
        onStep(to - from);
      });
    }
    await pool.finish();
  }
  return distances;
}
