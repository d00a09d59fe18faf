/** CelebA's aligned pictures, 178x218, from which the official tool cuts 128x128 around (89, 121). */
import { basename, dirname, join, resolve } from 'node:path';
import { DatasetError } from '../errors.js';
import { attributeLabels, exists, isFolder } from './celeba.js';
import { attributesList, readCelebAList } from './celeba-list.js';
import { openFolder } from './folder.js';
import type { SourceKind } from './source.js';

/** The PNGs first: the official tool reads those. */
const folders = ['img_align_celeba_png', 'img_align_celeba'];

interface Place {
  readonly pictures: string; // folder
  readonly root: string; // folder that holds it, and the lists
}

/** `path` holds the folder of pictures or is it; some copies have it twice, one in the other. */
async function placeOf(path: string): Promise<Place | undefined> {
  const full = resolve(path);
  const isPictures = folders.includes(basename(full));
  const root = isPictures ? dirname(full) : full;
  for (const name of isPictures ? [basename(full)] : folders)
    for (const pictures of [join(root, name, name), join(root, name)])
      if (await isFolder(pictures)) return { pictures, root };
  return undefined;
}

export const celebaAligned: SourceKind = {
  kind: 'celeba-aligned',
  summary: `CelebA aligned: 178x218 pictures in ${folders.join('/ or ')}/`,
  defaults: {
    align: 'none',
    fit: 'crop',
    crop: { x: 89, y: 121, side: 128 },
    size: { width: 128, height: 128 },
    shuffle: true,
    labels: 'none',
    duplicates: 'keep',
    minSharpness: 0,
  },
  async recognises(path) {
    return (await placeOf(path)) !== undefined;
  },
  /** @throws DatasetError as a folder, and `annotation-invalid` */
  async open(request) {
    const { path } = request;
    const place = await placeOf(path);
    if (!place)
      throw new DatasetError(
        'source-missing',
        `${path}: holds no folder ${folders.join(' or ')}; name the folder that does`,
      );
    const pictures = await openFolder({ ...request, path: place.pictures });
    try {
      const file = join(place.root, attributesList);
      const list = (await exists(file)) ? await readCelebAList(file) : null;
      // The list names JPEGs, also for those who have the PNGs.
      const nameOf = (i: number) => pictures.path(i).replace(/\.png$/, '.jpg');
      return { ...pictures, labels: list && attributeLabels(list, nameOf) };
    } catch (error) {
      await pictures.close();
      throw error;
    }
  },
};
