/**
 * Lanczos-3 resampling with the arithmetic of Pillow's 8-bit path (facts 7.4, 7.3): horizontal pass first, weights in
 * 22-bit fixed point, the picture rounded to 8 bits between the passes. Own code because sharp's lanczos3 reduces in
 * another order with coarser weights, and because a crop needs only a window of the result.
 */
import { filterAxis, fixedAxis, type FixedAxis } from '@pggan/resample';
import { resampleRgb } from '../kernels/lanczos.js';
import { keepRecent } from '../kernels/recent.js';
import { rgbImage, wholeOf, type PixelBox, type RgbImage } from './image.js';

/** Pictures of a set often have few sizes; a table takes some ten kilobytes. */
const recentAxes = 64;

const axisOf = keepRecent(recentAxes, (...key: [number, number, number, number]) => key.join(), computeAxis);

/** Weights that bring `inputSize` samples to `outputSize`, for the outputs `from` <= i < `to` only. Not to be changed. */
export function lanczosAxis(
  inputSize: number,
  outputSize: number,
  from = 0,
  to: number = outputSize,
): FixedAxis {
  return axisOf(inputSize, outputSize, from, to);
}

function computeAxis(...line: [number, number, number, number]): FixedAxis {
  return fixedAxis(filterAxis('lanczos', ...line));
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
