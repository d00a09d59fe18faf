/** An evaluation for people. */
import {
  formatOfficialTable,
  metricName,
  type ImageSet,
  type Metric,
  type MetricRecord,
} from '@pggan/metrics';
import { formatDuration, formatTable } from '@pggan/terminal';
import { snapshotKimg } from '../run/names.js';
import type { Row } from './rows.js';

/** `Reals`, the kimg in a snapshot's name, or the name of anything else. */
export function rowName({ subject }: Pick<Row, 'subject'>): string {
  const { kind, name } = subject;
  if (kind === 'reals') return 'Reals';
  if (kind === 'reals2') return 'Reals2';
  return kind === 'snapshot' ? String(snapshotKimg(name)) : name;
}

const shown = (value: number | null) => (value === null ? 'none' : value.toFixed(4));

const withSpread = (value: number | null, spread: number | null) =>
  spread === null ? shown(value) : `${shown(value)} ±${shown(spread)}`;

/** What is left out of a set that could all be measured; `modes` draws its own number of parts. */
export function describeParts(metrics: readonly Metric[], { name, count }: ImageSet, repeats = 1): string[] {
  return metrics
    .map((metric) => ({ metric, wanted: metric.images * repeats }))
    .filter(({ metric, wanted }) => metric.kind !== 'modes' && count !== null && wanted < count)
    .map(({ metric, wanted }) => `${metricName(metric)}: the first ${wanted} of ${count} images of ${name}`);
}

/** Every number with its spread beside it. */
export function describeRows(rows: readonly Row[]): string {
  const names = rows[0]!.records.flatMap(({ values }) => values.map(({ name }) => name));
  const lines = rows.map((row) => [
    rowName(row),
    ...row.records.flatMap(({ values }) => values.map(({ value, spread }) => withSpread(value, spread))),
  ]);
  // Repeats are of what was made, not of the reals.
  const spreads = rows.at(-1)!.records.map(({ metric, spreadOf }) => `± of ${metric}: ${spreadOf}`);
  return `${formatTable([['', ...names], ...lines])}\n${spreads.join('\n')}\n`;
}

/** One line when a row is there: `12: SWDx1e3_avg 20.1234 ±0.1000, MS-SSIM 0.2873 ±0.0010 (2m 03s)`. */
export function describeRow(row: Row): string {
  const seconds = row.records.reduce((sum, record) => sum + record.seconds, 0);
  const time = row.measured ? formatDuration(seconds) : 'recorded before';
  return `${rowName(row)}: ${describeValues(row.records)} (${time})`;
}

/** All numbers of every metric, but of the levels of a sliced distance their average. */
export function describeValues(records: readonly MetricRecord[]): string {
  return records
    .flatMap(({ values, provenance }) => (provenance.kind === 'swd' ? values.slice(-1) : values))
    .map(({ name, value, spread }) => `${name} ${withSpread(value, spread)}`)
    .join(', ');
}

/** The official log of one metric. */
export function officialTable(records: readonly (readonly [row: Row, record: MetricRecord])[]): string {
  return formatOfficialTable(
    records.map(([row, { seconds, values }]) => ({
      snapshot: rowName(row),
      time: formatDuration(seconds),
      values: values.map(({ name, value }) => ({ name, value: value ?? NaN })),
    })),
  );
}

/** `metric-swd-16k.txt`, as the official code names it. */
export function tableName(metric: string): string {
  return `metric-${metric.replace(/^([a-z]+)(\d)/, '$1-$2')}.txt`;
}
