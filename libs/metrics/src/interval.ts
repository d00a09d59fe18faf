/** A mean and how far the sample leaves it open. */

export interface MeanWithInterval {
  readonly mean: number;
  readonly deviation: number; // of single values, unbiased; NaN of one value
  readonly interval: readonly [number, number]; // 95 % confidence by the normal approximation; NaN of one value
}

export function meanWithInterval(values: ArrayLike<number>): MeanWithInterval {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const squares = list.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (list.length - 1));
  const reach = (1.959964 * deviation) / Math.sqrt(list.length);
  return { mean, deviation, interval: [mean - reach, mean + reach] };
}

/** Standard error of the mean of independent values; null of one. */
export function standardError(values: readonly number[]): number | null {
  return values.length < 2 ? null : meanWithInterval(values).deviation / Math.sqrt(values.length);
}
