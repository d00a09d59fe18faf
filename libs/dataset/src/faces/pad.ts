/**
 * Mirror padding with a fade (facts 7.4, step 7): the picture is continued by its mirror image, which blurs away from
 * the real part outwards and turns into the median colour towards the rim.
 */
import { blurGrid, BlurReader } from './gaussian.js';
import { rgbImage, wholeOf, type PixelBox, type RgbImage } from './image.js';
import { mirrorIndex } from './rounding.js';

/** Pixels added at the left, top, right and bottom. */
export type Padding = readonly [left: number, top: number, right: number, bottom: number];

/** Between the two fades values are kept in units of 1/256 grey level: enough for the rounding at the end. */
const UNIT = 256;

/** Beyond this depth, in paddings from the rim, 3 mask + 1 <= 0 and nothing changes. */
const UNTOUCHED = 4 / 3;

/**
 * Pad a picture and return it, or only `window` of it: the rest counts for the median alone. All four paddings must be
 * at least 1.
 *
 * With mask = 1 - min(x/left, y/top, (w-1-x)/right, (h-1-y)/bottom), 1 at the rim and 0 at the picture's own edge:
 * v += (gauss(v) - v) * clip(3 mask + 1), then v += (median - v) * clip(mask), per channel, then rounded.
 */
export function padWithMirror(image: RgbImage, padding: Padding, sigma: number, window?: PixelBox): RgbImage {
  const [left, top, right, bottom] = padding;
  const width = image.width + left + right;
  const height = image.height + top + bottom;
  const place: Place = {
    image,
    columns: Int32Array.from({ length: width }, (_, x) => mirrorIndex(x - left, image.width)),
    rows: Int32Array.from({ length: height }, (_, y) => mirrorIndex(y - top, image.height)),
    depthX: Float64Array.from({ length: width }, (_, x) => Math.min(x / left, (width - 1 - x) / right)),
    depthY: Float64Array.from({ length: height }, (_, y) => Math.min(y / top, (height - 1 - y) / bottom)),
    kept: window ?? wholeOf({ width, height }),
  };
  return fadeToMedian(place, blurTowardsRim(place, sigma));
}

/** The padded picture as mirrored indices into the real one, and how deep inside, in paddings, its pixels lie. */
interface Place {
  readonly image: RgbImage;
  readonly columns: Int32Array;
  readonly rows: Int32Array;
  readonly depthX: Float64Array; // depth of a pixel: the smaller one of its column and its row
  readonly depthY: Float64Array;
  readonly kept: PixelBox;
}

interface Faded {
  readonly values: Uint16Array; // the kept window, RGB in units of 1/256 level
  readonly median: readonly [number, number, number]; // of the whole, same units
}

/** Blend the mirrored picture with its blur. */
function blurTowardsRim(place: Place, sigma: number): Faded {
  const { image, columns, rows, depthX, depthY, kept } = place;
  const { data } = image;
  const width = depthX.length;
  const keptStride = (kept.right - kept.left) * 3;
  const values = new Uint16Array((kept.bottom - kept.top) * keptStride);
  const line = new Uint16Array(width * 3);
  const blurred = new Float32Array(width * 3);
  const histograms = [0, 1, 2].map(() => new Uint32Array(255 * UNIT + 1));
  const [red, green, blue] = histograms as [Uint32Array, Uint32Array, Uint32Array];
  const reader = new BlurReader(blurGrid(place, sigma));
  const first = depthX.findIndex((d) => d >= UNTOUCHED);
  const last = depthX.findLastIndex((d) => d >= UNTOUCHED) + 1;

  for (let y = 0; y < depthY.length; y++) {
    const depth = depthY[y]!;
    const source = rows[y]! * image.width * 3;
    const deep = depth >= UNTOUCHED && first >= 0;
    const gapStart = deep ? first : width;
    const gapEnd = deep ? last : width;
    reader.seek(y);
    reader.fill(blurred, 0, gapStart);
    reader.fill(blurred, gapEnd, width);
    for (let x = 0, o = 0; x < width; x++, o += 3) {
      const d = depth < depthX[x]! ? depth : depthX[x]!;
      let r: number;
      let g: number;
      let b: number;
      if (d <= 1) {
        r = toUnits(blurred[o]!);
        g = toUnits(blurred[o + 1]!);
        b = toUnits(blurred[o + 2]!);
      } else {
        const i = source + columns[x]! * 3;
        r = data[i]! * UNIT;
        g = data[i + 1]! * UNIT;
        b = data[i + 2]! * UNIT;
        if (d < UNTOUCHED) {
          const weight = 4 - 3 * d;
          r = (r + (toUnits(blurred[o]!) - r) * weight) | 0;
          g = (g + (toUnits(blurred[o + 1]!) - g) * weight) | 0;
          b = (b + (toUnits(blurred[o + 2]!) - b) * weight) | 0;
        }
      }
      red[r]!++;
      green[g]!++;
      blue[b]!++;
      line[o] = r;
      line[o + 1] = g;
      line[o + 2] = b;
    }
    if (y >= kept.top && y < kept.bottom) {
      values.set(line.subarray(kept.left * 3, kept.right * 3), (y - kept.top) * keptStride);
    }
  }
  const total = width * depthY.length;
  return { values, median: [median(red, total), median(green, total), median(blue, total)] };
}

/** Levels to whole units; the cubic of the blur may swing a hair beyond black or white. */
function toUnits(level: number): number {
  const v = (level * UNIT + 0.5) | 0;
  return v < 0 ? 0 : v > 255 * UNIT ? 255 * UNIT : v;
}

/** Blend the window with the median and round it to levels. */
function fadeToMedian(place: Place, faded: Faded): RgbImage {
  const { depthX, depthY, kept } = place;
  const out = rgbImage(kept.right - kept.left, kept.bottom - kept.top);
  const { values } = faded;
  const [red, green, blue] = faded.median;
  for (let y = kept.top, o = 0; y < kept.bottom; y++) {
    const depth = depthY[y]!;
    for (let x = kept.left; x < kept.right; x++, o += 3) {
      const d = depth < depthX[x]! ? depth : depthX[x]!;
      const mask = d >= 1 ? 0 : 1 - d;
      out.data[o] = (values[o]! + (red - values[o]!) * mask) / UNIT + 0.5;
      out.data[o + 1] = (values[o + 1]! + (green - values[o + 1]!) * mask) / UNIT + 0.5;
      out.data[o + 2] = (values[o + 2]! + (blue - values[o + 2]!) * mask) / UNIT + 0.5;
    }
  }
  return out;
}

/** NumPy's median from a histogram: the mean of the two middle values when their number is even. */
function median(histogram: Uint32Array, total: number): number {
  const valueAt = (rank: number) => {
    let value = 0;
    for (let seen = histogram[0]!; seen <= rank; value++) seen += histogram[value + 1]!;
    return value;
  };
  return (valueAt(Math.floor((total - 1) / 2)) + valueAt(Math.floor(total / 2))) / 2;
}
