/** Every kind of source. A kind is recognised by looking, in this order; the first that fits is taken. */
import { stat } from 'node:fs/promises';
import { DatasetError } from '../errors.js';
import { archive } from './archive.js';
import { celeba } from './celeba.js';
import { celebaAligned } from './celeba-aligned.js';
import { cifar } from './cifar.js';
import { folder } from './folder.js';
import { lsun } from './lsun.js';
import { mnist } from './mnist.js';
import { mnistRgb } from './mnist-rgb.js';
import type { SourceKind } from './source.js';
import { tfrecords } from './tfrecords.js';

export const sourceKinds: readonly SourceKind[] = [
  tfrecords,
  mnist,
  mnistRgb,
  cifar,
  lsun,
  celebaAligned,
  celeba,
  archive,
  folder,
];

/** @throws DatasetError `source-missing`, `option-invalid` for a kind that is not known */
export async function chooseSource(path: string, kind: string): Promise<SourceKind> {
  const named = sourceKinds.find((each) => each.kind === kind);
  if (!named && kind !== 'auto')
    throw new DatasetError(
      'option-invalid',
      `kind: expected auto or one of ${sourceKinds.map((each) => each.kind).join(', ')}, got "${kind}"`,
    );
  await stat(path).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'no such folder or file' : `cannot be read (${code})`;
    throw new DatasetError('source-missing', `${path}: ${what}; name pictures with --source`);
  });
  if (named) return named;
  for (const each of sourceKinds) if (await each.recognises(path)) return each;
  throw new DatasetError(
    'source-missing',
    `${path}: is neither a folder of pictures nor an archive or a set that we know ` +
      `(${sourceKinds.map((each) => each.kind).join(', ')})`,
  );
}
