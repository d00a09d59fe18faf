/**
 * Lanczos-3 resampling with the arithmetic of Pillow's 8-bit path (facts 7.4, 7.3): horizontal pass first, weights in
 * 22-bit fixed point, the picture rounded to 8 bits between the passes. Own code because sharp's lanczos3 reduces in
 * another order with coarser weights, and because a crop needs only a window of the result.
 */
import { resampleRgb } from '../kernels/lanczos.js';
import { keepRecent } from '../kernels/recent.js';
import { rgbImage, wholeOf, type PixelBox, type RgbImage } from './image.js';

const LOBES = 3;
/** 32 bits less 8 of the pixel and 2 for the overshoot of negative lobes: sums stay inside int32. */
export const FRACTION_BITS = 22;

/** Weights of one axis: output sample i is the sum of `weights[i * taps + k] * input[start[i] + k]`, k < count[i]. */
export interface ResampleAxis {
  readonly taps: number;
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array; // fixed point, FRACTION_BITS
}

function lanczos(x: number): number {
  if (x === 0) return 1;
  if (x <= -LOBES || x >= LOBES) return 0;
  const a = Math.PI * x;
  return (Math.sin(a) / a) * (Math.sin(a / LOBES) / (a / LOBES));
}

/** Pictures of a set often have few sizes; a table takes some ten kilobytes. */
const recentAxes = 64;

const axisOf = keepRecent(recentAxes, (...key: [number, number, number, number]) => key.join(), computeAxis);

/** Weights that bring `inputSize` samples to `outputSize`, for the outputs `from` <= i < `to` only. Not to be changed. */
export function lanczosAxis(
  inputSize: number,
  outputSize: number,
  from = 0,
  to: number = outputSize,
): ResampleAxis {
  return axisOf(inputSize, outputSize, from, to);
}

function computeAxis(inputSize: number, outputSize: number, from: number, to: number): ResampleAxis {
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

/**
 * Resize a picture to width x height and return it, or only `window` of it (the same bytes, less work).
 *
 * @throws RangeError for a size below one pixel (from the typed arrays).
 */
export function resizeLanczos(image: RgbImage, width: number, height: number, window?: PixelBox): RgbImage {
  return resizePart(image, wholeOf(image), width, height, window);
}

/** Resize the part of the picture inside `part` as if it were a picture of its own. */
export function resizePart(
  { data, width: imageWidth }: RgbImage,
  part: PixelBox,
  width: number,
  height: number,
  window = wholeOf({ width, height }),
): RgbImage {
  const across = lanczosAxis(part.right - part.left, width, window.left, window.right);
  const square =
    part.right - part.left === part.bottom - part.top &&
    width === height &&
    window.left === window.top &&
    window.right === window.bottom;
  const down = square ? across : lanczosAxis(part.bottom - part.top, height, window.top, window.bottom);
  const pixels = resampleRgb(across, down, (columns) => {
    const rowBytes = columns.length * 3;
    const start = (part.top * imageWidth + part.left + columns.first) * 3;
    return (memory, at, first, rows) => {
      for (let y = first; y < first + rows; y++, at += rowBytes) {
        const from = start + y * imageWidth * 3;
        memory.set(data.subarray(from, from + rowBytes), at);
      }
    };
  });
  return rgbImage(window.right - window.left, window.bottom - window.top, pixels);
}

/** The part of a picture inside `part`; the picture itself where that is all of it. */
export function cropImage(image: RgbImage, { left, top, right, bottom }: PixelBox): RgbImage {
  if (left === 0 && top === 0 && right === image.width && bottom === image.height) return image;
  const width = right - left;
  const out = new Uint8Array(width * (bottom - top) * 3);
  for (let y = top; y < bottom; y++) {
    const row = (y * image.width + left) * 3;
    out.set(image.data.subarray(row, row + width * 3), (y - top) * width * 3);
  }
  return rgbImage(width, bottom - top, out);
}
