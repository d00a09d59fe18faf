/**
 * The weights with which the fast mode samples a picture: one table per face, for places between the pixels in steps of
 * 1 / phases in both directions.
 *
 * The reference mode is a chain of linear filters: Lanczos enlargement, bilinear warp, Lanczos reduction along the axes
 * of the portrait. Its response to a frequency of the picture is the product of theirs, and what the chain does to a
 * picture is sampling it with the inverse Fourier transform of that product. Only the rounding to 8 bits between the
 * steps is not in it.
 */

import { cubicWeights } from './gaussian.js';

/** Derivatives of the picture's pixel coordinates by the portrait's, along a row (u) and down a column (v). */
export type Jacobian = readonly [xu: number, yu: number, xv: number, yv: number];

/** Where in a picture the pixels of a portrait lie; pixel (x, y) of the picture has its centre at (x, y). */
export interface Grid {
  readonly origin: readonly [x: number, y: number]; // of the portrait's first pixel
  readonly jacobian: Jacobian;
}

/** Pixels along each axis that a sample is made of. */
export type Taps = 4 | 6 | 8 | 10;

/** Phases per axis. More taps are for denser grids, where a phase is less of the portrait's pixel, and would not fit the cache. */
export const phasesOf = (taps: Taps): number => (taps <= 6 ? 32 : 16);

export interface SamplingTable {
  readonly taps: Taps;
  readonly phases: number; // along each axis: phasesOf(taps)
  /**
   * [phases of y][phases of x][taps of y][taps of x], each phase with a sum of 2^14. A sample of phase i lies i / phases
   * of a pixel beyond the centre of the pixel under tap taps / 2 - 1.
   */
  readonly weights: Int16Array;
}

/** The steps of the reference mode between the cropped picture and the portrait. */
export interface FilterChain {
  readonly jacobian: Jacobian; // of the cropped picture
  readonly upscale: number; // factor of the Lanczos enlargement before the bilinear warp; 1: there is none
  /** Pixels of the cropped picture per pixel of its Lanczos reduction, which is what will be sampled; 1: not reduced. */
  readonly reduced: readonly [x: number, y: number];
}

const lobes = 3;
const weightSum = 1 << 14;

/** Pixels after which the transform repeats itself: far more than a kernel's width. */
const period = 16;

/** Width in pixels of the slope on which a kernel that is longer than its taps ends. */
const taper = 0.25;

const responseStep = 1 / 256;
const responseEnd = 2;
let responses: Float64Array | undefined;

/** Fourier transform of the Lanczos kernel every `responseStep` cycles per sample, by Simpson's rule. */
function lanczosResponses(): Float64Array {
  const intervals = 192;
  return Float64Array.from({ length: responseEnd / responseStep + 2 }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < intervals; k++) {
      const x = (k * lobes) / intervals;
      const a = Math.PI * x;
      const kernel = k === 0 ? 1 : (Math.sin(a) / a) * (Math.sin(a / lobes) / (a / lobes));
      sum += (k === 0 ? 1 : k % 2 === 1 ? 4 : 2) * kernel * Math.cos(2 * a * i * responseStep);
    }
    return sum;
  });
}

/** What Lanczos leaves of a frequency in cycles per sample of the coarser picture. */
function lanczosResponse(frequency: number): number {
  responses ??= lanczosResponses();
  const at = Math.abs(frequency) / responseStep;
  const i = Math.floor(at);
  if (i + 1 >= responses.length) return 0;
  return (responses[i]! + (responses[i + 1]! - responses[i]!) * (at - i)) / responses[0]!;
}

/** What linear interpolation leaves of a frequency in cycles per sample. */
function linearResponse(frequency: number): number {
  if (frequency === 0) return 1;
  const a = Math.PI * frequency;
  return (Math.sin(a) / a) ** 2;
}

/** What is left to do with a frequency in cycles per pixel of the picture that will be sampled. */
function response({ jacobian, upscale, reduced }: FilterChain, fx: number, fy: number): number {
  const x = fx / reduced[0];
  const y = fy / reduced[1];
  const [xu, yu, xv, yv] = jacobian;
  let left = linearResponse(x / upscale) * linearResponse(y / upscale);
  left *= lanczosResponse(x * xu + y * yu) * lanczosResponse(x * xv + y * yv);
  if (upscale > 1) left *= lanczosResponse(x) * lanczosResponse(y);
  // The reduction has damped what lies near its limit: half is the most that is made good.
  if (reduced[0] > 1) left /= Math.max(0.5, lanczosResponse(fx));
  if (reduced[1] > 1) left /= Math.max(0.5, lanczosResponse(fy));
  return left;
}

