/**
 * Where the samples of a resized line come from: output i is the sum of `weights[i * taps + k] * input[start[i] + k]`, k <
 * count[i]. Pictures are resized along both axes one after the other.
 */
export interface Axis<Weights = Float64Array> {
  readonly taps: number;
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly weights: Weights;
}

/** Weights in whole numbers of 2^-FRACTION_BITS. */
export type FixedAxis = Axis<Int32Array>;

/** 32 bits less 8 of the pixel and 2 for the overshoot of negative lobes: sums stay inside int32. */
export const FRACTION_BITS = 22;

interface Filter {
  readonly support: number; // samples on each side, of the larger of the two pictures
  weigh(x: number): number;
}

const LOBES = 3;

/** Pillow's filters. */
const filters = {
  /** Keys 1981 with a = -1/2. */
  bicubic: {
    support: 2,
    weigh(x: number): number {
      const t = Math.abs(x);
      if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
      return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
    },
  },
  lanczos: {
    support: LOBES,
    weigh(x: number): number {
      if (x === 0) return 1;
      if (x <= -LOBES || x >= LOBES) return 0;
      const a = Math.PI * x;
      return (Math.sin(a) / a) * (Math.sin(a / LOBES) / (a / LOBES));
    },
  },
} as const satisfies Record<string, Filter>;

export type FilterName = keyof typeof filters;

/**
 * Pillow's weights that bring `inputSize` samples to `outputSize`, for the outputs `from` <= i < `to` only: the filter is
 * as wide as a sample of the smaller picture, so that nothing is skipped.
 */
export function filterAxis(
  filter: FilterName,
  inputSize: number,
  outputSize: number,
  from = 0,
  to: number = outputSize,
): Axis {
  const { support: reach, weigh } = filters[filter];
  const scale = inputSize / outputSize;
  const stretch = Math.max(scale, 1);
  const support = reach * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const length = to - from;
  const start = new Int32Array(length);
  const count = new Int32Array(length);
  const weights = new Float64Array(length * taps);
  for (let i = 0; i < length; i++) {
    const center = (from + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const last = Math.min(inputSize, Math.trunc(center + support + 0.5));
    const line = weights.subarray(i * taps, i * taps + last - first);
    let sum = 0;
    for (let k = 0; k < line.length; k++) {
      line[k] = weigh((k + first - center + 0.5) / stretch);
      sum += line[k]!;
    }
    for (let k = 0; k < line.length; k++) line[k] = line[k]! / sum;
    start[i] = first;
    count[i] = last - first;
  }
  return { taps, start, count, weights };
}

/** As Pillow rounds them for 8-bit pictures. */
export function fixedAxis({ weights, ...rest }: Axis): FixedAxis {
  const fixed = Int32Array.from(weights, (weight) => {
    const w = weight * (1 << FRACTION_BITS);
    return Math.trunc(w < 0 ? w - 0.5 : w + 0.5);
  });
  return { ...rest, weights: fixed };
}

/**
 * Linear between the two nearest samples, whatever the scale: of a much larger picture most is not looked at.
 * @param offset of sample 0 of the output: 0.5 where samples are in the middle of their pixels (PyTorch, TensorFlow 2), 0
 *   where both pictures begin with the same sample (TensorFlow 1)
 */
export function linearAxis(inputSize: number, outputSize: number, offset: 0 | 0.5): Axis {
  const start = new Int32Array(outputSize);
  const count = new Int32Array(outputSize);
  const weights = new Float64Array(outputSize * 2);
  const scale = inputSize / outputSize;
  for (let i = 0; i < outputSize; i++) {
    const at = Math.max(0, (i + offset) * scale - offset);
    const first = Math.min(Math.floor(at), inputSize - 1);
    const share = first + 1 < inputSize ? at - first : 0;
    start[i] = first;
    count[i] = share > 0 ? 2 : 1;
    weights[2 * i] = 1 - share;
    weights[2 * i + 1] = share;
  }
  return { taps: 2, start, count, weights };
}
