/** CelebA in the wild: whole photographs with the five points of each face and forty attributes. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  attributesList,
  landmarksList,
  readCelebAList,
  readLandmarks,
  type CelebAList,
} from './celeba-list.js';
import { openFolder } from './folder.js';
import type { SourceKind, SourceLabels } from './source.js';

const picturesFolder = 'img_celeba';

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Attributes as labels: 1 where the list has a positive number, 0 otherwise (it uses 1 and -1). */
export function attributeLabels(list: CelebAList, nameOf: (i: number) => string): SourceLabels {
  return {
    names: list.columns,
    row: (i) => list.row(nameOf(i))?.map((value) => (value > 0 ? 1 : 0)),
  };
}

export const celeba: SourceKind = {
  kind: 'celeba',
  summary: `CelebA in the wild: pictures, in ${picturesFolder}/ or not, and ${landmarksList}`,
  defaults: {},
  async recognises(path) {
    return (await exists(join(path, landmarksList))) || isFolder(join(path, picturesFolder));
  },
  /** @throws DatasetError as a folder, and `annotation-invalid` */
  async open(request) {
    const { path } = request;
    const nested = join(path, picturesFolder);
    const pictures = await openFolder({ ...request, path: (await isFolder(nested)) ? nested : path });
    try {
      const [points, attributes] = [join(path, landmarksList), join(path, attributesList)];
      const landmarks = (await exists(points)) ? await readLandmarks(points) : null;
      const list = (await exists(attributes)) ? await readCelebAList(attributes) : null;
      return {
        ...pictures,
        landmarks: landmarks && ((i) => landmarks.row(pictures.path(i)) ?? null),
        labels: list && attributeLabels(list, pictures.path),
      };
    } catch (error) {
      await pictures.close();
      throw error;
    }
  },
};
