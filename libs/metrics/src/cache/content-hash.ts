import { createHash } from 'node:crypto';
import { checked, shapeName, type ImageSource } from '../images/batch.js';

/** SHA-256 of the pixels and shape of images, however they are batched. */
export async function contentHash(images: ImageSource): Promise<string> {
  const hash = createHash('sha256');
  let named = false;
  for await (const { batch } of checked(images)) {
    if (!named) hash.update(`${shapeName(batch)}\n`);
    named = true;
    hash.update(batch.data);
  }
  return hash.digest('hex');
}
