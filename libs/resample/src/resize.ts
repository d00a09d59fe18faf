/** Planes of 8-bit levels, resized as the programs do it with which networks were trained. */
import { filterAxis, fixedAxis, FRACTION_BITS, linearAxis, type Axis, type FixedAxis } from './axis.js';

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

type Samples = Uint8Array | Float32Array;

/** How one direction is weighed: the sum of `count` samples, `step` apart from `at` on. */
type Weigh = (samples: Samples, at: number, step: number, i: number) => number;

function plain({ taps, start, count, weights }: Axis): Weigh {
  return (samples, at, step, i) => {
    let sum = 0;
    let from = at + start[i]! * step;
    for (let k = i * taps, end = k + count[i]!; k < end; k++, from += step)
      sum += samples[from]! * weights[k]!;
    return sum;
  };
}

function rounded({ taps, start, count, weights }: FixedAxis): Weigh {
  return (samples, at, step, i) => {
    let sum = 1 << (FRACTION_BITS - 1);
    let from = at + start[i]! * step;
    for (let k = i * taps, end = k + count[i]!; k < end; k++, from += step)
      sum += samples[from]! * weights[k]!;
    const level = sum >> FRACTION_BITS;
    return level < 0 ? 0 : level > 255 ? 255 : level;
  };
}

function weighing(resizer: Resizer, input: number, output: number): Weigh {
  switch (resizer) {
    case 'bilinear':
      return plain(linearAxis(input, output, 0.5));
    case 'bilinear-tf1':
      return plain(linearAxis(input, output, 0));
    case 'bicubic-antialias':
      return plain(filterAxis('bicubic', input, output));
    case 'lanczos':
      return rounded(fixedAxis(filterAxis('lanczos', input, output)));
  }
}

/** What resizes planes of one size to another: weights are computed once. */
export class PlaneResizer {
  readonly #across: Weigh;
  readonly #down: Weigh;

  /** Sides: whole pixels, 1 or more. */
  constructor(
    resizer: Resizer,
    readonly from: Size,
    readonly to: Size,
  ) {
    this.#across = weighing(resizer, from.width, to.width);
    this.#down = weighing(resizer, from.height, to.height);
  }

  /** `plane`: [height, width] levels. Returns levels in float32, [height, width]. */
  resize(plane: Uint8Array): Float32Array {
    const { from, to } = this;
    const between = new Float32Array(from.height * to.width);
    for (let y = 0, at = 0; y < from.height; y++)
      for (let x = 0; x < to.width; x++) between[at++] = this.#across(plane, y * from.width, 1, x);
    const out = new Float32Array(to.height * to.width);
    for (let y = 0, at = 0; y < to.height; y++)
      for (let x = 0; x < to.width; x++) out[at++] = this.#down(between, x, to.width, y);
    return out;
  }
}
