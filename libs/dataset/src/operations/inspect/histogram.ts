/** How numbers are spread: extremes, middle, and counts in bins with round edges. */

export interface Bin {
  readonly from: number;
  readonly to: number; // excluded, but for the last bin
  readonly count: number;
}

export interface NumberSummary {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly mean: number;
  readonly max: number;
  readonly bins: readonly Bin[];
}

const mostBins = 12;
/** Positive numbers spread wider than this are counted in bins that double. */
const wideSpread = 32;

/** Without the noise of adding steps up. */
const tidy = (value: number) => Number(value.toPrecision(12));

/** The smallest of 1, 2, 5, 10, … times a power of ten that is not below `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => tidy(factor * power)).find((value) => value >= tidy(least));
  return step ?? tidy(10 * power);
}

function linearEdges(min: number, max: number): number[] {
  if (min === max) return [min, max];
  const step = roundStep((max - min) / mostBins);
  const edges = [tidy(Math.floor(tidy(min / step)) * step)];
  while (edges.at(-1)! < max) edges.push(tidy((Math.round(edges[0]! / step) + edges.length) * step));
  return edges;
}

function doublingEdges(min: number, max: number): number[] {
  const factor = 2 ** Math.ceil(Math.log2(max / min) / mostBins);
  const edges = [2 ** Math.floor(Math.log2(min))];
  while (edges.at(-1)! <= max) edges.push(edges.at(-1)! * factor);
  return edges;
}

/** Null for no numbers. */
export function summarize(values: readonly number[]): NumberSummary | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const { length: count } = sorted;
  const [min, max] = [sorted[0]!, sorted[count - 1]!];
  const median = (sorted[(count - 1) >> 1]! + sorted[count >> 1]!) / 2;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count;
  const edges = min > 0 && max / min >= wideSpread ? doublingEdges(min, max) : linearEdges(min, max);
  const counts = new Array<number>(edges.length - 1).fill(0);
  let bin = 0;
  for (const value of sorted) {
    while (bin < counts.length - 1 && value >= edges[bin + 1]!) bin++;
    counts[bin]!++;
  }
  const bins = counts.map((inBin, i) => ({ from: edges[i]!, to: edges[i + 1]!, count: inBin }));
  return { count, min, median: tidy(median), mean, max, bins };
}
