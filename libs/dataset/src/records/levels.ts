/** The smaller levels of an image (facts 7.1): repeated 2×2 averages, rounded only when stored. */
import { halvings } from '../kernels/levels.js';
import { levelSizes, type ImageSize } from './image-size.js';

/**
 * `image`: uint8 CHW of `size`, which `levelSizes` must know. Returns the same image at its size, half
 * of it, … down to level 2 (4×4 for squares). The averages are exact: sums of whole pixels, divided and
 * rounded (halves to even) once. The official tool's float32 means are exact as well.
 */
export function imageLevels(image: Uint8Array, channels: number, size: ImageSize): Uint8Array[] {
  return [image, ...halvings(image, channels, levelSizes(size)!.slice(1))];
}