/** Kernel of the chain at (x, y) / phases - taps / 2 for all whole x and y from 0 to taps * phases, row by row. */
function chainKernel(chain: FilterChain, taps: number, phases: number): Float64Array {
  // Linear interpolation alone, with nothing else to damp it, passes more than one cycle per pixel.
  const enlargedByWarp = chain.upscale === 1 && Math.hypot(chain.jacobian[0], chain.jacobian[1]) < 1;
  const frequencies = (enlargedByWarp ? 2 : 1) * period + 1;
  // The response at (fx, fy) is that at (-fx, -fy). With `even` and `odd` the sum and the difference of those at (fx, fy)
  // and (fx, -fy), and cos(x + y) = cos x cos y - sin x sin y, a quarter of both planes is enough.
  const even = new Float64Array(frequencies * frequencies);
  const odd = new Float64Array(frequencies * frequencies);
  for (let l = 0, i = 0; l < frequencies; l++) {
    for (let k = 0; k < frequencies; k++, i++) {
      const plus = response(chain, k / period, l / period);
      const minus = response(chain, k / period, -l / period);
      const weight = (k === 0 ? 0.5 : 1) * (l === 0 ? 0.5 : 1);
      even[i] = weight * (plus + minus);
      odd[i] = weight * (plus - minus);
    }
  }
  const middle = (taps * phases) / 2;
  const angles = Float64Array.from({ length: (middle + 1) * frequencies }, (_, i) => {
    const [m, k] = [Math.floor(i / frequencies), i % frequencies];
    return (2 * Math.PI * k * m) / phases / period;
  });
  const cosines = angles.map(Math.cos);
  const sines = angles.map(Math.sin);
  const slope = Float64Array.from({ length: middle + 1 }, (_, m) => {
    const inside = (middle - m) / phases / taper;
    return inside >= 1 ? 1 : 0.5 - 0.5 * Math.cos(Math.PI * inside);
  });

  const points = taps * phases + 1;
  const kernel = new Float64Array(points * points);
  const evenRow = new Float64Array(frequencies);
  const oddRow = new Float64Array(frequencies);
  for (let y = 0; y <= middle; y++) {
    evenRow.fill(0);
    oddRow.fill(0);
    for (let l = 0, i = 0; l < frequencies; l++) {
      const c = cosines[y * frequencies + l]! * slope[y]!;
      const s = sines[y * frequencies + l]! * slope[y]!;
      for (let k = 0; k < frequencies; k++, i++) {
        evenRow[k]! += c * even[i]!;
        oddRow[k]! += s * odd[i]!;
      }
    }
    const above = (middle - y) * points + middle;
    const below = (middle + y) * points + middle;
    for (let x = 0, i = 0; x <= middle; x++) {
      let e = 0;
      let o = 0;
      for (let k = 0; k < frequencies; k++, i++) {
        e += evenRow[k]! * cosines[i]!;
        o += oddRow[k]! * sines[i]!;
      }
      e *= slope[x]!;
      o *= slope[x]!;
      kernel[below + x] = kernel[above - x] = e - o;
      kernel[below - x] = kernel[above + x] = e + o;
    }
  }
  return kernel;
}

/** Samples as the reference mode's chain would give them, in `taps` x `taps` weights per phase. */
export function chainTable(chain: FilterChain, taps: Taps): SamplingTable {
  const phases = phasesOf(taps);
  return tableOf(taps, phases, chainKernel(chain, taps, phases));
}

let cubic: SamplingTable | undefined;

/** Cubic interpolation (Catmull-Rom). */
export function cubicTable(): SamplingTable {
  return (cubic ??= makeCubicTable());
}

function makeCubicTable(): SamplingTable {
  const phases = phasesOf(4);
  const points = 4 * phases + 1;
  // Weights of a phase stand in the reverse order in the kernel.
  const line = new Float64Array(points);
  for (let phase = 0; phase <= phases; phase++)
    cubicWeights(phase / phases).forEach((w, k) => (line[(k + 1) * phases - phase] = w));
  const kernel = new Float64Array(points * points);
  for (let i = 0; i < kernel.length; i++) kernel[i] = line[i % points]! * line[Math.floor(i / points)]!;
  return tableOf(4, phases, kernel);
}

/** `kernel`: at (x, y) / phases - taps / 2, row by row. */
function tableOf(taps: Taps, phases: number, kernel: Float64Array): SamplingTable {
  const points = taps * phases + 1;
  const weights = new Int16Array((phases * taps) ** 2);
  const exact = new Float64Array(taps * taps);
  for (let phase = 0, at = 0; phase < phases * phases; phase++, at += exact.length) {
    const left = phases - (phase % phases);
    const top = phases - Math.floor(phase / phases);
    let sum = 0;
    for (let i = 0; i < exact.length; i++) {
      exact[i] = kernel[(top + Math.floor(i / taps) * phases) * points + left + (i % taps) * phases]!;
      sum += exact[i]!;
    }
    const unit = weightSum / sum;
    let missing = weightSum;
    let largest = 0;
    for (let i = 0; i < exact.length; i++) {
      weights[at + i] = Math.round(exact[i]! * unit);
      missing -= weights[at + i]!;
      if (exact[i]! > exact[largest]!) largest = i;
    }
    // A picture of one level keeps it.
    weights[at + largest]! += missing;
  }
  return { taps, phases, weights };
}
