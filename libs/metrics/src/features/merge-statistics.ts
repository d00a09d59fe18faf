/** Statistics of the union of sets, from theirs. */
import { MetricsError } from '../errors.js';
import type { FeatureStatistics } from './statistics.js';

/**
 * Mean and unbiased covariance of all images of `parts`: their scatter about the common mean is that about each part's
 * mean and that of the means.
 * @throws MetricsError `features-invalid` for parts of different dimensions, `too-few` without parts
 */
export function mergeStatistics(parts: readonly FeatureStatistics[]): FeatureStatistics {
  const dimension = parts[0]?.mean.length;
  if (dimension === undefined)
    throw new MetricsError('too-few', 'feature statistics: expected at least one part, got none');
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const mean = new Float64Array(dimension);
  for (const part of parts) {
    if (part.mean.length !== dimension)
      throw new MetricsError(
        'features-invalid',
        `feature statistics: expected ${dimension} features in every part, got ${part.mean.length}`,
      );
    for (let i = 0; i < dimension; i++) mean[i]! += (part.count / count) * part.mean[i]!;
  }
  const covariance = new Float64Array(dimension * dimension);
  for (const part of parts) {
    const inside = (part.count - 1) / (count - 1);
    const between = part.count / (count - 1);
    const apart = part.mean.map((value, i) => value - mean[i]!);
    for (let i = 0, at = 0; i < dimension; i++)
      for (let j = 0; j < dimension; j++, at++)
        covariance[at]! += inside * part.covariance[at]! + between * apart[i]! * apart[j]!;
  }
  return { count, mean, covariance };
}
