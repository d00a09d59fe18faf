/** Finds the files of CIFAR, binary or pickled, in a folder or in the one that its archive unpacks to. */
import { basename, dirname, join } from 'node:path';
import { DatasetError } from '../errors.js';
import { cifarClassesOf } from '../formats/cifar-binary.js';
import { isGzip } from '../formats/gunzip.js';
import { firstBytes, kindOfPath, listFolder, openInput, readExactly } from '../formats/input.js';

export interface CifarFiles {
  readonly form: 'binary' | 'pickle';
  readonly folder: string;
  readonly batches: readonly string[]; // names in the folder, in order
}

export const cifarExpectation =
  'a folder with the binary or Python files of CIFAR-10 or CIFAR-100 (data_batch_1.bin, data_batch_1, train.bin, train, …), or such a file';

/** What the archives unpack to. */
const archiveFolders = [
  'cifar-10-batches-bin',
  'cifar-10-batches-py',
  'cifar-100-binary',
  'cifar-100-python',
];

const binaryName = /\.bin(\.gz)?$/i;
const pickleName = /^(data_batch_\d+|test_batch|train|test)$/;
/** These belong to the set whatever is in them, so that a damaged one is an error and not left out. */
const certainName = /^(data_batch_\d+(\.bin(\.gz)?)?|(test_batch|train|test)\.bin(\.gz)?|test_batch)$/;
const isTest = (name: string) => name.startsWith('test');

/** What the sets' own names say of the part; undefined of files that somebody named otherwise. */
export function partOf(batches: readonly string[]): 'train' | 'test' | undefined {
  const all = (pattern: RegExp) => batches.every((name) => pattern.test(name));
  if (all(/^(test_batch|test)(\.bin(\.gz)?)?$/)) return 'test';
  return all(/^(data_batch_\d+|train)(\.bin(\.gz)?)?$/) ? 'train' : undefined;
}

/** By its size or, gzipped, by the size that its last four bytes tell. */
async function holdsRecords(path: string): Promise<boolean> {
  const file = await openInput(path, cifarExpectation).catch(() => null);
  if (!file) return false;
  try {
    if (file.size < 4) return false;
    const packed = isGzip(await readExactly(file, 0, 2));
    const size = packed ? (await readExactly(file, file.size - 4, 4)).readUInt32LE() : file.size;
    return cifarClassesOf(size).length > 0;
  } finally {
    await file.handle.close();
  }
}

/** Starts like a pickled dictionary: protocol 2 and later, 1, 0. */
async function startsLikePickle(path: string): Promise<boolean> {
  const [first, second] = await firstBytes(path, 2);
  return first === 0x80 ? second! <= 5 : first === 0x7d || (first === 0x28 && second === 0x64);
}

/** The folder's files of one form; undefined unless one of them at least is sound by size or first bytes. */
async function filesOf(form: CifarFiles['form'], folder: string, names: readonly string[]) {
  const [pattern, fits] = form === 'binary' ? [binaryName, holdsRecords] : [pickleName, startsLikePickle];
  const sound = new Set<string>();
  for (const name of names) if (pattern.test(name) && (await fits(join(folder, name)))) sound.add(name);
  const batches = names.filter((name) => sound.has(name) || (pattern.test(name) && certainName.test(name)));
  return sound.size > 0 ? { form, folder, batches } : undefined;
}

async function findIn(folder: string): Promise<CifarFiles | undefined> {
  const entries = await listFolder(folder);
  const files = new Set(entries.filter((entry) => !entry.folder).map(({ name }) => name));
  // Of a file that is there both packed and unpacked, the latter is taken.
  const names = [...files].filter((name) => !(name.endsWith('.gz') && files.has(name.slice(0, -3))));
  return (await filesOf('binary', folder, names)) ?? (await filesOf('pickle', folder, names));
}

/** Both parts of the set in a folder, or in the one in it that an archive makes. */
async function findAll(path: string): Promise<CifarFiles | undefined> {
  const here = await findIn(path);
  if (here) return here;
  const present = new Set((await listFolder(path)).filter((entry) => entry.folder).map(({ name }) => name));
  const found = archiveFolders.filter((name) => present.has(name));
  if (new Set(found.map((name) => name.startsWith('cifar-100'))).size > 1)
    throw new DatasetError('source-invalid', `${path}: holds ${found.join(' and ')}; name one of them`);
  return found[0] === undefined ? undefined : findIn(join(path, found[0]));
}

const formOf = (file: string) => (binaryName.test(file) ? 'binary' : 'pickle');

export async function looksLikeCifar(path: string): Promise<boolean> {
  const kind = await kindOfPath(path, cifarExpectation).catch(() => null);
  if (kind === null) return false;
  try {
    if (kind === 'file')
      return await (formOf(path) === 'binary' ? holdsRecords(path) : startsLikePickle(path));
    return (await findAll(path)) !== undefined;
  } catch (error) {
    if (error instanceof DatasetError) return error.code === 'source-invalid'; // both sets: opening says so
    throw error;
  }
}

/**
 * `path`: a folder, of which `split` names the part (train: all files but test…), or a single file.
 * @throws DatasetError `source-missing`, `source-invalid` when there are both sets
 */
export async function findCifar(path: string, split: 'train' | 'test'): Promise<CifarFiles> {
  if ((await kindOfPath(path, cifarExpectation)) === 'file')
    return { form: formOf(path), folder: dirname(path), batches: [basename(path)] };
  const all = await findAll(path);
  if (!all)
    throw new DatasetError(
      'source-missing',
      `${path}: holds no pictures of CIFAR; expected ${cifarExpectation}`,
    );
  const batches = all.batches.filter((name) => isTest(name) === (split === 'test'));
  if (batches.length === 0)
    throw new DatasetError(
      'source-missing',
      `${all.folder}: has no files of the ${split} part; found ${all.batches.join(', ')}`,
    );
  return { ...all, batches };
}
