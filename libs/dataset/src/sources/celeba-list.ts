/**
 * CelebA's annotation lists: a line with the number of pictures, a line with column names, then one
 * line per picture: its file name and a number for each column.
 */
import { systemReason } from '@pggan/files';
import { DatasetError } from '../errors.js';
import { LANDMARK_COLUMNS } from '../faces/landmarks.js';
import { readPlain } from '../records/plain-file.js';

/** CelebA's longest list has 26 MB. */
const largestList = 2 ** 28;

export const landmarksList = 'list_landmarks_celeba.txt';
export const attributesList = 'list_attr_celeba.txt';

export class CelebAList {
  readonly #rows = new Map<string, number>();

  constructor(
    readonly file: string,
    readonly columns: readonly string[],
    names: Iterable<string>, // of the rows
    private readonly values: Float32Array,
  ) {
    for (const name of names) this.#rows.set(name, this.#rows.size);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** The numbers of a picture in the order of the columns, or undefined when it is not listed. */
  row(name: string): Float32Array | undefined {
    const row = this.#rows.get(name);
    const width = this.columns.length;
    return row === undefined ? undefined : this.values.subarray(row * width, (row + 1) * width);
  }
}

/** @throws DatasetError `annotation-invalid` naming the line */
export function parseCelebAList(text: string, file: string): CelebAList {
  const lines = text.split('\n').map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  const invalid = (line: number, what: string) =>
    new DatasetError('annotation-invalid', `${file}: line ${line}: ${what}`);
  const count = Number(lines[0]);
  if (!Number.isInteger(count) || lines[0] === '' || count < 0)
    throw invalid(1, `expected the number of pictures, got "${(lines[0] ?? '').slice(0, 40)}"`);
  const columns = (lines[1] ?? '').split(/\s+/).filter((name) => name !== '');
  if (columns.length === 0) throw invalid(2, 'expected the names of the columns');
  if (lines.length - 2 !== count)
    throw invalid(1, `says ${count} pictures, the list has ${lines.length - 2}; is the file complete?`);

  const names = new Set<string>();
  // Each number takes a character at least: however large the product, a line without its fields comes first.
  const values = new Float32Array(Math.min(count * columns.length, text.length));
  for (let row = 0; row < count; row++) {
    const fields = lines[row + 2]!.split(/\s+/);
    if (fields.length !== columns.length + 1)
      throw invalid(
        row + 3,
        `expected a file name and ${columns.length} numbers, got ${fields.length} fields`,
      );
    if (names.size === names.add(fields[0]!).size) throw invalid(row + 3, `${fields[0]} is listed before`);
    for (let column = 0; column < columns.length; column++) {
      const value = Number(fields[column + 1]);
      if (!Number.isFinite(value)) throw invalid(row + 3, `expected a number, got "${fields[column + 1]}"`);
      values[row * columns.length + column] = value;
    }
  }
  return new CelebAList(file, columns, names, values);
}

/** @throws DatasetError `annotation-invalid` */
export async function readCelebAList(file: string): Promise<CelebAList> {
  const text = await readPlain(file, largestList).catch((error: unknown) => {
    throw new DatasetError('annotation-invalid', `${file}: cannot be read (${systemReason(error)})`);
  });
  return parseCelebAList(text.toString('utf8'), file);
}

/** @throws DatasetError `annotation-invalid` when the columns are not the ten of CelebA */
export async function readLandmarks(file: string): Promise<CelebAList> {
  const list = await readCelebAList(file);
  if (list.columns.join(' ') !== LANDMARK_COLUMNS.join(' '))
    throw new DatasetError(
      'annotation-invalid',
      `${file}: line 2: expected the columns ${LANDMARK_COLUMNS.join(' ')}, got ${list.columns.join(' ')}`,
    );
  return list;
}
