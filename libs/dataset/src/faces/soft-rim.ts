/**
 * The fast mode's share of step 7 (facts 7.4): towards the rim of a padded picture the portrait turns into the blurred
 * mirror image and then into the median colour. See pad.ts for the formulas.
 *
 * Where the picture is mirrored its blur has full weight, so that the mirror image is needed blurred only. That is made
 * from a thumbnail, on knots half a sigma apart, and sampled along the portrait like any picture. At the rim itself, where
 * the median has nearly all the weight, the blur goes on into the next mirror image, not into a copy of the rim.
 */
import { FRACTION_BITS, type FixedAxis } from '@pggan/resample';
import { resampleRgb } from '../kernels/lanczos.js';
import { sampleGrid, type Tile } from '../kernels/sample.js';
import { rgbImage, type RgbImage } from './image.js';
import { resizeLanczos } from './lanczos.js';
import type { AlignStages } from './plan.js';
import { cubicTable, type Grid, type Jacobian } from './sampling-table.js';

/** Depth in paddings from the rim, from which on nothing changes; at 1 the picture's own pixels begin. */
const untouched = 4 / 3;

/** Pixels of the thumbnail per sigma. */
const thumbnailSigma = 2;
const knotsPerSigma = 2;
/** Knots that cubic interpolation wants before the first pixel and after the last. */
const before = 1;
const after = 2;

/** Cells of the blurred layer along the portrait: a fifth of a sigma, between which linear interpolation is enough. */
const softSize = 256;
/** More than the depth of a cell, whose neighbours are needed as well. */
const cellDepth = 0.05;

/** One direction of the padded picture. Lengths and places in its pixels, of which the first lies at 0. */
interface Side {
  readonly length: number;
  readonly first: number; // padding in front
  readonly last: number; // padding behind
  readonly thumbnail: number; // length of the thumbnail in its own pixels
}

/** The blur along one direction. */
interface BlurAxis {
  readonly axis: FixedAxis; // from the mirrored thumbnail to the knots
  readonly samples: Int32Array; // pixels of the thumbnail that make it up
  readonly nearest: Int32Array; // pixel of the thumbnail at each knot
  readonly knots: Float64Array; // where they are
}

/**
 * Blend the rim into `image`, the portrait as sampled from the picture without padding. `cropped`: the picture before
 * enlargement and padding; `grid`: the portrait in the padded picture.
 */
export function fadeRim(image: RgbImage, cropped: RgbImage, stages: AlignStages, grid: Grid): void {
  const { pad } = stages;
  const sigma = (0.02 * image.width) / pad.zoom;
  const [left, top, right, bottom] = pad.padding;
  const thumbnail = makeThumbnail(cropped, stages, sigma);
  const x = blurAxis({ length: pad.width, first: left, last: right, thumbnail: thumbnail.width }, sigma);
  const y = blurAxis({ length: pad.height, first: top, last: bottom, thumbnail: thumbnail.height }, sigma);
  const knots = blur(thumbnail, x, y);
  const soft = sampleBlur(knots, sigma, grid, image.width, pad);
  blend(image, soft, medianColour(thumbnail, knots, x, y, pad), grid, pad);
}

/** The blur where the portrait wants it, on a grid of at most `softSize` cells. */
function sampleBlur(
  knots: RgbImage,
  sigma: number,
  { origin, jacobian }: Grid,
  size: number,
  pad: AlignStages['pad'],
): RgbImage {
  // One cell more, for the interpolation of the last pixels.
  const cell = Math.max(1, size / softSize);
  const soft = rgbImage(size / cell + 1, size / cell + 1);
  const step = sigma / knotsPerSigma;
  const coarse: Grid = { origin, jacobian: scaleJacobian(jacobian, cell) };
  const depths = cornerDepths(coarse, pad);
  // The least of four linear functions is least in a corner.
  const wanted = (tile: Tile) => depths(tile).some((corner) => Math.min(...corner) < untouched + cellDepth);
  const onKnots: Grid = {
    origin: [origin[0] / step + before, origin[1] / step + before],
    jacobian: scaleJacobian(coarse.jacobian, 1 / step),
  };
  sampleGrid(knots, onKnots, cubicTable(), 'nearest', soft, wanted);
  return soft;
}

function scaleJacobian([xu, yu, xv, yv]: Jacobian, by: number): Jacobian {
  return [xu * by, yu * by, xv * by, yv * by];
}

/** How far in from each of the four sides, in paddings, the corners of a tile lie. */
function cornerDepths(grid: Grid, { width, height, padding }: AlignStages['pad']) {
  const [x0, y0] = grid.origin;
  const [xu, yu, xv, yv] = grid.jacobian;
  const [left, top, right, bottom] = padding;
  const depths = (u: number, v: number) => {
    const [x, y] = [x0 + u * xu + v * xv, y0 + u * yu + v * yv];
    return [x / left, y / top, (width - 1 - x) / right, (height - 1 - y) / bottom];
  };
  return (tile: Tile) => [
    depths(tile.left, tile.top),
    depths(tile.right - 1, tile.top),
    depths(tile.left, tile.bottom - 1),
    depths(tile.right - 1, tile.bottom - 1),
  ];
}

