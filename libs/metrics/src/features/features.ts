/** Features of images as a network gives them: the material of Fréchet and kernel distances, precision and recall. */
import { MetricsError } from '../errors.js';

export interface Features {
  readonly dimension: number;
  readonly data: Float32Array | Float64Array; // [image, feature]
}

/** @throws MetricsError `features-invalid` */
export function requireDimension(dimension: number): void {
  if (Number.isInteger(dimension) && dimension >= 1) return;
  throw new MetricsError(
    'features-invalid',
    `features: expected a whole number of 1 or more as dimension, got ${String(dimension)}`,
  );
}

/**
 * How many images they are of.
 * @throws MetricsError `features-invalid` for a length that does not fit or a value that is no finite number
 */
export function featureCount({ dimension, data }: Features): number {
  requireDimension(dimension);
  if (data.length % dimension !== 0)
    throw new MetricsError(
      'features-invalid',
      `features: ${data.length} values are no whole number of rows of ${dimension}`,
    );
  const odd = data.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0)
    throw new MetricsError(
      'features-invalid',
      `features: expected finite numbers, got ${data[odd]} in row ${Math.floor(odd / dimension)}, column ${odd % dimension}`,
    );
  return data.length / dimension;
}

/** @throws MetricsError `features-invalid`, `too-few` below `least` images */
export function bothCounts(
  metric: string,
  reals: Features,
  fakes: Features,
  least: number,
): readonly [number, number] {
  const counts = [featureCount(reals), featureCount(fakes)] as const;
  if (reals.dimension !== fakes.dimension)
    throw new MetricsError(
      'features-invalid',
      `${metric}: both sets need the same features, got ${reals.dimension} and ${fakes.dimension} a row`,
    );
  for (const count of counts)
    if (count < least)
      throw new MetricsError('too-few', `${metric}: expected at least ${least} images a set, got ${count}`);
  return counts;
}
