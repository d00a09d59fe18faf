/** What a source folder offers: pictures, and CelebA's annotation when it lies beside them. */
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { DatasetError } from '../errors.js';
import { attributesList, landmarksList, readCelebAList, readLandmarks, type CelebAList } from './celeba.js';
import { listPictures, type SourcePicture } from './folder-source.js';
import type { BuildOptions } from './options.js';

export interface PictureSource {
  readonly kind: 'folder' | 'celeba';
  readonly name: string; // last component of the folder's path
  readonly pictures: readonly SourcePicture[];
  readonly others: number; // files that are not named like pictures
  readonly landmarks: CelebAList | null; // null: detect, or not needed
  readonly labels: LabelSource | null;
}

export interface LabelSource {
  readonly names: readonly string[];
  /** One 0 or 1 per name, or undefined when the picture is not listed. */
  of(path: string): Float32Array | undefined;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function labelSource(list: CelebAList, wanted: 'attr' | readonly string[]): LabelSource {
  const names = wanted === 'attr' ? list.columns : wanted;
  const columns = names.map((name) => {
    const column = list.columns.indexOf(name);
    if (column < 0)
      throw new DatasetError(
        'option-invalid',
        `labels: ${list.file} has no column ${name}; it has ${list.columns.join(' ')}`,
      );
    return column;
  });
  return {
    names,
    of(path) {
      const row = list.row(path);
      return row && Float32Array.from(columns, (column) => (row[column]! > 0 ? 1 : 0));
    },
  };
}

/**
 * `DIR/img_celeba` holds the pictures when there is such a folder, DIR itself otherwise.
 * @throws DatasetError `source-missing`, `source-empty`, `annotation-invalid`, `option-invalid`
 */
export async function openSource(options: BuildOptions): Promise<PictureSource> {
  const folder = resolve(options.source);
  const [listed, nested] = await Promise.all([
    exists(join(folder, landmarksList)),
    exists(join(folder, 'img_celeba')),
  ]);
  if (options.landmarks === 'annotation' && options.align === 'face' && !listed)
    throw new DatasetError(
      'annotation-invalid',
      `${folder}: has no ${landmarksList}; add it, or detect the faces with --landmarks detect`,
    );
  const { pictures, others } = await listPictures(nested ? join(folder, 'img_celeba') : folder);
  const annotated = options.align === 'face' && options.landmarks !== 'detect' && listed;
  const labels =
    options.labels === 'none'
      ? null
      : labelSource(await readCelebAList(join(folder, attributesList)), options.labels);
  return {
    kind: listed || nested ? 'celeba' : 'folder',
    name: basename(folder),
    pictures,
    others,
    landmarks: annotated ? await readLandmarks(join(folder, landmarksList)) : null,
    labels,
  };
}
