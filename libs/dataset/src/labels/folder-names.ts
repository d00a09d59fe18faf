/** Classes from folders: a picture's class is the name of the folder that it lies in. */
import { DatasetError } from '../errors.js';
import { checkMatrix, indexClasses, oneHot, type NamedLabels } from './class-index.js';

/** Name of the folder, undefined for a picture that lies in none. */
function classOf(path: string): string | undefined {
  const end = path.lastIndexOf('/');
  return end < 0 ? undefined : path.slice(path.lastIndexOf('/', end - 1) + 1, end);
}

/**
 * One component per folder name, sorted. Folders of the same name are one class, wherever they are; an archive
 * counts as a folder. Pictures beside the folders have no label.
 * @throws DatasetError `option-invalid` with less than two classes
 */
export function folderLabels(paths: Iterable<string>): NamedLabels {
  const found = new Set<string>();
  let rows = 0;
  for (const path of paths) {
    const name = classOf(path);
    if (name === undefined) continue;
    found.add(name);
    rows++;
  }
  const invalid = (what: string) => new DatasetError('option-invalid', `labels: ${what}`);
  if (found.size < 2)
    throw invalid(
      `the folders of the source give ${found.size === 0 ? 'no class' : `one class (${[...found][0]})`}, ` +
        'expected at least two; put the pictures of each class into a folder of its own',
    );
  checkMatrix(rows, found.size, invalid);
  const classes = indexClasses(found);
  return {
    names: [...classes.keys()],
    of(path) {
      const index = classes.get(classOf(path) ?? '');
      return index === undefined ? undefined : oneHot(index, classes.size);
    },
  };
}
