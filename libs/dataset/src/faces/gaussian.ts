/**
 * Gaussian blur with a large sigma, scipy's `gaussian_filter` (truncated at 4 sigma, edges mirrored with the edge sample
 * repeated) to within a small fraction of a grey level.
 *
 * A blurred picture holds nothing finer than sigma, so it is computed on a grid of knots sigma/4 apart and read back by
 * cubic interpolation: at sigma 40 that is some hundred times less work than the direct sum. Below sigma 8 the knots
 * are the pixels and the result is the direct sum itself.
 */
import { edgeMirrorIndex } from './rounding.js';

/** The blurred picture as knots every `step` pixels; knot (i, j) lies at pixel ((i - 1) * step, (j - 1) * step). */
export interface BlurGrid {
  readonly knots: Float32Array;
  readonly across: number; // knots in a row
  readonly step: number; // pixels between knots
}

/** Knots a cubic reads beyond the first and the last pixel: one before, two after. */
const BEFORE = 1;
const AFTER = 2;

/** Weights of scipy's sampled, normalised Gaussian, from the centre outwards in both directions. */
export function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.trunc(4 * sigma + 0.5);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp((-0.5 * (i - radius) ** 2) / sigma ** 2),
  );
  const sum = kernel.reduce((a, b) => a + b, 0);
  return kernel.map((w) => w / sum);
}

/** Blur one plane of float samples (height x width). */
export function blurGrid(plane: Float32Array, width: number, height: number, sigma: number): BlurGrid {
  const step = Math.max(1, Math.floor(sigma / 4));
  // Gathering into knots with tent weights spreads each sample a little; take that variance out of the kernel.
  const kernel = gaussianKernel(Math.sqrt(sigma ** 2 - (step ** 2 - 1) / 6) / step);
  const horizontal = blurLines(plane, { lines: height, length: width, stride: 1, line: width }, step, kernel);
  const across = horizontal.length / height;
  const knots = blurLines(
    horizontal,
    { lines: across, length: height, stride: across, line: 1 },
    step,
    kernel,
  );
  return { knots, across, step };
}

interface Layout {
  readonly lines: number; // lines to blur
  readonly length: number; // samples in a line
  readonly stride: number; // between samples of a line
  readonly line: number; // between first samples of lines
}

/** Blur along one axis; the lines keep their place, the samples of each become knots. */
function blurLines(source: Float32Array, layout: Layout, step: number, kernel: Float64Array): Float32Array {
  const { lines, length, stride, line } = layout;
  const radius = (kernel.length - 1) / 2;
  const knots = BEFORE + Math.ceil((length - 1) / step) + 1 + AFTER;
  const gathered = knots + 2 * radius;
  // Where the tent of gathered knot 0 begins, in pixels, and the mirrored index of every pixel a tent touches.
  const origin = -(BEFORE + radius) * step - (step - 1);
  const touched = (gathered - 1) * step + 2 * step - 1;
  const index = Int32Array.from({ length: touched }, (_, i) => edgeMirrorIndex(origin + i, length) * stride);
  const tent = Float64Array.from(
    { length: 2 * step - 1 },
    (_, i) => (step - Math.abs(i - step + 1)) / step ** 2,
  );
  const vertical = stride !== 1;
  const target = new Float32Array(lines * knots);
  const gather = new Float64Array(gathered);
  for (let l = 0; l < lines; l++) {
    const base = l * line;
    for (let k = 0; k < gathered; k++) {
      let sum = 0;
      for (let t = 0, i = k * step; t < tent.length; t++, i++) sum += tent[t]! * source[base + index[i]!]!;
      gather[k] = sum;
    }
    for (let k = 0; k < knots; k++) {
      let sum = 0;
      for (let t = 0; t < kernel.length; t++) sum += kernel[t]! * gather[k + t]!;
      target[vertical ? k * lines + l : l * knots + k] = sum;
    }
  }
  return target;
}

/** Weights of the four knots around a point `t` of the way from the second to the third (Catmull-Rom). */
function cubicWeights(t: number): [number, number, number, number] {
  return [
    ((-0.5 * t + 1) * t - 0.5) * t,
    (1.5 * t - 2.5) * t * t + 1,
    ((-1.5 * t + 2) * t + 0.5) * t,
    (0.5 * t - 0.5) * t * t,
  ];
}

/** Reads rows of the blurred picture back at pixel resolution. */
export class BlurReader {
  readonly #grid: BlurGrid;
  readonly #row: Float32Array;
  readonly #weights: Float32Array; // 4 per phase

  constructor(grid: BlurGrid) {
    this.#grid = grid;
    this.#row = new Float32Array(grid.across);
    this.#weights = Float32Array.from(
      Array.from({ length: grid.step }, (_, phase) => cubicWeights(phase / grid.step)).flat(),
    );
  }

  /** Choose the row that `fill` reads: y in pixels of the picture. */
  seek(y: number): void {
    const { knots, across, step } = this.#grid;
    const [a, b, c, d] = cubicWeights((y % step) / step);
    const at = Math.floor(y / step) * across;
    for (let i = 0; i < across; i++) {
      this.#row[i] =
        a * knots[at + i]! +
        b * knots[at + across + i]! +
        c * knots[at + 2 * across + i]! +
        d * knots[at + 3 * across + i]!;
    }
  }

  /** Write blurred samples from <= x < to of the row into `target` at their own x. */
  fill(target: Float32Array, from: number, to: number): void {
    const { step } = this.#grid;
    const row = this.#row;
    const weights = this.#weights;
    let knot = Math.floor(from / step);
    let phase = from % step;
    for (let x = from; x < to; x++) {
      const w = phase * 4;
      target[x] =
        weights[w]! * row[knot]! +
        weights[w + 1]! * row[knot + 1]! +
        weights[w + 2]! * row[knot + 2]! +
        weights[w + 3]! * row[knot + 3]!;
      if (++phase === step) {
        phase = 0;
        knot++;
      }
    }
  }
}
