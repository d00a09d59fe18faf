/** Labels in a CSV file: a header, a column of paths, and columns of classes or numbers. */
import { readCsv } from '../formats/csv.js';
import { isPictureName } from '../sources/picture-names.js';
import { mostClasses } from './class-index.js';
import { invalidLabel, type LabelRow, type LabelRows } from './label-rows.js';

/** Names of a column of paths, in small letters; without one it is the first. */
export const pathColumns = ['path', 'file', 'filename', 'image'];
const classColumns = ['class', 'label'];
const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const noNumber = /^[+-]?(nan|inf|infinity)$/i;

interface Header {
  readonly names: readonly string[]; // of the columns that are no paths
  readonly path: number;
}

function parseHeader(fields: readonly string[], file: string, at: number): Header {
  const names = fields.map((name) => name.toLowerCase());
  const found = pathColumns.map((name) => names.indexOf(name)).find((column) => column >= 0);
  const path = found ?? 0;
  const labels = fields.filter((_, column) => column !== path);
  const invalid = (what: string) => invalidLabel(file, `line ${at}`, what);
  if (labels.length === 0)
    throw invalid(
      `expected a header with a column of paths and one of labels, separated by commas, got "${(fields[0] ?? '').slice(0, 60)}"`,
    );
  if (labels.length > mostClasses)
    throw invalid(`${labels.length} columns of labels, at most ${mostClasses} are possible`);
  const seen = new Set<string>();
  for (const name of labels)
    if (seen.size === seen.add(name).size) throw invalid(`the header has two columns "${name.slice(0, 40)}"`);
  if (number.test(fields[path]!) || isPictureName(fields[path]!))
    throw invalid(
      `expected the names of the columns, got a record ("${fields.join(',').slice(0, 60)}"); put a header first`,
    );
  return { names: labels, path };
}

/** Labels have few values, which come again and again; of others no more are kept. */
const mostKnown = 10_000;

/** Labels of several columns: numbers, or what is none and is refused with the numbers that are not finite. */
class NumberColumns {
  readonly #known = new Map<string, number>();

  constructor(
    private readonly header: Header,
    private readonly file: string,
  ) {}

  row(fields: readonly string[], at: number): Float32Array {
    const { names, path } = this.header;
    const row = new Float32Array(names.length);
    for (let i = 0, column = 0; i < fields.length; i++) {
      if (i === path) continue;
      const text = fields[i]!;
      row[column] = this.#known.get(text) ?? this.#read(text, names[column]!, at);
      column++;
    }
    return row;
  }

  #read(text: string, name: string, at: number): number {
    if (!number.test(text) && !noNumber.test(text))
      throw invalidLabel(
        this.file,
        `line ${at}`,
        `column "${name}": expected a number, got "${text.slice(0, 40)}"; ` +
          'text is read as a class when it is the only column beside the paths',
      );
    if (this.#known.size < mostKnown) this.#known.set(text, Number(text));
    return Number(text);
  }
}

/** Labels of a single column: all numbers or all text. */
function singleColumn(rows: readonly LabelRow[], name: string, file: string): readonly LabelRow[] {
  let [numeric, text]: LabelRow[] = [];
  for (const row of rows) {
    const value = row.value as string;
    if (value === '')
      throw invalidLabel(
        file,
        `line ${row.at}`,
        `column "${name}" is empty; leave out the lines of pictures without a label`,
      );
    if (number.test(value)) numeric ??= row;
    else if (!noNumber.test(value)) text ??= row;
  }
  if (numeric && text)
    throw invalidLabel(
      file,
      `line ${Math.max(numeric.at, text.at)}`,
      `column "${name}" has the number ${numeric.value} (line ${numeric.at}) and the text ` +
        `"${(text.value as string).slice(0, 40)}" (line ${text.at}); write all labels as numbers, or all as text`,
    );
  if (text) return rows;
  const isClass =
    classColumns.includes(name.toLowerCase()) && rows.every(({ value }) => Number.isInteger(Number(value)));
  return rows.map((row) => ({ ...row, value: isClass ? Number(row.value) : [Number(row.value)] }));
}

/** @throws DatasetError `annotation-invalid` */
export function readLabelCsv(text: string, file: string): LabelRows {
  let header: Header | undefined;
  let columns: NumberColumns | undefined;
  const rows: LabelRow[] = [];
  readCsv(text, file, (fields, at) => {
    if (!header) {
      header = parseHeader(fields, file, at);
      if (header.names.length > 1) columns = new NumberColumns(header, file);
      return;
    }
    const { path } = header;
    const value = columns ? columns.row(fields, at) : fields[1 - path]!;
    rows.push({ path: fields[path]!, value, at });
  });
  if (!header)
    throw invalidLabel(file, 'line 1', 'expected a header with the names of the columns, got nothing');
  const { names } = header as Header; // the compiler does not see the callback
  return {
    file,
    unit: 'line',
    rows: names.length === 1 ? singleColumn(rows, names[0]!, file) : rows,
    components: names,
  };
}
