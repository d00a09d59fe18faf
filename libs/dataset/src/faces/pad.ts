/**
 * Mirror padding with a fade (facts 7.4, step 7): the picture is continued by its mirror image, which blurs away from
 * the real part outwards and turns into the median colour towards the rim.
 */
import { blurGrid, BlurReader } from './gaussian.js';
import { rgbImage, type RgbImage } from './image.js';
import { mirrorIndex, roundHalfEven } from './rounding.js';

/** Pixels added at the left, top, right and bottom. */
export type Padding = readonly [left: number, top: number, right: number, bottom: number];

/** Bins of the median's histogram per grey level; the median is exact to 1/512 level. */
const BINS = 256;

/**
 * Pad a picture. All four paddings must be at least 1.
 *
 * With mask = 1 - min(x/left, y/top, (w-1-x)/right, (h-1-y)/bottom), 1 at the rim and 0 at the picture's own edge:
 * v += (gauss(v) - v) * clip(3 mask + 1), then v += (median - v) * clip(mask), per channel, rounded half to even.
 */
export function padWithMirror(image: RgbImage, padding: Padding, sigma: number): RgbImage {
  const [left, top, right, bottom] = padding;
  const width = image.width + left + right;
  const height = image.height + top + bottom;
  const columns = Int32Array.from({ length: width }, (_, x) => mirrorIndex(x - left, image.width) * 3);
  const rows = Int32Array.from(
    { length: height },
    (_, y) => mirrorIndex(y - top, image.height) * image.width * 3,
  );
  const depthX = Float32Array.from({ length: width }, (_, x) => Math.min(x / left, (width - 1 - x) / right));
  const depthY = Float32Array.from({ length: height }, (_, y) =>
    Math.min(y / top, (height - 1 - y) / bottom),
  );
  // Columns that are deeper than 4/3 paddings inside have 3 mask + 1 <= 0: no blur reaches them in rows as deep.
  const { first, last } = untouchedSpan(depthX);

  const out = rgbImage(width, height);
  const plane = new Float32Array(width * height);
  const blurred = new Float32Array(width);
  for (let channel = 0; channel < 3; channel++) {
    for (let y = 0, i = 0; y < height; y++) {
      const row = rows[y]! + channel;
      for (let x = 0; x < width; x++, i++) plane[i] = image.data[row + columns[x]!]!;
    }
    const reader = new BlurReader(blurGrid(plane, width, height, sigma));
    const histogram = new Uint32Array(255 * BINS + 1);
    for (let y = 0; y < height; y++) {
      const at = y * width;
      reader.seek(y);
      const deep = depthY[y]! >= 4 / 3 && first < last;
      const gapStart = deep ? first : width;
      const gapEnd = deep ? last : width;
      for (const [from, to] of [
        [0, gapStart],
        [gapEnd, width],
      ] as const) {
        reader.fill(blurred, from, to);
        for (let x = from; x < to; x++) {
          const mask = 1 - Math.min(depthX[x]!, depthY[y]!);
          const weight = Math.min(Math.max(3 * mask + 1, 0), 1);
          const v = plane[at + x]!;
          plane[at + x] = Math.min(Math.max(v + (blurred[x]! - v) * weight, 0), 255);
        }
      }
      for (let i = at; i < at + width; i++) histogram[(plane[i]! * BINS + 0.5) | 0]!++;
    }
    const median = histogramMedian(histogram, width * height);
    for (let y = 0, i = 0, o = channel; y < height; y++) {
      for (let x = 0; x < width; x++, i++, o += 3) {
        const mask = Math.min(Math.max(1 - Math.min(depthX[x]!, depthY[y]!), 0), 1);
        out.data[o] = roundHalfEven(plane[i]! + (median - plane[i]!) * mask);
      }
    }
  }
  return out;
}

function untouchedSpan(depth: Float32Array): { first: number; last: number } {
  const first = depth.findIndex((d) => d >= 4 / 3);
  return first < 0 ? { first: 0, last: 0 } : { first, last: depth.findLastIndex((d) => d >= 4 / 3) + 1 };
}

/** NumPy's median: the mean of the two middle values when their number is even. */
function histogramMedian(histogram: Uint32Array, total: number): number {
  const rank = (wanted: number) => {
    let seen = 0;
    return histogram.findIndex((n) => (seen += n) > wanted) / BINS;
  };
  return (rank(Math.floor((total - 1) / 2)) + rank(Math.floor(total / 2))) / 2;
}
