/** The Inception Score (facts 8.4) from class probabilities. */
import { MetricsError } from '../errors.js';
import { wholeNumber } from '../options.js';

export interface InceptionScore {
  readonly mean: number;
  readonly deviation: number; // of the splits, population
}

/**
 * exp(mean KL divergence from each image's class probabilities to their average), over consecutive splits.
 * `probabilities`: [image, class], rows summing to 1.
 * @throws MetricsError `features-invalid`, `too-few` when a split would be empty
 */
export function inceptionScore(
  probabilities: Float32Array | Float64Array,
  classes: number,
  splits = 10,
): InceptionScore {
  wholeNumber('classes', classes, 1, 2 ** 20);
  wholeNumber('splits', splits, 1, 2 ** 20);
  const count = probabilities.length / classes;
  if (!Number.isInteger(count))
    throw new MetricsError(
      'features-invalid',
      `Inception Score: ${probabilities.length} values are no whole number of rows of ${classes} classes`,
    );
  if (count < splits)
    throw new MetricsError(
      'too-few',
      `Inception Score: expected at least one image for each of ${splits} splits, got ${count}`,
    );
  for (let row = 0; row < count; row++) {
    const values = probabilities.subarray(row * classes, (row + 1) * classes);
    let sum = 0;
    for (const value of values) sum += value;
    if (!values.every((value) => value >= 0) || !(Math.abs(sum - 1) < 1e-3))
      throw new MetricsError(
        'features-invalid',
        `Inception Score: expected probabilities, but row ${row} sums to ${sum} or has a negative value; apply softmax first`,
      );
  }
  const scores = Array.from({ length: splits }, (_, split) => {
    const first = Math.floor((split * count) / splits);
    const last = Math.floor(((split + 1) * count) / splits);
    const average = new Float64Array(classes);
    for (let at = first * classes; at < last * classes; at++)
      average[at % classes]! += probabilities[at]! / (last - first);
    let divergence = 0;
    for (let at = first * classes; at < last * classes; at++) {
      const p = probabilities[at]!;
      if (p > 0) divergence += p * Math.log(p / average[at % classes]!);
    }
    return Math.exp(divergence / (last - first));
  });
  const mean = scores.reduce((sum, score) => sum + score, 0) / splits;
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / splits) };
}
