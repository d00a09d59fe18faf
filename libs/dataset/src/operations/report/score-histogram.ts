/** How a score is spread over any number of faces, in a few kilobytes. */

/** Of the faces that were kept, and of those that were dropped. */
export interface Both {
  kept: number;
  dropped: number;
}

const mostBuckets = 4096;
/** Scores are written with four decimals. */
const finest = 2 ** -14;

/**
 * Counts in buckets of one width, a power of two: the smallest for which no more than `mostBuckets` are needed. The
 * counts do not depend on the order in which the numbers came.
 */
export class ScoreHistogram {
  #width = finest;
  #buckets = new Map<number, Both>();
  readonly count: Both = { kept: 0, dropped: 0 };
  min = Infinity;
  max = -Infinity;

  add(value: number, kept: boolean): void {
    const which = kept ? 'kept' : 'dropped';
    this.count[which]++;
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
    this.#into(Math.floor(value / this.#width))[which]++;
    while (this.#buckets.size > mostBuckets) this.#widen();
  }

  /** From the least up; `value` stands for the bucket: its middle, or an extreme that lies in it. */
  buckets(): { readonly value: number; readonly count: Both }[] {
    const sorted = [...this.#buckets].sort(([a], [b]) => a - b);
    return sorted.map(([bucket, count], i) => {
      const middle = (bucket + 0.5) * this.#width;
      const value = i === 0 ? this.min : i === sorted.length - 1 ? this.max : middle;
      return { value, count };
    });
  }

  /** Value below which `share` (0…1) of all lie, to the width of a bucket. */
  quantile(share: number): number {
    let left = share * (this.count.kept + this.count.dropped);
    for (const { value, count } of this.buckets()) {
      left -= count.kept + count.dropped;
      if (left <= 0) return value;
    }
    return this.max;
  }

  #into(bucket: number): Both {
    const known = this.#buckets.get(bucket);
    if (known) return known;
    const fresh = { kept: 0, dropped: 0 };
    this.#buckets.set(bucket, fresh);
    return fresh;
  }

  #widen(): void {
    const narrow = this.#buckets;
    this.#buckets = new Map();
    this.#width *= 2;
    for (const [bucket, { kept, dropped }] of narrow) {
      const wide = this.#into(Math.floor(bucket / 2));
      wide.kept += kept;
      wide.dropped += dropped;
    }
  }
}

export interface Bar extends Readonly<Both> {
  readonly from: number;
  readonly to: number;
}

/** A histogram to draw: bars of equal width on an axis of numbers or of their logarithms. */
export interface Drawing {
  readonly bars: readonly Bar[];
  readonly below: number; // faces left of the axis
  readonly above: number; // and right of it
  /** Place of a value on the axis, 0…1. */
  place(value: number): number;
}

const bars = 48;
/** Share of the faces at either end that may lie beyond the axis. */
const beyond = 0.002;
/** Positive scores spread wider than this are drawn by their logarithms. */
const wideSpread = 40;

/** The axis holds `shown` values, and nearly all faces. */
export function drawHistogram(histogram: ScoreHistogram, shown: readonly number[]): Drawing {
  const low = Math.min(histogram.quantile(beyond), ...shown);
  const high = Math.max(histogram.quantile(1 - beyond), ...shown);
  const logarithmic = low > 0 && high / low > wideSpread;
  const [to, from] = logarithmic ? [Math.log, Math.exp] : [Number, Number];
  // A single value stands in the middle of an axis that shows where it is.
  const margin = low < high ? (to(high) - to(low)) * 0.02 : Math.abs(low) * 0.1 || 1;
  // Numbers that are never negative get no axis that is.
  const least = logarithmic || low < 0 ? -Infinity : 0;
  const [start, end] = [Math.max(least, to(low) - margin), to(high) + margin];
  const place = (value: number) => (logarithmic && value <= 0 ? -1 : (to(value) - start) / (end - start));
  const counts = Array.from({ length: bars }, (): Both => ({ kept: 0, dropped: 0 }));
  let [below, above] = [0, 0];
  for (const { value, count } of histogram.buckets()) {
    const at = place(value);
    if (at < 0) below += count.kept + count.dropped;
    else if (at > 1) above += count.kept + count.dropped;
    else {
      const bar = counts[Math.min(bars - 1, Math.floor(at * bars))]!;
      bar.kept += count.kept;
      bar.dropped += count.dropped;
    }
  }
  const edge = (i: number) => from(start + ((end - start) * i) / bars);
  return {
    bars: counts.map((count, i) => ({ from: edge(i), to: edge(i + 1), ...count })),
    below,
    above,
    place,
  };
}
