/** LSUN, and other LMDB databases of encoded pictures, in the order of the keys. */
import { join } from 'node:path';
import { DatasetError } from '../errors.js';
import { firstBytes, kindOfPath } from '../formats/input.js';
import { hasLmdbMagic } from '../formats/lmdb-page.js';
import { LmdbReader } from '../formats/lmdb.js';
import { largestPicture } from './picture-names.js';
import { SourcePictureError, type Source, type SourceKind, type SourceRequest } from './source.js';

/** Keys as text: printable ASCII as it is, other bytes and % as %XX, so that no two keys look the same. */
function keyText(key: Buffer): string {
  return key
    .toString('latin1')
    .replace(/[^!-$&-~]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

async function open({ path }: SourceRequest): Promise<Source> {
  const database = await LmdbReader.open(path);
  if (database.count === 0) {
    await database.close();
    throw new DatasetError('source-empty', `${database.path}: the database has no entries`);
  }
  return {
    count: database.count,
    others: 0,
    path: (i) => keyText(database.key(i)),
    async read(i) {
      const bytes = database.length(i);
      if (bytes > largestPicture)
        throw new SourcePictureError(
          'too-large',
          `${bytes} bytes; pictures of up to ${largestPicture} are read`,
        );
      try {
        return { kind: 'file', bytes: await database.value(i) };
      } catch (error) {
        // The tree was sound: pages of this one value are damaged.
        if (error instanceof DatasetError && error.code === 'source-invalid')
          throw new SourcePictureError('unreadable', error.message);
        throw error;
      }
    },
    labels: null,
    landmarks: null,
    close: () => database.close(),
  };
}

export const lsun: SourceKind = {
  kind: 'lsun',
  summary: 'LSUN and other LMDB databases of pictures (JPEG, WebP, PNG), cropped to their middle',
  async recognises(path) {
    const kind = await kindOfPath(path, 'a database').catch(() => null);
    if (kind === null) return false;
    return hasLmdbMagic(await firstBytes(kind === 'folder' ? join(path, 'data.mdb') : path, 24));
  },
  open,
  defaults: {
    align: 'none',
    fit: 'crop',
    size: { width: 256, height: 256 },
    channels: 3,
    shuffle: false,
    duplicates: 'keep',
    labels: 'none',
    minSharpness: 0,
    mirror: false,
  },
};
