/** Labels from a CSV or JSON file that lies beside the pictures. */
import { DatasetError } from '../errors.js';
import { checkMatrix, indexClasses, mostClasses, oneHot, type NamedLabels } from './class-index.js';
import type { ListedPaths } from '../formats/path-lookup.js';
import { readLabelCsv } from './label-csv.js';
import { readLabelJson } from './label-json.js';
import { invalidLabel, type LabelRow, type LabelRows } from './label-rows.js';
import { indexPaths, readSidecar } from './sidecar-paths.js';

export type { NamedLabels } from './class-index.js';

export interface SidecarLabels extends NamedLabels {
  readonly paths: ListedPaths;
}

/**
 * Classes become one-hot rows (names sorted, or numbers from 0 to the largest), lists and columns of numbers one
 * component each. Paths are those of the source, '/' between folders; a file that has names without folders
 * only fits pictures in any folder.
 * @throws DatasetError `annotation-invalid` naming line or entry
 */
export async function readSidecarLabels(file: string): Promise<SidecarLabels> {
  const text = await readSidecar(file, 'a CSV or JSON file with labels');
  const isJson =
    /\.json$/i.test(file) || (!/\.csv$/i.test(file) && /^\ufeff?\s*[[{]/.test(text.slice(0, 1000)));
  const table = isJson ? readLabelJson(text, file) : readLabelCsv(text, file);
  const paths = indexPaths(table);
  const { names, row } = labelling(table);
  return {
    names,
    paths,
    of(path) {
      const index = paths.find(path);
      return index === undefined ? undefined : row(index);
    },
  };
}

type Numbers = readonly number[] | Float32Array;

interface Labelling {
  readonly names: readonly string[];
  row(index: number): Float32Array;
}

function labelling(table: LabelRows): Labelling {
  const { file, unit, rows } = table;
  const first = rows[0];
  if (!first)
    throw new DatasetError('annotation-invalid', `${file}: has no labels, expected one for each picture`);
  const kindOf = ({ value }: LabelRow) => (typeof value === 'object' ? 'numbers' : typeof value);
  const what = { string: 'a class as text', number: 'a class as a number', numbers: 'a list of numbers' };
  const kind = kindOf(first) as keyof typeof what;
  for (const row of rows)
    if (kindOf(row) !== kind)
      throw invalidLabel(
        file,
        `${unit} ${row.at}`,
        `expected ${what[kind]} as in ${unit} ${first.at}, got ${what[kindOf(row) as keyof typeof what]}`,
      );
  if (kind === 'string') return classesByName(table);
  return kind === 'number' ? classesByNumber(table) : components(table, (first.value as Numbers).length);
}

function tooLarge(file: string): (what: string) => DatasetError {
  return (what) => new DatasetError('annotation-invalid', `${file}: ${what}; are these labels?`);
}

function classesByName({ file, unit, rows }: LabelRows): Labelling {
  const nameless = rows.find(({ value }) => value === '');
  if (nameless) throw invalidLabel(file, `${unit} ${nameless.at}`, 'expected a class, got an empty text');
  const classes = indexClasses(rows.map(({ value }) => value as string));
  checkMatrix(rows.length, classes.size, tooLarge(file));
  return {
    names: [...classes.keys()],
    row: (index) => oneHot(classes.get(rows[index]!.value as string)!, classes.size),
  };
}

function classesByNumber({ file, unit, rows }: LabelRows): Labelling {
  let classes = 0;
  for (const { value, at } of rows) {
    const number = value as number;
    if (!(Number.isInteger(number) && number >= 0 && number < mostClasses))
      throw invalidLabel(
        file,
        `${unit} ${at}`,
        `expected the number of a class, 0 to ${mostClasses - 1}, got ${number}; ` +
          (unit === 'line'
            ? 'a number that is no class needs another column name'
            : 'write [number] for one that is no class'),
      );
    classes = Math.max(classes, number + 1);
  }
  checkMatrix(rows.length, classes, tooLarge(file));
  return {
    names: Array.from({ length: classes }, (_, k) => String(k)),
    row: (index) => oneHot(rows[index]!.value as number, classes),
  };
}

function components({ file, unit, rows, components: names }: LabelRows, width: number): Labelling {
  checkMatrix(rows.length, width, tooLarge(file));
  for (const { value, at } of rows) {
    const numbers = value as Numbers;
    if (numbers.length !== width)
      throw invalidLabel(
        file,
        `${unit} ${at}`,
        `expected ${width} numbers as in ${unit} ${rows[0]!.at}, got ${numbers.length}`,
      );
    const infinite = numbers.find((number) => !Number.isFinite(Math.fround(number)));
    if (infinite !== undefined)
      throw invalidLabel(file, `${unit} ${at}`, `expected finite numbers (float32), got ${infinite}`);
  }
  return {
    names: names ?? Array.from({ length: width }, (_, k) => String(k)),
    row: (index) => Float32Array.from(rows[index]!.value as Numbers),
  };
}
