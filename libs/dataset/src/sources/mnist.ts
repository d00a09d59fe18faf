/** MNIST, and other sets of small gray pictures in its idx files (Fashion-MNIST, KMNIST, EMNIST). */
import { basename } from 'node:path';
import { DatasetError } from '../errors.js';
import { openIdx, readIdxVector } from '../formats/idx.js';
import { findMnist, looksLikeMnist } from './mnist-files.js';
import { numberedNames, oneHotLabels } from './one-hot.js';
import type { Source, SourceKind, SourceRequest } from './source.js';

/** Pixels; sets in idx files have thumbnails. */
const largestPicture = 2 ** 22;

async function readLabels(file: string, count: number, images: string) {
  const classes = await readIdxVector(file);
  if (classes.length !== count)
    throw new DatasetError(
      'source-invalid',
      `${file}: has ${classes.length} labels for the ${count} pictures of ${images}; expected one for each`,
    );
  // MNIST's ten digits; more where the set has more (EMNIST).
  const largest = classes.reduce((a, b) => Math.max(a, b), 9);
  return oneHotLabels(numberedNames(largest + 1), classes);
}

async function open({ path, split }: SourceRequest): Promise<Source> {
  const files = await findMnist(path, split);
  const images = await openIdx(files.images, 3);
  try {
    const [count, height, width] = images.shape as [number, number, number];
    if (height * width > largestPicture)
      throw new DatasetError(
        'source-invalid',
        `${files.images}: has pictures of ${width}x${height}; expected at most ${largestPicture} pixels`,
      );
    if (count === 0) throw new DatasetError('source-empty', `${files.images}: holds no pictures`);
    const labels = files.labels ? await readLabels(files.labels, count, files.images) : null;
    const stem = basename(files.images).replace(/\.gz$/i, '');
    return {
      count,
      others: 0,
      split: files.part,
      path: (i) => `${stem}/${String(i).padStart(5, '0')}`,
      read: async (i) => ({ kind: 'pixels', channels: 1, height, width, data: await images.item(i) }),
      labels,
      landmarks: null,
      close: () => images.close(),
    };
  } catch (error) {
    await images.close();
    throw error;
  }
}

export const mnist: SourceKind = {
  kind: 'mnist',
  summary: 'MNIST, Fashion-MNIST and others in idx files, 28x28 gray, padded to 32x32',
  recognises: looksLikeMnist,
  open,
  defaults: {
    align: 'none',
    fit: 'center',
    size: { width: 32, height: 32 },
    channels: 1,
    background: [0, 0, 0],
    shuffle: true,
    duplicates: 'keep',
    labels: 'own',
    minSharpness: 0,
    mirror: false,
  },
};
