/**
 * Gaussian blur with a large sigma: scipy's `gaussian_filter` (truncated at 4 sigma, edges mirrored with the edge sample
 * repeated) to within a quarter of a grey level on black-and-white noise, a whole one below sigma 5.
 *
 * A blurred picture holds nothing finer than sigma, so it is computed on a grid of knots 0.4 sigma apart and read back by
 * cubic interpolation: at sigma 40 that is some hundred times less work than the direct sum. Between sigma 3.5 and 5,
 * which is where faces cut out at 64x64 have it, knots 2 pixels apart are a quarter of the work. Below that the knots
 * are the pixels and the result is the direct sum itself.
 */
import type { RgbImage } from './image.js';
import { edgeMirrorIndex } from './rounding.js';

/** A picture seen through two index tables: pixel (x, y) of the view is pixel (columns[x], rows[y]) of the image. */
export interface PictureView {
  readonly image: RgbImage;
  readonly columns: Int32Array;
  readonly rows: Int32Array;
}

/** The blurred view as RGB knots every `step` pixels; knot (i, j) lies at pixel ((i - 1) * step, (j - 1) * step). */
export interface BlurGrid {
  readonly knots: Float32Array;
  readonly stride: number; // floats in a row of knots
  readonly step: number; // pixels between knots
}

/** Knots a cubic reads around the pixels: one before the first, two after the last. */
const BEFORE = 1;
const AFTER = 2;

/** Sigma from which on knots are at least 2 pixels apart. */
const finestKnots = 3.5;

/** One side of scipy's sampled, normalised Gaussian: the centre's weight first. */
export function gaussianHalfKernel(sigma: number): Float64Array {
  const radius = Math.trunc(4 * sigma + 0.5);
  const half = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp((-0.5 * i ** 2) / sigma ** 2));
  const sum = half.reduce((a, b) => a + b) * 2 - half[0]!;
  return half.map((w) => w / sum);
}

/** Weights (a quadratic B-spline, sum 1) by which the pixels around a knot are gathered into it, and their variance. */
function gatherWeights(step: number): { weights: Float64Array; variance: number } {
  const radius = step === 1 ? 0 : Math.ceil(1.5 * step) - 1;
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => {
    const d = Math.abs(i - radius) / step;
    return d < 0.5 ? 0.75 - d * d : 0.5 * (1.5 - d) ** 2;
  });
  const sum = weights.reduce((a, b) => a + b);
  const variance = weights.reduce((v, w, i) => v + (w / sum) * (i - radius) ** 2, 0);
  return { weights: weights.map((w) => w / sum), variance };
}

/** Blur a view. Knots are gathered from the pixels of both axes, then blurred with what sigma is left, axis by axis. */
export function blurGrid(view: PictureView, sigma: number): BlurGrid {
  const step = Math.max(1, sigma < finestKnots ? 1 : 2, Math.floor(sigma / 2.5));
  const gather = gatherWeights(step);
  const half = gaussianHalfKernel(Math.sqrt(sigma ** 2 - gather.variance) / step);
  const radius = half.length - 1;
  const knotsOf = (length: number) => BEFORE + Math.ceil((length - 1) / step) + 1 + AFTER;
  const touched = (table: Int32Array) => touchedPixels(table, step, gather.weights.length, radius);

  const { image } = view;
  const columns = touched(view.columns).map((x) => x * 3);
  const rows = touched(view.rows).map((y) => y * image.width * 3);
  const rowKnots = knotsOf(view.rows.length);
  const stride = knotsOf(view.columns.length) * 3;

  const line = new Float32Array(image.width * 3);
  const gathered = new Float32Array(stride + 2 * radius * 3);
  const across = new Float32Array((rowKnots + 2 * radius) * stride);
  for (let k = 0; k < rowKnots + 2 * radius; k++) {
    gatherRows(image.data, rows, k * step, gather.weights, line);
    gatherColumns(line, columns, step, gather.weights, gathered);
    weighSymmetric(gathered, radius * 3, 3, half, across, k * stride, stride);
  }
  const knots = new Float32Array(rowKnots * stride);
  for (let k = 0; k < rowKnots; k++) {
    weighSymmetric(across, (k + radius) * stride, stride, half, knots, k * stride, stride);
  }
  return { knots, stride, step };
}

/** For every pixel that a gathered knot touches, in order, where the mirrored view takes it from. */
function touchedPixels(table: Int32Array, step: number, taps: number, radius: number): Int32Array {
  const knots = BEFORE + Math.ceil((table.length - 1) / step) + 1 + AFTER + 2 * radius;
  const first = -(BEFORE + radius) * step - (taps - 1) / 2;
  return Int32Array.from(
    { length: (knots - 1) * step + taps },
    (_, i) => table[edgeMirrorIndex(first + i, table.length)]!,
  );
}