/** Whether the picture itself shows somewhere in a tile of the portrait, for `fadeRim` to work on. */
export function showsPicture(grid: Grid, pad: AlignStages['pad']): (tile: Tile) => boolean {
  const depths = cornerDepths(grid, pad);
  return (tile) => {
    const corners = depths(tile);
    return ![0, 1, 2, 3].some((side) => corners.every((corner) => corner[side]! <= 1));
  };
}

function makeThumbnail(cropped: RgbImage, { upscale }: AlignStages, sigma: number): RgbImage {
  const side = (length: number, most: number) =>
    Math.max(1, Math.min(most, Math.round((length * thumbnailSigma) / sigma)));
  const width = side(upscale.width, cropped.width);
  const height = side(upscale.height, cropped.height);
  const whole = width === cropped.width && height === cropped.height;
  return whole ? cropped : resizeLanczos(cropped, width, height);
}

/**
 * Weights that bring a line of the thumbnail, mirrored on and on, to blurred knots. The mirrors stand in the middle of
 * the picture's outermost pixels, which in the thumbnail is nowhere near the middle of a pixel: a place p beyond a
 * mirror is as far into the next copy of the thumbnail as its mirror image into the thumbnail itself.
 */
function blurAxis({ length, first, last, thumbnail }: Side, sigma: number): BlurAxis {
  const own = length - first - last;
  const scale = thumbnail / own;
  /** Place in the line of thumbnails, every other one reversed, of which the middle one begins at 0. */
  const unfold = (place: number) => {
    if (own === 1) return 0;
    const copy = Math.floor((place - first) / (own - 1));
    const inside = place - first - copy * (own - 1);
    // Of a reversed copy `inside` counts from its far mirror, and so do its samples.
    return copy * thumbnail + (inside + 0.5) * scale - 0.5;
  };
  const step = sigma / knotsPerSigma;
  const count = before + Math.ceil((length - 1) / step) + 1 + after;
  const knots = Float64Array.from({ length: count }, (_, k) => (k - before) * step);

  // The blur is a sum over places sigma / 3 apart, at which the thumbnail is interpolated.
  const reach = 12;
  const bell = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / 3) ** 2),
  );
  const start = Int32Array.from(knots, (knot) => Math.floor(unfold(knot - 4 * sigma)) - 1);
  const widths = Int32Array.from(knots, (knot, k) => Math.floor(unfold(knot + 4 * sigma)) + 3 - start[k]!);
  const taps = widths.reduce((a, b) => Math.max(a, b));
  const weights = new Int32Array(taps * count);
  const line = new Float64Array(taps);
  for (let k = 0; k < count; k++) {
    line.fill(0);
    let sum = 0;
    for (let i = 0; i < bell.length; i++) {
      const at = unfold(knots[k]! + ((i - reach) * sigma) / 3) - start[k]!;
      const tap = Math.floor(at);
      const t = at - tap;
      const w = bell[i]!;
      // Catmull-Rom, as in gaussian.ts.
      line[tap - 1]! += w * ((-0.5 * t + 1) * t - 0.5) * t;
      line[tap]! += w * ((1.5 * t - 2.5) * t * t + 1);
      line[tap + 1]! += w * ((-1.5 * t + 2) * t + 0.5) * t;
      line[tap + 2]! += w * (0.5 * t - 0.5) * t * t;
      sum += w;
    }
    const unit = (1 << FRACTION_BITS) / sum;
    for (let i = 0; i < taps; i++) weights[k * taps + i] = Math.round(line[i]! * unit);
  }
  const origin = start[0]!;
  const end = start[count - 1]! + widths[count - 1]!;
  const sampleAt = (i: number) => {
    const copy = Math.floor(i / thumbnail);
    const inside = i - copy * thumbnail;
    return copy % 2 === 0 ? inside : thumbnail - 1 - inside;
  };
  return {
    axis: { taps, start: start.map((first) => first - origin), count: widths, weights },
    samples: Int32Array.from({ length: end - origin }, (_, i) => sampleAt(origin + i)),
    nearest: Int32Array.from(knots, (knot) => sampleAt(Math.round(unfold(knot)))),
    knots,
  };
}

/** The blurred, mirrored thumbnail at the knots. */
function blur({ data, width }: RgbImage, x: BlurAxis, y: BlurAxis): RgbImage {
  const pixels = resampleRgb(x.axis, y.axis, (columns) => {
    const from = x.samples.subarray(columns.first, columns.first + columns.length);
    return (memory, at, first, rows) => {
      for (let row = first; row < first + rows; row++) {
        const start = y.samples[row]! * width;
        for (let i = 0; i < from.length; i++) {
          const pixel = (start + from[i]!) * 3;
          memory[at++] = data[pixel]!;
          memory[at++] = data[pixel + 1]!;
          memory[at++] = data[pixel + 2]!;
        }
      }
    };
  });
  return rgbImage(x.knots.length, y.knots.length, pixels);
}

