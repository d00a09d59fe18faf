/** The Fréchet distance between Gaussians (facts 8.4): of Inception features it is called FID. */
import { MetricsError } from '../errors.js';
import { withPool, type WorkOptions } from '../work/pool.js';
import { frechet } from './frechet-task.js';
import type { FeatureStatistics } from './statistics.js';

/**
 * |mean difference|² + trace(A) + trace(B) - 2 trace((A B)^½), never negative.
 *
 * The matrix root is not computed. With A = L L', L by Cholesky's method with pivots and as many columns as A has rank, A B has the
 * non-zero eigenvalues of the symmetric L' B L, and the trace of the root is the sum of their roots. A is the covariance of
 * fewer images, whose rank is the lower one.
 *
 * The time grows with the cube of the dimension, and the calling thread does nothing else meanwhile: of many features
 * `frechetDistanceAsync` is for programs that have to stay awake.
 *
 * @throws MetricsError `features-invalid` when the dimensions differ or a statistic is not finite
 */
export function frechetDistance(one: FeatureStatistics, other: FeatureStatistics): number {
  mustCompare(one, other);
  return frechet({ one, other });
}

/**
 * The same to the last bit, in a thread of its own, which a signal ends.
 * @throws MetricsError `features-invalid`, `interrupted`
 */
export async function frechetDistanceAsync(
  one: FeatureStatistics,
  other: FeatureStatistics,
  options: WorkOptions = {},
): Promise<number> {
  mustCompare(one, other);
  return withPool(options, async (pool) => {
    let distance = NaN;
    await pool.give('frechet', { one, other }, (found) => {
      distance = found;
      options.onProgress?.({ done: 1, total: 1 });
    });
    await pool.finish();
    return distance;
  });
}

function mustCompare(one: FeatureStatistics, other: FeatureStatistics): void {
  const dimension = one.mean.length;
  for (const { mean, covariance } of [one, other]) {
    if (mean.length !== dimension || covariance.length !== dimension * dimension)
      throw new MetricsError(
        'features-invalid',
        `Fréchet distance: expected ${dimension} means and ${dimension}x${dimension} covariances on both sides, got ${mean.length} and ${covariance.length}`,
      );
    if (![mean, covariance].every((values) => values.every(Number.isFinite)))
      throw new MetricsError(
        'features-invalid',
        'Fréchet distance: a mean or covariance is no finite number',
      );
  }
}
