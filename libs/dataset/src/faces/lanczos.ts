/**
 * Lanczos-3 resampling with the arithmetic of Pillow's 8-bit path (facts 7.4, 7.3): horizontal pass first, weights in
 * 22-bit fixed point, the picture rounded to 8 bits between the passes. Own code because sharp's lanczos3 reduces in
 * another order with coarser weights, and because a crop needs only a window of the result.
 */
import { rgbImage, type RgbImage } from './image.js';

const LOBES = 3;
/** 32 bits less 8 of the pixel and 2 for the overshoot of negative lobes: sums stay inside int32. */
const FRACTION_BITS = 22;
const HALF = 1 << (FRACTION_BITS - 1);

/** Weights of one axis: output sample i is the sum of `weights[i * taps + k] * input[start[i] + k]`, k < count[i]. */
export interface ResampleAxis {
  readonly taps: number;
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array; // fixed point, FRACTION_BITS
}

/** A window of the output, in output pixels; right and bottom are exclusive. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function lanczos(x: number): number {
  if (x === 0) return 1;
  if (x <= -LOBES || x >= LOBES) return 0;
  const a = Math.PI * x;
  return (Math.sin(a) / a) * (Math.sin(a / LOBES) / (a / LOBES));
}

/** Weights that bring `inputSize` samples to `outputSize`, for the outputs `from` <= i < `to` only. */
export function lanczosAxis(
  inputSize: number,
  outputSize: number,
  from = 0,
  to: number = outputSize,
): ResampleAxis {
  const scale = inputSize / outputSize;
  const stretch = Math.max(scale, 1);
  const support = LOBES * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const length = to - from;
  const start = new Int32Array(length);
  const count = new Int32Array(length);
  const weights = new Int32Array(length * taps);
  const line = new Float64Array(taps);
  for (let i = 0; i < length; i++) {
    const center = (from + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const last = Math.min(inputSize, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let k = 0; k < last - first; k++) {
      line[k] = lanczos((k + first - center + 0.5) / stretch);
      sum += line[k]!;
    }
    for (let k = 0; k < last - first; k++) {
      const w = (line[k]! / sum) * (1 << FRACTION_BITS);
      weights[i * taps + k] = Math.trunc(w < 0 ? w - 0.5 : w + 0.5);
    }
    start[i] = first;
    count[i] = last - first;
  }
  return { taps, start, count, weights };
}

function clip8(sum: number): number {
  const v = sum >> FRACTION_BITS;
  return v < 0 ? 0 : v > 255 ? 255 : v;
}

/** Resample one row of RGB pixels: `source` from byte `at` into `target` from byte `to`. */
export function resampleRow(
  source: Uint8Array,
  at: number,
  target: Uint8Array,
  to: number,
  axis: ResampleAxis,
): void {
  const { taps, start, count, weights } = axis;
  for (let i = 0, o = to; i < start.length; i++, o += 3) {
    let p = at + start[i]! * 3;
    let r = HALF;
    let g = HALF;
    let b = HALF;
    for (let k = i * taps, end = k + count[i]!; k < end; k++, p += 3) {
      const w = weights[k]!;
      r = (r + Math.imul(source[p]!, w)) | 0;
      g = (g + Math.imul(source[p + 1]!, w)) | 0;
      b = (b + Math.imul(source[p + 2]!, w)) | 0;
    }
    target[o] = clip8(r);
    target[o + 1] = clip8(g);
    target[o + 2] = clip8(b);
  }
}

/** Resample columns: rows of `stride` bytes, the first of which is input row `firstRow`. */
export function resampleColumns(
  source: Uint8Array,
  firstRow: number,
  stride: number,
  axis: ResampleAxis,
): Uint8Array {
  const { taps, start, count, weights } = axis;
  const target = new Uint8Array(start.length * stride);
  const sums = new Int32Array(stride);
  for (let i = 0; i < start.length; i++) {
    sums.fill(HALF);
    const end = i * taps + count[i]!;
    let row = (start[i]! - firstRow) * stride;
    let k = i * taps;
    // Three taps at a time: the sums are read and written a third as often.
    for (; k + 2 < end; k += 3, row += 3 * stride) {
      const [w0, w1, w2] = [weights[k]!, weights[k + 1]!, weights[k + 2]!];
      for (let x = 0, p = row; x < stride; x++, p++) {
        sums[x] =
          (sums[x]! +
            Math.imul(source[p]!, w0) +
            Math.imul(source[p + stride]!, w1) +
            Math.imul(source[p + 2 * stride]!, w2)) |
          0;
      }
    }
    for (; k < end; k++, row += stride) {
      const w = weights[k]!;
      for (let x = 0; x < stride; x++) sums[x] = (sums[x]! + Math.imul(source[row + x]!, w)) | 0;
    }
    for (let x = 0, o = i * stride; x < stride; x++, o++) target[o] = clip8(sums[x]!);
  }
  return target;
}

/**
 * Resize a picture to width x height and return it, or only `window` of it (the same bytes, less work).
 *
 * @throws RangeError for a size below one pixel (from the typed arrays).
 */
export function resizeLanczos(image: RgbImage, width: number, height: number, window?: Window): RgbImage {
  const { left, top, right, bottom } = window ?? { left: 0, top: 0, right: width, bottom: height };
  const across = lanczosAxis(image.width, width, left, right);
  const down = lanczosAxis(image.height, height, top, bottom);
  const firstRow = down.start[0]!;
  const lastRow = down.start.at(-1)! + down.count.at(-1)!;
  const outWidth = right - left;
  const between = new Uint8Array((lastRow - firstRow) * outWidth * 3);
  for (let y = firstRow; y < lastRow; y++) {
    resampleRow(image.data, y * image.width * 3, between, (y - firstRow) * outWidth * 3, across);
  }
  return rgbImage(outWidth, bottom - top, resampleColumns(between, firstRow, outWidth * 3, down));
}

/** The largest centred square, then Lanczos to size x size: how the official tool prepares LSUN pictures. */
export function centerSquare(image: RgbImage, size: number): RgbImage {
  const side = Math.min(image.width, image.height);
  const left = Math.floor((image.width - side) / 2);
  const top = Math.floor((image.height - side) / 2);
  return resizeLanczos(cropImage(image, left, top, left + side, top + side), size, size);
}

/** The pixels left <= x < right, top <= y < bottom, which must lie inside the picture. */
export function cropImage(
  image: RgbImage,
  left: number,
  top: number,
  right: number,
  bottom: number,
): RgbImage {
  const width = right - left;
  const out = new Uint8Array(width * (bottom - top) * 3);
  for (let y = top; y < bottom; y++) {
    const row = (y * image.width + left) * 3;
    out.set(image.data.subarray(row, row + width * 3), (y - top) * width * 3);
  }
  return rgbImage(width, bottom - top, out);
}
