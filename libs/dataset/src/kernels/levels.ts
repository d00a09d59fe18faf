/** Drives the kernels that halve an image. */
import type { ImageSize } from '../records/image-size.js';
import { workspace } from './instance.js';

/**
 * The 2×2 means of a uint8 CHW image, of those, and so on for all `sizes`, each half of the one before in width and
 * height; the first is half of the image's. At most ten, so that sums fit 32 bits.
 */
export function halvings(image: Uint8Array, channels: number, sizes: readonly ImageSize[]): Uint8Array[] {
  const largest = sizes[0];
  if (!largest) return [];
  const samples = channels * largest.width * largest.height;
  const { kernels, memory, at } = workspace(image.length, samples * 2, samples, samples);
  const [source, first, second, stored] = at;
  memory.set(image, source);
  return sizes.map(({ width, height }, i) => {
    const rows = channels * height;
    // Sums of one level lie in `first`, of the next in `second`, and so on in turns.
    const [from, to] = i % 2 === 1 ? [first, second] : [second, first];
    if (i === 0) kernels.halve8(source, first, stored, width, rows);
    else if (i === 1) kernels.halve16(from, to, stored, width, rows);
    else kernels.halve32(from, to, stored, width, rows, 2 * (i + 1));
    return memory.slice(stored, stored + width * rows);
  });
}
