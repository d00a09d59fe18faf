import type { Difference, MetricRecord } from '@pggan/metrics';
import { formatTable } from '@pggan/terminal';

export interface Pair {
  readonly one: MetricRecord;
  readonly other: MetricRecord;
  /** What differs between them and does not forbid the comparison. */
  readonly told: readonly Difference[];
}

/** A table for every metric. */
export function describeComparison(one: string, other: string, pairs: readonly Pair[]): string {
  return pairs.map((pair) => describePair(one, other, pair)).join('\n');
}

function describePair(one: string, other: string, { one: a, other: b, told }: Pair): string {
  const rows = a.values.map(({ name, value, spread }) => {
    const counterpart = b.values.find((each) => each.name === name);
    return [
      name,
      number(value, spread),
      number(counterpart?.value ?? null, counterpart?.spread ?? null),
      difference(value, spread, counterpart?.value ?? null, counterpart?.spread ?? null),
    ];
  });
  const head = [a.metric, `${one}, ${subjectOf(a)}`, `${other}, ${subjectOf(b)}`, 'difference'];
  const notes = told.map(
    ({ what, one: left, other: right }) => `${what}: ${String(left)} and ${String(right)}\n`,
  );
  return `${formatTable([head, ...rows])}\n${notes.join('')}`;
}

const subjectOf = ({ subject: { kimg, name } }: MetricRecord) => (kimg === null ? name : `${kimg} kimg`);

function number(value: number | null, spread: number | null): string {
  if (value === null) return 'none';
  return spread === null ? value.toFixed(4) : `${value.toFixed(4)} ±${spread.toFixed(4)}`;
}

/** `-3.2000 ±0.4000 (8 spreads)`: of independent values. */
function difference(a: number | null, ofA: number | null, b: number | null, ofB: number | null): string {
  if (a === null || b === null) return '';
  const sign = b >= a ? '+' : '';
  if (ofA === null || ofB === null) return `${sign}${(b - a).toFixed(4)}`;
  const spread = Math.hypot(ofA, ofB);
  const far = spread === 0 ? '' : `, ${(Math.abs(b - a) / spread).toFixed(1)} spreads`;
  return `${sign}${(b - a).toFixed(4)} ±${spread.toFixed(4)}${far}`;
}
