/** What the benches share: the machine in a line, and how numbers are told. */
import { availableParallelism, cpus } from 'node:os';

export function machine(): string {
  return `${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const figures = (values: readonly number[], digits: number) =>
  values.map((value) => value.toFixed(digits)).join(' ');

/** Seconds of both, taken in turns: all, best and median, and how many times faster ours is in both. */
export function reportSeconds(ours: readonly number[], theirs: readonly number[], their: string): void {
  const line = (name: string, values: readonly number[]) =>
    console.log(
      `  ${name.padEnd(10)} best ${Math.min(...values).toFixed(2)} s, median ${median(values).toFixed(2)} s (${figures(values, 2)})`,
    );
  line('ours', ours);
  line(their, theirs);
  const best = Math.min(...theirs) / Math.min(...ours);
  console.log(
    `  ratio      ${best.toFixed(2)}x by the best, ${(median(theirs) / median(ours)).toFixed(2)}x by the median`,
  );
}

/** Rates of both, higher is better. */
export function reportRates(
  unit: string,
  ours: readonly number[],
  theirs: readonly number[],
  their: string,
): void {
  const line = (name: string, values: readonly number[]) =>
    console.log(
      `  ${name.padEnd(10)} best ${Math.max(...values).toFixed(0)} ${unit}, median ${median(values).toFixed(0)} ${unit} (${figures(values, 0)})`,
    );
  line('ours', ours);
  line(their, theirs);
  const best = Math.max(...ours) / Math.max(...theirs);
  console.log(
    `  ratio      ${best.toFixed(2)}x by the best, ${(median(ours) / median(theirs)).toFixed(2)}x by the median`,
  );
}

export { psnr } from '../../libs/dataset/test/psnr.js';
