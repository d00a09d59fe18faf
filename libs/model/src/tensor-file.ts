/** Tensors out of safetensors files, with errors that name file and tensor. */
import { readFile } from 'node:fs/promises';
import { tf } from '@pggan/engine';
import { ModelError } from './errors.js';
import { decodeSafetensors, readSafetensorsMetadata, type TensorFile } from './safetensors.js';

/**
 * @param remedy as in {@link decodeSafetensors}
 * @throws ModelError `checkpoint-missing`, `checkpoint-corrupt`
 */
export async function readTensorFile(path: string, remedy?: string): Promise<TensorFile> {
  return decodeSafetensors(await reading(path, () => readFile(path)), path, remedy);
}

/** What a file says of itself, without its tensors. Errors as {@link readTensorFile}. */
export async function readTensorFileMetadata(path: string): Promise<TensorFile['metadata']> {
  return await reading(path, () => readSafetensorsMetadata(path));
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError('checkpoint-missing', `cannot read ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** @throws ModelError `checkpoint-corrupt` when the tensor is not there or of another shape */
export function readTensor<T extends tf.Tensor>(
  { tensors }: TensorFile,
  name: string,
  shape: readonly number[],
  path: string,
): T {
  const raw = tensors[name];
  if (raw === undefined || raw.shape.join() !== shape.join()) {
    throw new ModelError(
      'checkpoint-corrupt',
      `${path}: tensor "${name}" expected of shape [${shape}], got ` +
        (raw === undefined ? 'none' : `[${raw.shape}]`),
    );
  }
  return tf.tensor(raw.data, [...shape]) as T;
}
