/**
 * Mirror padding with a fade (facts 7.4, step 7): the picture is continued by its mirror image, which blurs away from
 * the real part outwards and turns into the median colour towards the rim.
 */
import { blurGrid, BlurReader, type PictureView } from './gaussian.js';
import { rgbImage, type RgbImage } from './image.js';
import { mirrorIndex } from './rounding.js';

/** Pixels added at the left, top, right and bottom. */
export type Padding = readonly [left: number, top: number, right: number, bottom: number];

/** Between the two fades values are kept in units of 1/256 grey level: enough for the rounding at the end. */
const UNIT = 256;

/** Beyond this depth, in paddings from the rim, 3 mask + 1 <= 0 and nothing changes. */
const UNTOUCHED = 4 / 3;

/**
 * Pad a picture. All four paddings must be at least 1.
 *
 * With mask = 1 - min(x/left, y/top, (w-1-x)/right, (h-1-y)/bottom), 1 at the rim and 0 at the picture's own edge:
 * v += (gauss(v) - v) * clip(3 mask + 1), then v += (median - v) * clip(mask), per channel, then rounded.
 */
export function padWithMirror(image: RgbImage, padding: Padding, sigma: number): RgbImage {
  const [left, top, right, bottom] = padding;
  const width = image.width + left + right;
  const height = image.height + top + bottom;
  const view: PictureView = {
    image,
    columns: Int32Array.from({ length: width }, (_, x) => mirrorIndex(x - left, image.width)),
    rows: Int32Array.from({ length: height }, (_, y) => mirrorIndex(y - top, image.height)),
  };
  const depthX = Float64Array.from({ length: width }, (_, x) => Math.min(x / left, (width - 1 - x) / right));
  const depthY = Float64Array.from({ length: height }, (_, y) =>
    Math.min(y / top, (height - 1 - y) / bottom),
  );
  const faded = blurTowardsRim(view, depthX, depthY, sigma);
  return fadeToMedian(faded, depthX, depthY);
}

/** The mirrored view blended with its blur, in units of 1/256 level (height x width x 3). */
function blurTowardsRim(
  view: PictureView,
  depthX: Float64Array,
  depthY: Float64Array,
  sigma: number,
): Uint16Array {
  const { image, columns, rows } = view;
  const width = depthX.length;
  const reader = new BlurReader(blurGrid(view, sigma));
  const blurred = new Float32Array(width * 3);
  const out = new Uint16Array(depthY.length * width * 3);
  const first = depthX.findIndex((d) => d >= UNTOUCHED);
  const last = depthX.findLastIndex((d) => d >= UNTOUCHED) + 1;
  for (let y = 0; y < depthY.length; y++) {
    const depth = depthY[y]!;
    const source = rows[y]! * image.width * 3;
    const at = y * width * 3;
    const deep = depth >= UNTOUCHED && first >= 0;
    const gapStart = deep ? first : width;
    const gapEnd = deep ? last : width;
    reader.seek(y);
    reader.fill(blurred, 0, gapStart);
    reader.fill(blurred, gapEnd, width);
    for (let x = 0, o = at, b = 0; x < width; x++, o += 3, b += 3) {
      const i = source + columns[x]! * 3;
      const d = depth < depthX[x]! ? depth : depthX[x]!;
      if (d >= UNTOUCHED) {
        out[o] = image.data[i]! * UNIT;
        out[o + 1] = image.data[i + 1]! * UNIT;
        out[o + 2] = image.data[i + 2]! * UNIT;
        continue;
      }
      const weight = d <= 1 ? 1 : 4 - 3 * d;
      for (let c = 0; c < 3; c++) {
        const v = image.data[i + c]!;
        const mixed = (v + (blurred[b + c]! - v) * weight) * UNIT + 0.5;
        // The cubic may swing a hair beyond black or white.
        out[o + c] = mixed < 0 ? 0 : mixed > 255 * UNIT ? 255 * UNIT : mixed;
      }
    }
  }
  return out;
}

function fadeToMedian(faded: Uint16Array, depthX: Float64Array, depthY: Float64Array): RgbImage {
  const width = depthX.length;
  const out = rgbImage(width, depthY.length);
  const median = medians(faded);
  for (let y = 0, o = 0; y < depthY.length; y++) {
    const depth = depthY[y]!;
    for (let x = 0; x < width; x++, o += 3) {
      const d = depth < depthX[x]! ? depth : depthX[x]!;
      const mask = d >= 1 ? 0 : 1 - d;
      for (let c = 0; c < 3; c++) {
        const v = faded[o + c]!;
        out.data[o + c] = (v + (median[c]! - v) * mask) / UNIT + 0.5;
      }
    }
  }
  return out;
}

/** Per channel, NumPy's median: the mean of the two middle values when their number is even. */
function medians(values: Uint16Array): [number, number, number] {
  const total = values.length / 3;
  const median = (channel: number) => {
    const histogram = new Uint32Array(255 * UNIT + 1);
    for (let i = channel; i < values.length; i += 3) histogram[values[i]!]!++;
    const rank = (wanted: number) => {
      let seen = 0;
      return histogram.findIndex((n) => (seen += n) > wanted);
    };
    return (rank(Math.floor((total - 1) / 2)) + rank(Math.floor(total / 2))) / 2;
  };
  return [median(0), median(1), median(2)];
}
