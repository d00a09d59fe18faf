/** Labels as a CSV file that builds take as a sidecar (labels/label-csv.ts). */
import type { Labels } from '../../records/reader.js';

/** Columns that readers may take for paths, or for one class number instead of a value. */
const reserved = new Set(['path', 'file', 'filename', 'image', 'class', 'label', '']);

/** As short as reads back to the same float32: 0.1 instead of 0.10000000149011612. */
function formatNumber(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}

function field(text: string): string {
  return /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}

function columnNames({ components, names }: Labels): readonly string[] {
  const lower = new Set(names?.map((name) => name.trim().toLowerCase()));
  const usable =
    names?.length === components &&
    lower.size === components &&
    ![...lower].some((name) => reserved.has(name));
  return usable ? names! : Array.from({ length: components }, (_, i) => `label${i}`);
}

/** One line per picture after a header with the names; `label0`, `label1`, … where names are missing or unusable. */
export function formatLabelCsv(
  rows: readonly { readonly path: string; readonly row: Float32Array }[],
  labels: Labels,
): string {
  const lines = [['path', ...columnNames(labels)].map(field).join(',')];
  for (const { path, row } of rows) lines.push([path, ...Array.from(row, formatNumber)].join(','));
  return `${lines.join('\n')}\n`;
}
