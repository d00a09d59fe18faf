/** Planes of 8-bit levels, resized as the programs do it with which networks were trained. */
import { filterAxis, fixedAxis, FRACTION_BITS, linearAxis, type Axis } from './axis.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const resizers = ['bilinear', 'bilinear-tf1', 'bicubic-antialias', 'lanczos'] as const;

/**
 * - `bilinear`: PyTorch's interpolate (align_corners=False) and TensorFlow 2's, without antialiasing
 * - `bilinear-tf1`: TensorFlow 1's resize_bilinear (align_corners=False)
 * - `bicubic-antialias`: Pillow's BICUBIC of a picture of floats, neither rounded nor clipped
 * - `lanczos`: Pillow's LANCZOS of an 8-bit picture, rounded to whole levels after each direction
 */
export type Resizer = (typeof resizers)[number];

/** An axis with what becomes of its sums: left as they are, or rounded to whole levels. */
interface Direction {
  readonly axis: Axis<Float64Array | Int32Array>;
  readonly rounded: boolean;
}

function direction(resizer: Resizer, input: number, output: number): Direction {
  switch (resizer) {
    case 'bilinear':
      return { axis: linearAxis(input, output, 0.5), rounded: false };
    case 'bilinear-tf1':
      return { axis: linearAxis(input, output, 0), rounded: false };
    case 'bicubic-antialias':
      return { axis: filterAxis('bicubic', input, output), rounded: false };
    case 'lanczos':
      return { axis: fixedAxis(filterAxis('lanczos', input, output)), rounded: true };
  }
}

/** Of a sum of levels in weights of 2^-FRACTION_BITS. */
function toLevel(sum: number): number {
  const level = (sum + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS;
  return level < 0 ? 0 : level > 255 ? 255 : level;
}

/** Along the rows of `plane` that are in `used`; the others stay zero. */
function resizeAcross(
  plane: Uint8Array,
  inWidth: number,
  used: Uint8Array,
  { axis, rounded }: Direction,
): Float32Array {
  const { taps, start, count, weights } = axis;
  const width = start.length;
  const out = new Float32Array(used.length * width);
  for (let y = 0; y < used.length; y++) {
    if (!used[y]) continue;
    for (let x = 0; x < width; x++) {
      const from = y * inWidth + start[x]!;
      const first = x * taps;
      const samples = count[x]!;
      let sum = 0;
      for (let k = 0; k < samples; k++) sum += plane[from + k]! * weights[first + k]!;
      out[y * width + x] = rounded ? toLevel(sum) : sum;
    }
  }
  return out;
}

/** Along the columns, a row of sums at a time. */
function resizeDown(plane: Float32Array, width: number, { axis, rounded }: Direction): Float32Array {
  const { taps, start, count, weights } = axis;
  const height = start.length;
  const out = new Float32Array(height * width);
  const sums = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = 0; k < count[y]!; k++) {
      const from = (start[y]! + k) * width;
      const weight = weights[y * taps + k]!;
      for (let x = 0; x < width; x++) sums[x]! += plane[from + x]! * weight;
    }
    for (let x = 0; x < width; x++) out[y * width + x] = rounded ? toLevel(sums[x]!) : sums[x]!;
  }
  return out;
}

/** Input samples that count for any output. */
function usedBy({ start, count }: Axis<unknown>, length: number): Uint8Array {
  const used = new Uint8Array(length);
  for (let i = 0; i < start.length; i++) used.fill(1, start[i]!, start[i]! + count[i]!);
  return used;
}

/** What resizes planes of one size to another: weights are computed once. */
export class PlaneResizer {
  readonly #across: Direction;
  readonly #down: Direction;
  readonly #used: Uint8Array;

  /** Sides: whole pixels, 1 or more. */
  constructor(
    resizer: Resizer,
    readonly from: Size,
    readonly to: Size,
  ) {
    this.#across = direction(resizer, from.width, to.width);
    this.#down = direction(resizer, from.height, to.height);
    this.#used = usedBy(this.#down.axis, from.height);
  }

  /** `plane`: [height, width] levels. Returns levels in float32, [height, width]. */
  resize(plane: Uint8Array): Float32Array {
    const between = resizeAcross(plane, this.from.width, this.#used, this.#across);
    return resizeDown(between, this.to.width, this.#down);
  }
}
