/** The folder that broken files are taken from: whether it is a copy of this dataset, and what it lacks. */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError } from '../../errors.js';
import { indexName, readIndex, type DatasetIndex, type StoredFile } from '../../records/index-file.js';
import { presence } from '../verify/probe.js';
import { listFolder } from '../verify/verify.js';

/** Undefined where there is none, or none that is as it was written. */
export async function indexOfCopy(from: string): Promise<DatasetIndex | undefined> {
  return readIndex(from).catch((error: unknown) => {
    if (error instanceof DatasetError) return undefined;
    throw error;
  });
}

/**
 * Refuses what is no copy of the dataset as far as the two indexes tell. `index`: of the dataset, if it parses.
 * @throws DatasetError `dataset-missing`, `datasets-differ`
 */
export async function checkCopy(
  directory: string,
  index: DatasetIndex | undefined,
  from: string,
): Promise<void> {
  const present = await listFolder(from);
  if (!present.some((name) => name === indexName || name.endsWith('.tfrecords')))
    throw new DatasetError(
      'dataset-missing',
      `${from}: holds no dataset (neither ${indexName} nor a *.tfrecords file); name the folder of a copy of ${directory}`,
    );
  if ((await realpath(from)) === (await realpath(directory)))
    throw new DatasetError('datasets-differ', `${from}: is the dataset itself; name the folder of a copy`);
  const theirs = index && (await indexOfCopy(from));
  if (!theirs) return;
  // Labels may well be the same for other pictures.
  const imagesOf = ({ levels }: DatasetIndex) => levels.flatMap(({ shards }) => shards);
  const known = new Set(imagesOf(theirs).map(({ sha256 }) => sha256));
  if (imagesOf(index).some(({ sha256 }) => known.has(sha256))) return;
  throw new DatasetError(
    'datasets-differ',
    `${from}: holds another dataset (${theirs.images} images, ${theirs.name}), no copy of ${directory} ` +
      `(${index.images} images, ${index.name}): they have no images in common; name the folder of a copy`,
  );
}

/** Why a file of the copy cannot take the place of `entry`. */
export async function copyFault(from: string, { file, bytes }: StoredFile): Promise<string> {
  const found = await presence(join(from, file));
  if (found.state === 'missing') return `${from} has no such file`;
  if (found.state === 'unreadable') return `that of ${from} cannot be read (${found.why})`;
  return found.bytes === bytes
    ? `that of ${from} has another SHA-256 than the index says`
    : `that of ${from} has ${found.bytes} bytes, ${bytes} expected`;
}
