/** The smaller levels of an image (facts 7.1): repeated 2×2 averages, rounded only when stored. */
import { roundHalfEven } from '../faces/rounding.js';
import { levelSizes, type ImageSize } from './image-size.js';

/**
 * `image`: uint8 CHW of `size`, which `levelSizes` must know. Returns the same image at its size, half
 * of it, … down to level 2 (4×4 for squares). The averages are exact in float32: from 1024 to 4 a mean
 * needs 8 bits before the point and 16 after it.
 */
export function imageLevels(image: Uint8Array, channels: number, size: ImageSize): Uint8Array[] {
  const levels = [image];
  let exact: ArrayLike<number> = image;
  for (const { width, height } of levelSizes(size)!.slice(1)) {
    const next = new Float32Array(channels * width * height);
    const stored = new Uint8Array(next.length);
    const above = width * 2;
    for (let row = 0, to = 0; row < channels * height; row++) {
      for (let column = 0, from = row * 2 * above; column < width; column++, from += 2, to++) {
        const sum = exact[from]! + exact[from + 1]! + exact[from + above]! + exact[from + above + 1]!;
        next[to] = sum * 0.25;
        stored[to] = roundHalfEven(sum * 0.25);
      }
    }
    levels.push(stored);
    exact = next;
  }
  return levels;
}
