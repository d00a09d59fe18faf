/** Files beside the pictures that say something about each of them, by its path. */
import { systemReason } from '@pggan/files';
import { DatasetError } from '../errors.js';
import { normalisedPath, PathTable } from '../formats/path-lookup.js';
import { readPlain } from '../records/plain-file.js';
import { invalidLabel, type LabelRows, type LabelValue } from './label-rows.js';

/** Rows of a file that are found by their paths. */
export type PathRows = Pick<LabelRows, 'file' | 'unit' | 'rows'>;

/** Text is in memory as a whole; forty numbers for each of a million pictures take 100 MB. */
const largestFile = 128 * 2 ** 20;

/** The text of a file. `wanted`: what it should be. @throws DatasetError `annotation-invalid` */
export async function readSidecar(file: string, wanted: string): Promise<string> {
  try {
    return (await readPlain(file, largestFile)).toString('utf8');
  } catch (error) {
    throw new DatasetError(
      'annotation-invalid',
      `${file}: cannot be read (${systemReason(error)}); name ${wanted}`,
    );
  }
}

function equalLabels(a: LabelValue, b: LabelValue): boolean {
  return typeof a !== 'object' || typeof b !== 'object'
    ? a === b
    : a.length === b.length && a.every((value, k) => value === b[k]);
}

/**
 * Numbers of the rows by their paths. These are those of the source, '/' between folders; a file that has names
 * without folders only fits pictures in any folder.
 * @throws DatasetError `annotation-invalid`, also when a path is looked up
 */
export function indexPaths(
  { file, unit, rows }: PathRows,
  what = 'label', // that a row has for its path
): PathTable<number> {
  const byPath = new Map<string, number>();
  for (const [index, row] of rows.entries()) {
    const path = normalisedPath(row.path);
    if (path === '')
      throw invalidLabel(file, `${unit} ${row.at}`, 'expected the path of a picture, got nothing');
    const earlier = byPath.get(path);
    if (earlier === undefined) byPath.set(path, index);
    else if (!equalLabels(rows[earlier]!.value, row.value))
      throw invalidLabel(
        file,
        `${unit} ${row.at}`,
        `"${path}" has another ${what} in ${unit} ${rows[earlier]!.at}; leave one of them`,
      );
  }
  return new PathTable(file, byPath, (index, path, other) =>
    invalidLabel(
      file,
      `${unit} ${rows[index]!.at}`,
      `"${rows[index]!.path}" may be ${other} or ${path}; write paths with folders`,
    ),
  );
}
