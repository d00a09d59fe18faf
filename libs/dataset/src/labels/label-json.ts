/**
 * Labels in a JSON file, in one of three shapes: StyleGAN's `{"labels": [["path", 3], …]}`, an object
 * `{"path": "class", …}`, or a list `[{"path": …, "label": …}, …]`.
 */
import { invalidLabel, type LabelRow, type LabelRows, type LabelValue } from './label-rows.js';

type Fields = Record<string, unknown>;

const pathKeys = ['path', 'file', 'filename', 'image'];
const labelKeys = ['label', 'class'];

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isLabel(value: unknown): value is LabelValue {
  if (typeof value === 'string' || typeof value === 'number') return true;
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
}

/** The beginning of a value, for messages; never all of it, it may be long. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isObject(value)) return `an object with ${Object.keys(value).slice(0, 3).join(', ') || 'nothing'}`;
  return (JSON.stringify(value) ?? 'nothing').slice(0, 40);
}

function ownField(fields: Fields, keys: readonly string[]): unknown {
  const key = keys.find((name) => Object.hasOwn(fields, name));
  return key === undefined ? undefined : fields[key];
}

/** Path and label of an entry of a list. */
function pairOf(entry: unknown): [path: unknown, label: unknown] | undefined {
  if (Array.isArray(entry)) return entry.length === 2 ? [entry[0], entry[1]] : undefined;
  return isObject(entry) ? [ownField(entry, pathKeys), ownField(entry, labelKeys)] : undefined;
}

function* pairsOf(data: unknown, file: string): Generator<[path: unknown, label: unknown]> {
  let list = data;
  if (isObject(data)) {
    const labels = Object.hasOwn(data, 'labels') ? data['labels'] : undefined;
    const isStyleGan =
      labels === null || (Array.isArray(labels) && !labels.some((item) => typeof item === 'number'));
    if (!isStyleGan) return yield* Object.entries(data);
    list = labels ?? [];
  }
  if (!Array.isArray(list))
    throw invalidLabel(file, 'entry 1', `expected an object or a list of labels, got ${shown(list)}`);
  for (const [index, entry] of list.entries()) {
    const pair = pairOf(entry);
    if (!pair)
      throw invalidLabel(
        file,
        `entry ${index + 1}`,
        `expected ["path", label] or {"path": …, "label": …}, got ${shown(entry)}`,
      );
    yield pair;
  }
}

/** @throws DatasetError `annotation-invalid` */
export function readLabelJson(text: string, file: string): LabelRows {
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw invalidLabel(file, 'no JSON', (error as Error).message.slice(0, 200));
  }
  const rows: LabelRow[] = [];
  for (const [path, value] of pairsOf(data, file)) {
    const at = rows.length + 1;
    const invalid = (what: string) => invalidLabel(file, `entry ${at}`, what);
    if (typeof path !== 'string') throw invalid(`expected the path of a picture, got ${shown(path)}`);
    if (!isLabel(value))
      throw invalid(
        `label of "${path.slice(0, 80)}": expected a class (text or whole number) or a list of numbers, got ${shown(value)}`,
      );
    rows.push({ path, value, at });
  }
  return { file, unit: 'entry', rows: fractionsAsComponents(rows), components: null };
}

/** Whole numbers are classes; as soon as one is not whole, all are the single component of a label. */
function fractionsAsComponents(rows: readonly LabelRow[]): readonly LabelRow[] {
  const numbers = rows.every(({ value }) => typeof value === 'number');
  if (!numbers || rows.every(({ value }) => Number.isInteger(value))) return rows;
  return rows.map((row) => ({ ...row, value: [row.value as number] }));
}
