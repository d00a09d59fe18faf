/** The smaller levels of an image (facts 7.1): repeated 2×2 averages, rounded only when stored. */
import { roundHalfEven } from '../faces/rounding.js';

/**
 * `image`: uint8 CHW, side `resolution` (a power of two ≥ 4). Returns the same image at `resolution`,
 * half of it, … down to 4×4. The averages are exact in float32: from 1024 to 4 a mean needs 8 bits
 * before the point and 16 after it.
 */
export function imageLevels(image: Uint8Array, channels: number, resolution: number): Uint8Array[] {
  const levels = [image];
  let exact: ArrayLike<number> = image;
  for (let side = resolution / 2; side >= 4; side /= 2) {
    const next = new Float32Array(channels * side * side);
    const stored = new Uint8Array(next.length);
    const width = side * 2;
    for (let row = 0, to = 0; row < channels * side; row++) {
      for (let column = 0, from = row * 2 * width; column < side; column++, from += 2, to++) {
        const sum = exact[from]! + exact[from + 1]! + exact[from + width]! + exact[from + width + 1]!;
        next[to] = sum * 0.25;
        stored[to] = roundHalfEven(sum * 0.25);
      }
    }
    levels.push(stored);
    exact = next;
  }
  return levels;
}
