/** Mean and spread of one channel's patch values, gathered in parts (Chan's formula): float64, in a fixed order. */
export interface Moments {
  readonly count: number;
  readonly sum: number;
  readonly squares: number; // summed squares around the mean
  readonly least: number;
  readonly greatest: number;
}

export function mergeMoments(a: Moments, b: Moments): Moments {
  const count = a.count + b.count;
  const apart = b.sum / b.count - a.sum / a.count;
  return {
    count,
    sum: a.sum + b.sum,
    squares: a.squares + b.squares + apart * apart * ((a.count * b.count) / count),
    least: Math.min(a.least, b.least),
    greatest: Math.max(a.greatest, b.greatest),
  };
}

export interface Normaliser {
  readonly mean: number;
  readonly factor: number; // 1 / population standard deviation
}

/** A channel without any contrast has no deviation to divide by: its values, which all equal the mean, become zeros. */
export function normaliser({ count, sum, squares, least, greatest }: Moments): Normaliser {
  return { mean: sum / count, factor: least === greatest ? 0 : 1 / Math.sqrt(squares / count) };
}

/** Magnitude that no normalised value exceeds. */
export function reachOf(moments: Moments): number {
  const { mean, factor } = normaliser(moments);
  return factor * Math.max(moments.greatest - mean, mean - moments.least);
}
