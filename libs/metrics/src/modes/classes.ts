/** The class of an image from what a classifier says about it. */
import { MetricsError } from '../errors.js';
import { featureCount, type Features } from '../features/features.js';

/**
 * The most probable class of every row, the first of equals; logits do as well.
 * @returns class numbers, 0 … dimension - 1
 * @throws MetricsError `features-invalid` for values that are no finite numbers, or rows of fewer than two
 */
export function mostProbableClasses(rows: Features): Uint16Array {
  const { dimension, data } = rows;
  const count = featureCount(rows);
  if (dimension < 2 || dimension > 2 ** 16)
    throw new MetricsError(
      'features-invalid',
      `classes: expected rows of 2 to 65536 probabilities, got ${dimension}`,
    );
  return Uint16Array.from({ length: count }, (_, row) => {
    let best = row * dimension;
    for (let at = best + 1; at < (row + 1) * dimension; at++) if (data[at]! > data[best]!) best = at;
    return best - row * dimension;
  });
}
