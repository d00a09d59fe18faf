/** The sliced Wasserstein distance between two sets of images (facts 8.2). */
import type { RandomState } from '@pggan/random';
import { wholeNumber } from '../options.js';
import { withPool, type WorkOptions } from '../work/pool.js';
import { patchArea } from './describe-task.js';
import { mustCompare, type Descriptors } from './descriptors.js';
import { drawDirections, foldChannels, joinDirections } from './directions.js';
import { defaultArithmetic, giveDistances, rowsOf, type ArithmeticKind } from './distance.js';
import { levelName, type LevelSize } from './level-sizes.js';

export interface DistanceOptions extends WorkOptions {
  readonly random: RandomState; // directions are drawn from it
  readonly repeats?: number | undefined; // default 4
  readonly directions?: number | undefined; // per repeat; default 128
  readonly arithmetic?: ArithmeticKind | undefined; // default: int16 from 2^15 descriptors a level on, else float32
}

export interface LevelDistance extends LevelSize {
  readonly name: string; // SWDx1e3_128
  readonly value: number; // times 1000
  readonly repeats: readonly number[]; // of each repeat, times 1000: what the choice of directions does
}

export interface SlicedWasserstein {
  readonly levels: readonly LevelDistance[]; // full size first
  readonly average: number; // of the levels: SWDx1e3_avg
  readonly images: number; // of each set
  readonly patches: number; // per image and level
  readonly arithmetic: ArithmeticKind;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Distances per level and their average, times 1000. Both sets need the same shape, count and patches.
 * @throws MetricsError `images-differ`, `option-invalid`, `too-many`, `interrupted`
 */
export async function slicedWasserstein(
  reals: Descriptors,
  fakes: Descriptors,
  options: DistanceOptions,
): Promise<SlicedWasserstein> {
  const { random, repeats = 4, directions = 128, onProgress } = options;
  wholeNumber('repeats', repeats, 1, 1000);
  wholeNumber('directions', directions, 1, 2 ** 16);
  mustCompare(reals, fakes);
  const arithmetic = options.arithmetic ?? defaultArithmetic(rowsOf(reals.levels[0]!));
  const total = reals.levels.length * repeats * directions;
  let done = 0;
  const onStep = (steps: number) => {
    done += steps;
    onProgress?.({ done, total });
  };
  return withPool(options, async (pool) => {
    const distances: Float64Array[] = [];
    for (const [i, level] of reals.levels.entries()) {
      const drawn = joinDirections(
        Array.from({ length: repeats }, () => drawDirections(random, 3 * patchArea, directions)),
      );
      const all = reals.shape.channels === 1 ? foldChannels(drawn) : drawn;
      distances.push(await giveDistances(pool, level, fakes.levels[i]!, all, arithmetic, onStep));
    }
    await pool.finish();
    const levels = reals.levels.map(({ width, height }, i) => {
      const perRepeat = Array.from(
        { length: repeats },
        (_, repeat) =>
          1000 * mean([...distances[i]!.subarray(repeat * directions, (repeat + 1) * directions)]),
      );
      const name = levelName({ width, height });
      return { width, height, name, value: mean(perRepeat), repeats: perRepeat };
    });
    const average = mean(levels.map(({ value }) => value));
    return { levels, average, images: reals.images, patches: reals.patches, arithmetic };
  });
}