/** Median of each channel of the padded picture after its blur, as far as its knots tell. */
function medianColour(
  thumbnail: RgbImage,
  blurred: RgbImage,
  x: BlurAxis,
  y: BlurAxis,
  { width, height, padding: [left, top, right, bottom] }: AlignStages['pad'],
): [number, number, number] {
  const units = 4;
  const counts = [0, 1, 2].map(() => new Uint32Array(255 * units + 1));
  // Knots outside serve the interpolation only; every other one of the rest is enough for a median.
  const last = { x: x.knots.length - after - 1, y: y.knots.length - after - 1 };
  const depthX = x.knots.map((at) => Math.min(at / left, (width - 1 - at) / right));
  const depthY = y.knots.map((at) => Math.min(at / top, (height - 1 - at) / bottom));
  for (let j = before; j < last.y; j += 2) {
    for (let i = before; i < last.x; i += 2) {
      const share = blurShare(Math.min(depthX[i]!, depthY[j]!));
      const sharp = (y.nearest[j]! * thumbnail.width + x.nearest[i]!) * 3;
      const soft = (j * blurred.width + i) * 3;
      for (let c = 0; c < 3; c++) {
        const value = thumbnail.data[sharp + c]!;
        counts[c]![Math.round((value + (blurred.data[soft + c]! - value) * share) * units)]!++;
      }
    }
  }
  const total = counts[0]!.reduce((a, b) => a + b);
  return counts.map((histogram) => {
    let value = 0;
    for (let seen = histogram[0]!; 2 * seen < total;) seen += histogram[++value]!;
    return value / units;
  }) as [number, number, number];
}

/** Weight of the blur against the picture. */
function blurShare(depth: number): number {
  return depth <= 1 ? 1 : depth >= untouched ? 0 : 4 - 3 * depth;
}

/** Both fades, where the portrait comes near the rim. */
function blend(
  image: RgbImage,
  soft: RgbImage,
  [red, green, blue]: readonly [number, number, number],
  { origin, jacobian: [xu, yu, xv, yv] }: Grid,
  { width, height, padding: [left, top, right, bottom] }: AlignStages['pad'],
): void {
  const size = image.width;
  const cell = size / (soft.width - 1);
  const out = image.data;
  const line = new Float32Array(soft.width * 3);
  // Depths grow by these from pixel to pixel of a row.
  const steps = [xu / left, yu / top, -xu / right, -yu / bottom] as const;
  const [stepA, stepB, stepC, stepD] = steps;
  for (let v = 0; v < image.height; v++) {
    const x = origin[0] + v * xv;
    const y = origin[1] + v * yv;
    const starts = [x / left, y / top, (width - 1 - x) / right, (height - 1 - y) / bottom] as const;
    const [a, b, c, d] = starts;
    const [from, to] = deepPart(starts, steps, size);
    if (from === 0 && to === size) continue;
    const upper = Math.floor(v / cell) * line.length;
    const lower = v / cell - Math.floor(v / cell);
    for (let i = 0, k = upper; i < line.length; i++, k++)
      line[i] = soft.data[k]! + (soft.data[k + line.length]! - soft.data[k]!) * lower;
    for (let u = from === 0 ? to : 0; u < size; u = u + 1 === from ? to : u + 1) {
      const depth = Math.min(a + u * stepA, b + u * stepB, c + u * stepC, d + u * stepD);
      const share = depth <= 1 ? 1 : depth >= untouched ? 0 : 4 - 3 * depth;
      const mask = depth >= 1 ? 0 : depth <= 0 ? 1 : 1 - depth;
      const column = Math.floor(u / cell);
      const beyond = u / cell - column;
      const i = (v * size + u) * 3;
      const k = column * 3;
      // Sampled pixels are cut to whole levels, smooth ones rounded.
      const half = 0.5 * share;
      let r = out[i]!;
      let g = out[i + 1]!;
      let w = out[i + 2]!;
      r += (line[k]! + (line[k + 3]! - line[k]!) * beyond - r) * share;
      g += (line[k + 1]! + (line[k + 4]! - line[k + 1]!) * beyond - g) * share;
      w += (line[k + 2]! + (line[k + 5]! - line[k + 2]!) * beyond - w) * share;
      out[i] = r + (red - r) * mask + half;
      out[i + 1] = g + (green - g) * mask + half;
      out[i + 2] = w + (blue - w) * mask + half;
    }
  }
}

/** The pixels from <= u < to of a row in which no depth is below `untouched`; from = to = size where there are none. */
function deepPart(starts: readonly number[], steps: readonly number[], size: number): [number, number] {
  let from = 0;
  let to = size;
  starts.forEach((start, i) => {
    const step = steps[i]!;
    const crossing = (untouched - start) / step;
    if (step > 0) from = Math.max(from, Math.ceil(crossing));
    else if (step < 0) to = Math.min(to, Math.floor(crossing) + 1);
    else if (start < untouched) to = 0;
  });
  return from < to ? [from, to] : [size, size];
}
