/** Whether a file beside the pictures speaks of these pictures at all. */
import { basename } from 'node:path';
import { DatasetError } from '../errors.js';
import type { Coverage, ListedPaths } from '../formats/path-lookup.js';
import type { Source } from '../sources/source.js';
import type { BuildOptions } from './options.js';

export type SidecarContent = 'labels' | 'landmarks' | 'notes';

/** A file beside the pictures, and how many of its paths are those of pictures; plain JSON. */
export interface SidecarMatch extends Coverage {
  readonly what: SidecarContent;
  readonly file: string;
}

function* pathsOf(source: Source): Generator<string> {
  for (let i = 0; i < source.count; i++) yield source.path(i);
}

/** The picture that is most likely meant by a path: what to compare it with. */
function pictureLike(source: Source, listed: string): string {
  const sameName = (path: string) => basename(path) === basename(listed);
  const sameEnd = (path: string) => listed.endsWith(`/${path}`) || path.endsWith(`/${listed}`);
  for (const alike of [sameEnd, sameName]) for (const path of pathsOf(source)) if (alike(path)) return path;
  return source.path(0);
}

/** @throws DatasetError `annotation-invalid` when no path of the file is that of a picture */
export function matchSidecar(
  what: SidecarContent,
  paths: ListedPaths,
  source: Source,
  { source: sourcePath }: Pick<BuildOptions, 'source'>, // for the message
): SidecarMatch {
  const coverage = paths.coverage(pathsOf(source));
  const { listed, matched, unmatched } = coverage;
  if (listed === 0) throw new DatasetError('annotation-invalid', `${paths.file}: has ${what} of no picture`);
  if (matched === 0 && unmatched !== null)
    throw new DatasetError(
      'annotation-invalid',
      `${paths.file}: none of its ${listed} paths is that of a picture in ${sourcePath}: it has ${JSON.stringify(unmatched)}, ` +
        `the source has ${JSON.stringify(pictureLike(source, unmatched))}; write the paths as the source has them, ` +
        'with their endings and folders, or all without folders',
    );
  return { what, file: paths.file, ...coverage };
}
