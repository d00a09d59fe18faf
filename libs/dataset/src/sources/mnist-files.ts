/** Finds the files of MNIST and of sets that are stored like it. */
import { basename, dirname, join } from 'node:path';
import { DatasetError } from '../errors.js';
import { kindOfPath, listFolder } from '../formats/input.js';

export interface MnistFiles {
  readonly images: string;
  readonly labels: string | null; // null: there is no such file
  readonly part: 'train' | 'test' | undefined; // as the name of the images says
}

export const mnistExpectation =
  'a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte (t10k-… for the test part), gzipped or not';

/** `emnist-letters-train-images-idx3-ubyte.gz`, `t10k-labels.idx1-ubyte`, … */
const fileName = /^(.*?)(train|t10k|test)-(images[-.]idx3|labels[-.]idx1)-ubyte(\.gz)?$/i;

interface Name {
  readonly name: string;
  readonly set: string; // what precedes the part
  readonly part: 'train' | 'test';
  readonly images: boolean;
}

function parseName(name: string): Name | undefined {
  const parts = fileName.exec(name);
  if (!parts) return undefined;
  const part = parts[2]!.toLowerCase() === 'train' ? 'train' : 'test';
  return { name, set: parts[1]!, part, images: parts[3]!.toLowerCase().startsWith('images') };
}

async function namesIn(folder: string): Promise<Name[]> {
  const entries = await listFolder(folder);
  return entries.flatMap(({ name, folder: inside }) => (inside ? [] : (parseName(name) ?? [])));
}

/** By names alone. */
export async function looksLikeMnist(path: string): Promise<boolean> {
  const kind = await kindOfPath(path, mnistExpectation).catch(() => null);
  if (kind === 'file') return parseName(basename(path))?.images ?? false;
  return kind === 'folder' && (await namesIn(path).catch(() => [])).some(({ images }) => images);
}

/**
 * `path`: the folder, of which `split` names the part, or the file of images itself. Of a file that is
 * there both gzipped and not, the latter is taken.
 * @throws DatasetError `source-missing`, `source-invalid` when the folder holds several sets
 */
export async function findMnist(path: string, split: 'train' | 'test'): Promise<MnistFiles> {
  const given = (await kindOfPath(path, mnistExpectation)) === 'file';
  const folder = given ? dirname(path) : path;
  const names = await namesIn(folder);
  const candidates = names.filter(({ images, part }) => images && part === split);
  const images = given ? parseName(basename(path)) : candidates[0];
  if (given && !images?.images) return { images: path, labels: null, part: undefined };
  if (!images)
    throw new DatasetError(
      'source-missing',
      `${path}: has no images of the ${split} part of an MNIST set; expected ${mnistExpectation}`,
    );
  const sets = [...new Set(candidates.map(({ set }) => set))];
  if (!given && sets.length > 1)
    throw new DatasetError(
      'source-invalid',
      `${path}: holds several sets (${sets.map((set) => set || 'without prefix').join(', ')}); ` +
        'name one of the image files instead of the folder',
    );
  const labels = names.find((name) => !name.images && name.set === images.set && name.part === images.part);
  return {
    images: join(folder, images.name),
    labels: labels ? join(folder, labels.name) : null,
    part: images.part,
  };
}
