/** The pictures of a folder, its subfolders and the archives in them, or one picture file. */
import { constants, type Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemReason } from '@pggan/files';
import { DatasetError } from '../errors.js';
import { readAt } from '../records/read-at.js';
import { openArchive, type Archive } from './archive.js';
import {
  byCodeUnit,
  expectedPictures,
  isArchiveName,
  isPictureName,
  largestPicture,
} from './picture-names.js';
import { SourcePictureError, type Source, type SourceKind, type SourceRequest } from './source.js';

interface Listing {
  readonly paths: string[]; // of picture files, '/' between folders
  readonly archives: string[];
  readonly broken: Set<string>; // links to nothing: they stay in the list, so that they are reported
  readonly lost: Map<string, SourcePictureError>; // folders, in the place of their pictures, and why they are left out
  others: number; // files that are not named like pictures
}

/**
 * Hidden files and folders are left out. Links are followed; a folder that was already walked is not
 * walked again, so that links in a circle end.
 */
async function listFolder(folder: string): Promise<Listing> {
  const listing: Listing = { paths: [], archives: [], broken: new Set(), lost: new Map(), others: 0 };
  const walked = new Set<string>();
  const walk = async (directory: string, path: string): Promise<void> => {
    const real = await realpath(directory);
    if (walked.has(real)) throw new SourcePictureError('folder-again', 'its pictures are there already');
    walked.add(real);
    const entries = (await readdir(directory, { withFileTypes: true })).filter(
      ({ name }) => !name.startsWith('.'),
    );
    // Sorted here so that of two links to one folder always the same one is walked.
    entries.sort((a, b) => byCodeUnit(a.name, b.name));
    for (const entry of entries) await look(entry, path === '' ? entry.name : `${path}/${entry.name}`);
  };
  const look = async (entry: Dirent, path: string): Promise<void> => {
    const file = join(folder, path);
    const target = entry.isSymbolicLink() ? await stat(file).catch(() => null) : entry;
    const kind = target ?? entry;
    if (kind.isDirectory()) {
      await walk(file, path).catch((error: unknown) => listing.lost.set(path, whyLost(error)));
    } else if (isPictureName(path)) {
      listing.paths.push(path);
      if (!target || (await isUnnameable(entry.name, file))) listing.broken.add(path);
    } else if (isArchiveName(path) && kind.isFile()) listing.archives.push(path);
    else listing.others++;
  };
  await walk(folder, '').catch((error: unknown) => {
    throw new DatasetError('source-missing', `${folder}: cannot be read (${systemReason(error)})`);
  });
  return listing;
}

/** The message of a system's error holds the absolute path, which would make manifests differ between machines. */
function whyLost(error: unknown): SourcePictureError {
  if (error instanceof SourcePictureError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return new SourcePictureError('folder-unreadable', code);
}

/** A name that is not UTF-8 comes with its bytes replaced: nothing has the name that we see. */
async function isUnnameable(name: string, file: string): Promise<boolean> {
  return (
    name.includes('\ufffd') &&
    stat(file).then(
      () => false,
      () => true,
    )
  );
}

/** What a pipe would wait for: somebody who writes. */
const withoutWaiting = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

async function readWhole(file: string): Promise<Buffer> {
  const handle = await open(file, withoutWaiting);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new SourcePictureError('unreadable', 'not a regular file');
    if (found.size > largestPicture)
      throw new SourcePictureError('too-large', `${found.size} bytes, most is ${largestPicture}`);
    return await readAt(handle, 0, found.size);
  } finally {
    await handle.close();
  }
}

