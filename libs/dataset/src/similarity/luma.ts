/** Brightness of the pixels of an image, and how alike two images are in it. */

/** Of uint8 CHW pixels. */
export interface PictureShape {
  readonly channels: 1 | 3;
  readonly width: number;
  readonly height: number;
}

/** 256 times the luma of each pixel, rows from the top; whole numbers, so that sums are exact. */
export function lumaOf(image: Uint8Array, { channels, width, height }: PictureShape): Int32Array {
  const pixels = width * height;
  const luma = new Int32Array(pixels);
  if (channels === 1) for (let i = 0; i < pixels; i++) luma[i] = image[i]! * 256;
  else
    for (let i = 0; i < pixels; i++)
      luma[i] = 77 * image[i]! + 150 * image[pixels + i]! + 29 * image[2 * pixels + i]!;
  return luma;
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
export function likeness(a: Int32Array, b: Int32Array, width: number, mirrored = false): number {
  let [sumA, sumB, squareA, squareB, product] = [0, 0, 0, 0, 0];
  for (let row = 0; row < a.length; row += width) {
    for (let x = 0; x < width; x++) {
      const left = a[row + (mirrored ? width - 1 - x : x)]!;
      const right = b[row + x]!;
      sumA += left;
      sumB += right;
      squareA += left * left;
      squareB += right * right;
      product += left * right;
    }
  }
  const { length: count } = a;
  const spreadA = Math.max(0, squareA / count - (sumA / count) ** 2);
  const spreadB = Math.max(0, squareB / count - (sumB / count) ** 2);
  const limit = (flat * 256) ** 2;
  if (spreadA < limit || spreadB < limit) {
    const bothFlat = spreadA < limit && spreadB < limit;
    return bothFlat && Math.abs(sumA - sumB) / count < sameGrey * 256 ? 1 : 0;
  }
  return (product / count - (sumA / count) * (sumB / count)) / Math.sqrt(spreadA * spreadB);
}
