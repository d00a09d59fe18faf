/** Brightness of the pixels of an image, and how alike two images are in it. */

/** Of uint8 CHW pixels. */
export interface PictureShape {
  readonly channels: 1 | 3;
  readonly width: number;
  readonly height: number;
}

/** Brightness of an image. Values are whole numbers, so that sums are exact. */
export interface Luma {
  readonly values: Uint16Array; // 256 times the luma of each pixel, rows from the top
  readonly width: number;
  readonly mean: number; // of the values
  readonly variance: number;
}

export function lumaOf(image: Uint8Array, { channels, width, height }: PictureShape): Luma {
  const pixels = width * height;
  const values = new Uint16Array(pixels);
  let [sum, square] = [0, 0];
  for (let i = 0; i < pixels; i++) {
    const value =
      channels === 1
        ? 256 * image[i]!
        : 77 * image[i]! + 150 * image[pixels + i]! + 29 * image[2 * pixels + i]!;
    values[i] = value;
    sum += value;
    square += value * value;
  }
  const mean = sum / pixels;
  return { values, width, mean, variance: Math.max(0, square / pixels - mean ** 2) };
}

/** Standard deviation, in grey levels, below which a picture counts as one even area. */
const flat = 1.5;
/** Two even areas are the same picture when their grey levels are nearer than this. */
const sameGrey = 8;

/**
 * Correlation of two lumas of one shape, −1…1: 1 for pictures that differ in brightness and contrast only.
 * Even areas have no correlation: two of about the same grey are 1, others 0. `mirrored`: the first picture is
 * read from right to left.
 */
export function likeness(a: Luma, b: Luma, mirrored = false): number {
  const limit = (flat * 256) ** 2;
  if (a.variance < limit || b.variance < limit) {
    const bothFlat = a.variance < limit && b.variance < limit;
    return bothFlat && Math.abs(a.mean - b.mean) < sameGrey * 256 ? 1 : 0;
  }
  const { values: left, width } = a;
  const { values: right } = b;
  let product = 0;
  if (mirrored) {
    for (let row = 0; row < left.length; row += width)
      for (let x = 0; x < width; x++) product += left[row + width - 1 - x]! * right[row + x]!;
  } else for (let i = 0; i < left.length; i++) product += left[i]! * right[i]!;
  return (product / left.length - a.mean * b.mean) / Math.sqrt(a.variance * b.variance);
}
