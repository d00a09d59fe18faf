/** CIFAR-10 and CIFAR-100, from their binary or Python files. */
import { join } from 'node:path';
import { DatasetError } from '../errors.js';
import {
  cifarClassesOf,
  parseCifarBinary,
  type CifarBatch,
  type CifarClasses,
} from '../formats/cifar-binary.js';
import { parseCifarNames, parseCifarPickle } from '../formats/cifar-pickle.js';
import { gunzip, isGzip } from '../formats/gunzip.js';
import { listFolder, readInput } from '../formats/input.js';
import { largestPickle } from '../formats/pickle.js';
import { findCifar, looksLikeCifar, partOf, type CifarFiles } from './cifar-files.js';
import { numberedNames, oneHotLabels } from './one-hot.js';
import type { Source, SourceKind, SourceRequest } from './source.js';

/** A whole file is in memory while its pictures are read. The largest one of the sets has 155 MB. */
const largestBatch = largestPickle;
const largestMeta = 2 ** 20;

/** Only the size tells the sets apart; where it fits both, CIFAR-100 has files called train and test. */
function binaryClasses(size: number, name: string): CifarClasses {
  const fitting = cifarClassesOf(size);
  if (fitting.length === 2 && /^(train|test)\.bin/i.test(name)) return 100;
  return fitting[0] ?? 10; // 10: the parser says what is wrong with the size
}

async function loadBatch({ folder, form }: CifarFiles, name: string): Promise<CifarBatch> {
  const file = join(folder, name);
  const stored = await readInput(file, 'a file of CIFAR', largestBatch);
  const bytes = isGzip(stored) ? await gunzip(stored, largestBatch, file) : stored;
  return form === 'pickle'
    ? parseCifarPickle(bytes, file)
    : parseCifarBinary(bytes, binaryClasses(bytes.length, name), file);
}

interface Naming {
  readonly text: string; // file of names, one a line
  readonly pickle: string;
  readonly key: string; // of its dictionary
  readonly count: number;
}

function namingOf(classes: CifarClasses, coarse: boolean): Naming {
  if (classes === 10)
    return { text: 'batches.meta.txt', pickle: 'batches.meta', key: 'label_names', count: 10 };
  return coarse
    ? { text: 'coarse_label_names.txt', pickle: 'meta', key: 'coarse_label_names', count: 20 }
    : { text: 'fine_label_names.txt', pickle: 'meta', key: 'fine_label_names', count: 100 };
}

/** Names of the classes where the set's own list of them lies beside it, else their numbers. */
async function readNames(folder: string, { text, pickle, key, count }: Naming): Promise<string[]> {
  const present = new Set(
    (await listFolder(folder)).filter((entry) => !entry.folder).map(({ name }) => name),
  );
  const name = [text, pickle].find((candidate) => present.has(candidate));
  if (name === undefined) return numberedNames(count);
  const file = join(folder, name);
  const bytes = await readInput(file, 'the names of the classes', largestMeta);
  const lines = () => bytes.toString().split('\n');
  const names = name === text ? lines() : parseCifarNames(bytes, key, file);
  const given = names?.map((line) => line.trim()).filter((line) => line !== '') ?? [];
  if (given.length === count && new Set(given).size === count) return given;
  throw new DatasetError(
    'source-invalid',
    `${file}: names ${given.length} classes; expected ${count} different ones, or no such file`,
  );
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

async function open({ path, split, coarse }: SourceRequest): Promise<Source> {
  const files = await findCifar(path, split);
  const labels: Uint8Array[] = [];
  let classes: CifarClasses | undefined;
  for (const name of files.batches) {
    const batch = await loadBatch(files, name);
    classes ??= batch.classes;
    if (batch.classes !== classes)
      throw new DatasetError(
        'source-invalid',
        `${files.folder}: ${name} is of CIFAR-${batch.classes}, ${files.batches[0]} of CIFAR-${classes}; expected one set`,
      );
    if (coarse && !batch.coarse)
      throw new DatasetError(
        'option-invalid',
        `${files.folder}: CIFAR-10 has no coarse classes; leave out --coarse`,
      );
    labels.push(coarse ? batch.coarse! : batch.labels);
  }
  const names = await readNames(files.folder, namingOf(classes!, coarse));

  const starts: number[] = [];
  let count = 0;
  for (const { length } of labels) {
    starts.push(count);
    count += length;
  }
  /** Pictures come in order, so that one file at a time is enough. */
  let loaded: { file: number; batch: Promise<CifarBatch> } | undefined;
  const place = (i: number) => {
    const file = starts.findLastIndex((start) => start <= i);
    return { file, record: i - starts[file]! };
  };
  return {
    count,
    others: 0,
    split: partOf(files.batches),
    path(i) {
      const { file, record } = place(i);
      return `${files.batches[file]}/${String(record).padStart(5, '0')}`;
    },
    async read(i) {
      const { file, record } = place(i);
      if (loaded?.file !== file) loaded = { file, batch: loadBatch(files, files.batches[file]!) };
      const batch = await loaded.batch;
      if (batch.labels.length !== labels[file]!.length)
        throw new DatasetError(
          'source-changed',
          `${join(files.folder, files.batches[file]!)}: has changed meanwhile`,
        );
      return { kind: 'pixels', channels: 3, height: 32, width: 32, data: batch.picture(record) };
    },
    labels: oneHotLabels(names, concatenate(labels)),
    landmarks: null,
    async close() {
      loaded = undefined;
    },
  };
}

export const cifar: SourceKind = {
  kind: 'cifar',
  summary: 'CIFAR-10 and CIFAR-100, binary or Python files, 32x32',
  recognises: looksLikeCifar,
  open,
  defaults: {
    align: 'none',
    fit: 'exact',
    size: { width: 32, height: 32 },
    channels: 3,
    shuffle: true,
    duplicates: 'keep',
    labels: 'own',
    minSharpness: 0,
    mirror: false,
  },
};
