/** The table that the official code prints (facts 8.1). */
import type { Value } from './measure.js';

export interface TableRow {
  /** Thousands of images shown, or the name of a row: Reals. */
  readonly snapshot: string;
  /** How long it took, in words. */
  readonly time: string;
  readonly values: readonly Pick<Value, 'name' | 'value'>[];
}

const widthOf = (name: string) => (name.startsWith('SWD') ? 13 : 10);

/** What fills its column, too, keeps a space behind it. */
const padded = (text: string, width: number) => (text.length < width ? text.padEnd(width) : `${text} `);

/**
 * Columns are those of the first row, and rows without one of them have a dash there. Begins with an empty line, ends
 * with a line break.
 */
export function formatOfficialTable(rows: readonly TableRow[]): string {
  const names = rows[0]?.values.map(({ name }) => name) ?? [];
  const line = (snapshot: string, time: string, cells: readonly string[]) =>
    `${padded(snapshot, 10)}${padded(time, 12)}${cells.map((cell, i) => padded(cell, widthOf(names[i]!))).join('')}`;
  const dashes = names.map(() => '---');
  const lines = rows.map(({ snapshot, time, values }) => {
    const cells = names.map((name) => values.find((value) => value.name === name)?.value.toFixed(4) ?? '-');
    return line(snapshot, time, cells);
  });
  return `\n${[line('Snapshot', 'Time_eval', names), line('---', '---', dashes), ...lines].join('\n')}\n`;
}
