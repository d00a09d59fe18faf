/** NumPy arrays as the `.labels` files of datasets (facts 7.1). */
import * as files from '@pggan/files';
import { DatasetError } from '../errors.js';

export { encodeNpy, type NpyArray } from '@pggan/files';

/**
 * As that of `@pggan/files`. `file` names it in errors.
 * @throws DatasetError `npy-invalid`
 */
export function decodeNpy(bytes: Buffer, file: string): files.NpyArray {
  try {
    return files.decodeNpy(bytes, file);
  } catch (error) {
    if (!(error instanceof files.NpyError)) throw error;
    throw new DatasetError('npy-invalid', error.message, { cause: error });
  }
}
