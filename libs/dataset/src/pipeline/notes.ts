/**
 * What is known of the pictures besides their pixels (licence, author, origin, …), from a CSV file: carried into the
 * manifest as text, so that a dataset can say where its images are from.
 */
import { readCsv } from '../formats/csv.js';
import type { ListedPaths } from '../formats/path-lookup.js';
import { pathColumns } from '../labels/label-csv.js';
import { invalidLabel, type LabelRow } from '../labels/label-rows.js';
import { indexPaths, readSidecar } from '../labels/sidecar-paths.js';

export interface PictureNotes {
  readonly paths: ListedPaths;
  /** The picture's row by the names of the columns, without empty fields; undefined when it has none. */
  of(path: string): Readonly<Record<string, string>> | undefined;
}

/**
 * The file starts with a header. Paths are in the column named path, file, filename or image, otherwise in the first;
 * they are matched as those of labels are. In memory the rows are text.
 * @throws DatasetError `annotation-invalid` naming the line
 */
export async function readNotes(file: string): Promise<PictureNotes> {
  const text = await readSidecar(file, 'a CSV file with a column of paths');
  let header: { readonly names: readonly string[]; readonly path: number } | undefined;
  const rows: LabelRow[] = [];
  readCsv(text, file, (fields, at) => {
    if (header) {
      const { names, path } = header;
      const noted = names.map((name, column) => [name, fields[column]!] as const);
      const filled = noted.filter(([, value], column) => column !== path && value !== '');
      rows.push({ path: fields[path]!, value: JSON.stringify(Object.fromEntries(filled)), at });
      return;
    }
    const small = fields.map((name) => name.toLowerCase());
    const path = pathColumns.map((name) => small.indexOf(name)).find((column) => column >= 0) ?? 0;
    if (fields.length < 2 || new Set(fields).size < fields.length || fields.includes(''))
      throw invalidLabel(
        file,
        `line ${at}`,
        `expected the names of a column of paths and of others, all different, got "${fields.join(',').slice(0, 60)}"`,
      );
    header = { names: fields, path };
  });
  if (rows.length === 0)
    throw invalidLabel(file, 'line 1', 'expected a header and a line for each picture, got no such line');
  const paths = indexPaths({ file, unit: 'line', rows }, 'note');
  return {
    paths,
    of(path) {
      const row = paths.find(path);
      if (row === undefined) return undefined;
      const noted = JSON.parse(rows[row]!.value as string) as Record<string, string>;
      return Object.keys(noted).length > 0 ? noted : undefined;
    },
  };
}