function gatherRows(
  data: Uint8Array,
  rows: Int32Array,
  from: number,
  weights: Float64Array,
  line: Float32Array,
): void {
  for (let i = 0; i < line.length; i += 3) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (let t = 0; t < weights.length; t++) {
      const w = weights[t]!;
      const at = rows[from + t]! + i;
      r += w * data[at]!;
      g += w * data[at + 1]!;
      b += w * data[at + 2]!;
    }
    line[i] = r;
    line[i + 1] = g;
    line[i + 2] = b;
  }
}

function gatherColumns(
  line: Float32Array,
  columns: Int32Array,
  step: number,
  weights: Float64Array,
  gathered: Float32Array,
): void {
  for (let k = 0, o = 0; o < gathered.length; k += step, o += 3) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (let t = 0; t < weights.length; t++) {
      const w = weights[t]!;
      const i = columns[k + t]!;
      r += w * line[i]!;
      g += w * line[i + 1]!;
      b += w * line[i + 2]!;
    }
    gathered[o] = r;
    gathered[o + 1] = g;
    gathered[o + 2] = b;
  }
}

/** target[to + i] = sum over t of half[|t|] * source[at + i + t * hop], for i < length (a multiple of 3). */
function weighSymmetric(
  source: Float32Array,
  at: number,
  hop: number,
  half: Float64Array,
  target: Float32Array,
  to: number,
  length: number,
): void {
  const middle = half[0]!;
  for (let i = 0; i < length; i += 3) {
    const p = at + i;
    // Three sums at a time hide the latency of the additions.
    let r = middle * source[p]!;
    let g = middle * source[p + 1]!;
    let b = middle * source[p + 2]!;
    for (let t = 1, before = p - hop, after = p + hop; t < half.length; t++, before -= hop, after += hop) {
      const w = half[t]!;
      r += w * (source[before]! + source[after]!);
      g += w * (source[before + 1]! + source[after + 1]!);
      b += w * (source[before + 2]! + source[after + 2]!);
    }
    target[to + i] = r;
    target[to + i + 1] = g;
    target[to + i + 2] = b;
  }
}

/** Weights of the four knots around a point `t` of the way from the second to the third (Catmull-Rom). */
export function cubicWeights(t: number): [number, number, number, number] {
  return [
    ((-0.5 * t + 1) * t - 0.5) * t,
    (1.5 * t - 2.5) * t * t + 1,
    ((-1.5 * t + 2) * t + 0.5) * t,
    (0.5 * t - 0.5) * t * t,
  ];
}

/** Reads rows of the blurred view back at pixel resolution. */
export class BlurReader {
  readonly #grid: BlurGrid;
  readonly #row: Float32Array;
  readonly #phases: Float64Array; // 4 weights per phase

  constructor(grid: BlurGrid) {
    this.#grid = grid;
    this.#row = new Float32Array(grid.stride);
    this.#phases = Float64Array.from(
      Array.from({ length: grid.step }, (_, phase) => cubicWeights(phase / grid.step)).flat(),
    );
  }

  /** Choose the row that `fill` reads: y in pixels of the view. */
  seek(y: number): void {
    const { knots, stride, step } = this.#grid;
    const [a, b, c, d] = cubicWeights((y % step) / step);
    const at = Math.floor(y / step) * stride;
    const row = this.#row;
    for (let i = 0, k = at; i < stride; i++, k++) {
      row[i] =
        a * knots[k]! + b * knots[k + stride]! + c * knots[k + 2 * stride]! + d * knots[k + 3 * stride]!;
    }
  }

  /** Write the blurred pixels from <= x < to of the row into `target` (RGB) at their own x. */
  fill(target: Float32Array, from: number, to: number): void {
    const { step } = this.#grid;
    const row = this.#row;
    const phases = this.#phases;
    let knot = Math.floor(from / step) * 3;
    let phase = from % step;
    for (let x = from, o = from * 3; x < to; x++, o += 3) {
      const a = phases[phase * 4]!;
      const b = phases[phase * 4 + 1]!;
      const c = phases[phase * 4 + 2]!;
      const d = phases[phase * 4 + 3]!;
      target[o] = a * row[knot]! + b * row[knot + 3]! + c * row[knot + 6]! + d * row[knot + 9]!;
      target[o + 1] = a * row[knot + 1]! + b * row[knot + 4]! + c * row[knot + 7]! + d * row[knot + 10]!;
      target[o + 2] = a * row[knot + 2]! + b * row[knot + 5]! + c * row[knot + 8]! + d * row[knot + 11]!;
      if (++phase === step) {
        phase = 0;
        knot += 3;
      }
    }
  }
}
