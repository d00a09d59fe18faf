/** The kernel distance between features: of Inception features it is called KID. */
import type { RandomState } from '@pggan/random';
import { wholeNumber } from '../options.js';
import { withPool, type WorkOptions } from '../work/pool.js';
import { bothCounts, type Features } from './features.js';
import { pickRows } from './products.js';

export interface KernelDistanceOptions extends WorkOptions {
  readonly random: RandomState; // subsets are drawn from it
  readonly subsets?: number | undefined; // default 100
  readonly size?: number | undefined; // of a subset of each set; default 1000, or the smaller set
}

export interface KernelDistance {
  readonly mean: number; // of the subsets; unbiased, so that it may be negative
  readonly deviation: number; // of the subsets, population
  readonly subsets: Float64Array;
}

/**
 * Squared maximum mean discrepancy with the kernel (x'y / dimension + 1)³, averaged over subsets drawn without
 * replacement.
 * @throws MetricsError `features-invalid`, `too-few` below two images, `option-invalid`, `interrupted`
 */
export async function kernelDistance(
  reals: Features,
  fakes: Features,
  options: KernelDistanceOptions,
): Promise<KernelDistance> {
  const { random, subsets = 100, onProgress } = options;
  const counts = bothCounts('kernel distance', reals, fakes, 2);
  const fewest = Math.min(...counts);
  const { size = Math.min(1000, fewest) } = options;
  wholeNumber('subsets', subsets, 1, 2 ** 20);
  wholeNumber('size', size, 2, fewest);
  const { dimension } = reals;
  const values = new Float64Array(subsets);
  let done = 0;
  await withPool(options, async (pool) => {
    for (let subset = 0; subset < subsets; subset++) {
      const [a, b] = [reals, fakes].map(({ data }, side) =>
        pickRows(data, dimension, random.permutation(counts[side]!).subarray(0, size)),
      );
      await pool.give('discrepancy', { a: a!, b: b!, dimension }, (value) => {
        values[subset] = value;
        onProgress?.({ done: ++done, total: subsets });
      });
    }
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / subsets;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / subsets), subsets: values };
}
