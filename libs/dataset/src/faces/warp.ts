/**
 * The quad of a picture as an upright square (facts 7.4, step 8): bilinear warp to a larger square, then Lanczos down.
 * Row by row, so that the large square (4096 x 4096 in the reference recipe) never exists as a whole.
 */
import { resampleRgb } from '../kernels/lanczos.js';
import { rgbImage, type RgbImage } from './image.js';
import { lanczosAxis } from './lanczos.js';
import type { Quad } from './quad.js';

/** Coefficients of source = a + b u + c v + d u v for one coordinate, u and v in square pixels. */
type Bilinear = readonly [a: number, b: number, c: number, d: number];

function bilinear(quad: Quad, axis: 0 | 1, size: number): Bilinear {
  const [nw, sw, se, ne] = [quad[axis]!, quad[2 + axis]!, quad[4 + axis]!, quad[6 + axis]!];
  return [nw, (ne - nw) / size, (sw - nw) / size, (se - sw - ne + nw) / (size * size)];
}

/**
 * Warp `quad` (pixel edges, so that (0, 0) is the picture's very corner) to warpSize and resample to outputSize.
 * As in Pillow: a sample outside the picture is black, one in the outer half pixel repeats the edge, and the
 * interpolated value is cut to an integer, not rounded.
 */
export function warpQuad(image: RgbImage, quad: Quad, warpSize: number, outputSize: number): RgbImage {
  const x = bilinear(quad, 0, warpSize);
  const y = bilinear(quad, 1, warpSize);
  if (warpSize === outputSize) {
    const out = rgbImage(outputSize, outputSize);
    for (let v = 0; v < warpSize; v++) warpRow(image, x, y, v, out.data, v * warpSize * 3, warpSize);
    return out;
  }
  const axis = lanczosAxis(warpSize, outputSize);
  const pixels = resampleRgb(axis, axis, () => (memory, at, first, rows) => {
    for (let v = first; v < first + rows; v++, at += warpSize * 3)
      warpRow(image, x, y, v, memory, at, warpSize);
  });
  return rgbImage(outputSize, outputSize, pixels);
}

/** Row `v` of the warped square, `size` pixels, into `line` from byte `at` on. */
function warpRow(
  image: RgbImage,
  x: Bilinear,
  y: Bilinear,
  v: number,
  line: Uint8Array,
  at: number,
  size: number,
): void {
  const { data, width, height } = image;
  const stepX = x[1] + x[3] * (v + 0.5);
  const stepY = y[1] + y[3] * (v + 0.5);
  const startX = x[0] + x[2] * (v + 0.5);
  const startY = y[0] + y[2] * (v + 0.5);
  const stride = width * 3;
  for (let u = 0.5, o = at, end = at + size * 3; o < end; u++, o += 3) {
    const sx = startX + stepX * u;
    const sy = startY + stepY * u;
    if (!(sx >= 0 && sx < width && sy >= 0 && sy < height)) {
      line[o] = line[o + 1] = line[o + 2] = 0;
      continue;
    }
    // sx + 0.5 is positive, so cutting the fraction off is the floor: the pixel centre left of and above the sample.
    const left = ((sx + 0.5) | 0) - 1;
    const top = ((sy + 0.5) | 0) - 1;
    const fx = sx - 0.5 - left;
    const fy = sy - 0.5 - top;
    const rowA = (top < 0 ? 0 : top) * stride;
    const rowB = (top + 1 < height ? top + 1 : top) * stride;
    const colA = (left < 0 ? 0 : left) * 3;
    const colB = (left + 1 < width ? left + 1 : left) * 3;
    const nw = rowA + colA;
    const ne = rowA + colB;
    const sw = rowB + colA;
    const se = rowB + colB;
    line[o] = lerp(lerp(data[nw]!, data[ne]!, fx), lerp(data[sw]!, data[se]!, fx), fy) | 0;
    line[o + 1] =
      lerp(lerp(data[nw + 1]!, data[ne + 1]!, fx), lerp(data[sw + 1]!, data[se + 1]!, fx), fy) | 0;
    line[o + 2] =
      lerp(lerp(data[nw + 2]!, data[ne + 2]!, fx), lerp(data[sw + 2]!, data[se + 2]!, fx), fy) | 0;
  }
}

function lerp(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}
