/** The pictures of a folder and its subfolders, in an order that depends on nothing but their names. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError } from '../errors.js';

/** File names that are taken for pictures; whether they are is seen when they are decoded. */
const pictureName = /\.(jpe?g|jfif|png|webp|gif|tiff?|avif|heic|heif|jp2|jxl|ppm|pgm|bmp)$/i;

export interface SourcePicture {
  readonly path: string; // relative to the folder, with '/' between folders
  readonly file: string; // where to read it
  readonly broken: boolean; // a link to nothing
}

export interface FolderListing {
  readonly pictures: readonly SourcePicture[]; // sorted by path, code unit by code unit
  readonly others: number; // files that are not named like pictures
}

/**
 * Hidden files and folders are left out. Links are followed; a folder that was already walked is not
 * walked again, so that links in a circle end.
 * @throws DatasetError `source-missing`, `source-empty`
 */
export async function listPictures(folder: string): Promise<FolderListing> {
  const found = await stat(folder).catch((error: unknown) => {
    throw new DatasetError(
      'source-missing',
      `${folder}: no such folder (${(error as NodeJS.ErrnoException).code}); name a folder of pictures with --source`,
    );
  });
  if (!found.isDirectory())
    throw new DatasetError('source-missing', `${folder}: is a file; name a folder of pictures with --source`);

  const pictures: SourcePicture[] = [];
  let others = 0;
  const walked = new Set<string>();
  const walk = async (directory: string, prefix: string): Promise<void> => {
    const real = await realpath(directory);
    if (walked.has(real)) return;
    walked.add(real);
    const entries = (await readdir(directory, { withFileTypes: true })).filter(
      ({ name }) => !name.startsWith('.'),
    );
    // Sorted here so that of two links to one folder always the same one is walked.
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const file = join(directory, entry.name);
      // A broken link stays in the list, so that it is reported.
      const target = entry.isSymbolicLink() ? await stat(file).catch(() => null) : entry;
      const kind = target ?? entry;
      if (kind.isDirectory()) await walk(file, `${prefix}${entry.name}/`);
      else if (!pictureName.test(entry.name)) others++;
      else pictures.push({ path: prefix + entry.name, file, broken: target === null });
    }
  };
  await walk(folder, '').catch((error: unknown) => {
    throw new DatasetError('source-missing', `${folder}: cannot be read (${(error as Error).message})`);
  });
  pictures.sort((a, b) => (a.path < b.path ? -1 : 1));
  if (pictures.length === 0)
    throw new DatasetError(
      'source-empty',
      `${folder}: holds no pictures (${others} other files); expected .jpg, .png, .webp, .tif, … there or in subfolders`,
    );
  return { pictures, others };
}
