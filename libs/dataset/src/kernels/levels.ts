/** Drives the kernels that halve an image. */
import type { ImageSize } from '../records/image-size.js';
import { workspace } from './instance.js';

/**
 * The 2×2 means of a uint8 CHW image, of those, and so on for all `sizes`, each half of the one before in width and
 * height; the first is half of the image's. At most ten, so that sums fit 32 bits.
 */
export function halvings(image: Uint8Array, channels: number, sizes: readonly ImageSize[]): Uint8Array[] {
  return halvingsInPlace([image], channels, sizes).map((level) => level.slice());
}

/**
 * As `halvings`, of what `parts` are one after the other, `planes` planes in all. The results lie in the kernels' memory: they
 * are there until a kernel is called again.
 */
export function halvingsInPlace(
  parts: readonly Uint8Array[],
  planes: number,
  sizes: readonly ImageSize[],
): Uint8Array[] {
  const largest = sizes[0];
  if (!largest) return [];
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  const samples = planes * largest.width * largest.height;
  const results = sizes.reduce((sum, { width, height }) => sum + planes * width * height, 0);
  const { kernels, memory, at } = workspace(bytes, samples * 2, samples, results);
  const [source, first, second] = at;
  let next = source;
  for (const part of parts) {
    memory.set(part, next);
    next += part.length;
  }
  next = at[3];
  return sizes.map(({ width, height }, i) => {
    const rows = planes * height;
    const stored = next;
    next += width * rows;
    // Sums of one level lie in `first`, of the next in `second`, and so on in turns.
    const [from, to] = i % 2 === 1 ? [first, second] : [second, first];
    if (i === 0) kernels.halve8(source, first, stored, width, rows);
    else if (i === 1) kernels.halve16(from, to, stored, width, rows);
    else kernels.halve32(from, to, stored, width, rows, 2 * (i + 1));
    return memory.subarray(stored, stored + width * rows);
  });
}
