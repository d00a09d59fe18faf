/** Labels of the pictures of a build: the set's own, the names of folders, or a file. */
import { DatasetError } from '../errors.js';
import type { NamedLabels } from '../labels/class-index.js';
import { folderLabels } from '../labels/folder-names.js';
import { readSidecarLabels } from '../labels/sidecar.js';
import { isArchiveName } from '../sources/picture-names.js';
import type { Source, SourceLabels } from '../sources/source.js';
import type { BuildOptions, PrepareOptions } from './options.js';
import { matchSidecar, type SidecarMatch } from './sidecar-match.js';

export interface PictureLabels extends SourceLabels {
  readonly match?: SidecarMatch; // of labels that come from a file
}

function ownLabels(source: Source, kind: string): SourceLabels {
  if (source.labels) return source.labels;
  throw new DatasetError(
    'option-invalid',
    `labels: a source of kind ${kind} has no labels of its own; take the names of its folders ("folders") or a CSV or JSON file`,
  );
}

function someColumns(labels: SourceLabels, names: readonly string[]): SourceLabels {
  const columns = names.map((name) => {
    const column = labels.names.indexOf(name);
    if (column >= 0) return column;
    throw new DatasetError(
      'option-invalid',
      `labels: the source has no column ${name}; it has ${labels.names.join(' ')}`,
    );
  });
  return {
    names,
    row(i) {
      const row = labels.row(i);
      return row && Float32Array.from(columns, (column) => row[column]!);
    },
  };
}

/** An archive is in the list itself only where it cannot be read: it lies in a folder, but makes no class of it. */
function* picturePaths(source: Source): Generator<string> {
  for (let i = 0; i < source.count; i++) {
    const path = source.path(i);
    if (!isArchiveName(path)) yield path;
  }
}

/** @throws DatasetError `option-invalid`, `annotation-invalid` */
export async function chooseLabels(
  wanted: PrepareOptions['labels'],
  source: Source,
  kind: string,
  options: Pick<BuildOptions, 'source'>,
): Promise<PictureLabels | null> {
  if (wanted === 'none') return null;
  if (wanted === 'own') return ownLabels(source, kind);
  if (wanted !== 'folders' && 'columns' in wanted)
    return someColumns(ownLabels(source, kind), wanted.columns);
  const byPath = ({ names, of }: NamedLabels): SourceLabels => ({ names, row: (i) => of(source.path(i)) });
  if (wanted === 'folders') return byPath(folderLabels(picturePaths(source)));
  const labels = await readSidecarLabels(wanted.file);
  return { ...byPath(labels), match: matchSidecar('labels', labels.paths, source, options) };
}