async function readPicture(file: string, broken: boolean): Promise<Buffer> {
  try {
    return await readWhole(file);
  } catch (error) {
    if (error instanceof SourcePictureError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    // It was there when the folder was listed: whatever came of this would be the dataset of no folder.
    if (code === 'ENOENT' && !broken)
      throw new DatasetError(
        'source-changed',
        `${file}: is gone since the build began; run the same command again when nobody changes the source`,
        { cause: error },
      );
    // The message holds the absolute path, which would make manifests differ between machines.
    throw new SourcePictureError('unreadable', code ?? 'cannot be read');
  }
}

/** Pictures of an archive are consecutive in the sorted list, since they share the beginning of their paths. */
interface Stretch {
  readonly start: number;
  readonly archive: Archive;
}

/** First index whose path is not before `path`. */
function lowerBound(paths: readonly string[], path: string): number {
  let [low, high] = [0, paths.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (paths[middle]! < path) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * An archive that cannot be read takes the place of its pictures in the list, as one picture that cannot be had.
 * @throws DatasetError `source-missing`, `source-empty`, `output-failed` when there is no room to unpack an archive
 */
export async function openFolder({ path: folder, scratch }: SourceRequest): Promise<Source> {
  const found = await stat(folder).catch((error: unknown) => {
    throw new DatasetError(
      'source-missing',
      `${folder}: no such folder (${(error as NodeJS.ErrnoException).code}); name a folder of pictures with --source`,
    );
  });
  if (!found.isDirectory()) return onePicture(folder);

  const { paths, archives: archivePaths, broken, lost, others: otherFiles } = await listFolder(folder);
  const archives: { readonly path: string; readonly archive: Archive }[] = [];
  const unreadable = new Map(lost);
  const close = async () => {
    for (const { archive } of archives) await archive.close();
  };
  try {
    for (const path of archivePaths) {
      const archive = await openInFolder(join(folder, path), join(scratch, `archive-${archives.length}.tar`));
      if (archive instanceof SourcePictureError) {
        unreadable.set(path, archive);
        paths.push(path);
        continue;
      }
      archives.push({ path, archive });
      for (const inner of archive.paths) paths.push(`${path}/${inner}`);
    }
    const others = archives.reduce((sum, { archive }) => sum + archive.others, otherFiles);
    if (paths.length === 0)
      throw new DatasetError(
        'source-empty',
        `${folder}: holds no pictures (${others} other files); expected ${expectedPictures} there or in subfolders`,
      );
    paths.push(...lost.keys());
    paths.sort(byCodeUnit);
    const stretches = archives
      .map(({ path, archive }): Stretch => ({ start: lowerBound(paths, `${path}/`), archive }))
      .sort((a, b) => a.start - b.start);

    return {
      count: paths.length,
      others,
      path: (i) => paths[i]!,
      async read(i) {
        const lost = unreadable.get(paths[i]!);
        if (lost) throw lost;
        const holder = stretches.findLast(
          ({ start, archive }) => i >= start && i < start + archive.paths.length,
        );
        const bytes = holder
          ? await holder.archive.read(i - holder.start)
          : await readPicture(join(folder, paths[i]!), broken.has(paths[i]!));
        return { kind: 'file', bytes };
      },
      labels: null,
      landmarks: null,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The archive, or why it is left out: one broken archive does not keep the other pictures from being used. What
 * says nothing of the archive itself (no room to unpack it, gone while we look) is thrown.
 */
async function openInFolder(file: string, unpacked: string): Promise<Archive | SourcePictureError> {
  try {
    return await openArchive(file, unpacked);
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    // Manifests hold no absolute paths, which would make them differ between machines.
    if (error.code === 'source-invalid')
      return new SourcePictureError('archive-invalid', error.message.replace(`${file}: `, ''));
    const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
    if (error.code === 'source-missing' && code !== undefined && code !== 'ENOENT')
      return new SourcePictureError('archive-invalid', `cannot be read (${code})`);
    throw error;
  }
}

function onePicture(file: string): Source {
  if (!isPictureName(file))
    throw new DatasetError(
      'source-missing',
      `${file}: is a file and not named like a picture; name a folder of pictures with --source`,
    );
  return {
    count: 1,
    others: 0,
    path: () => basename(file),
    read: async () => ({ kind: 'file', bytes: await readPicture(file, false) }),
    labels: null,
    landmarks: null,
    close: () => Promise.resolve(),
  };
}

export const folder: SourceKind = {
  kind: 'folder',
  summary: 'a folder of pictures, with subfolders and archives, or one picture',
  defaults: {},
  async recognises(path) {
    const found = await stat(path).catch(() => undefined);
    return Boolean(found && (found.isDirectory() || (found.isFile() && isPictureName(path))));
  },
  open: openFolder,
};
