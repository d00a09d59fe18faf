/**
 * The operations once more, as loops over float64 arrays written from facts 1.2-1.5: nothing here
 * shares code or precision with tfjs, so central differences of these are good to ten digits.
 */
export interface Grid {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export type Oracle = (...inputs: Grid[]) => Grid;

export function grid(shape: readonly number[], at: (index: number[]) => number): Grid {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = new Float64Array(size);
  for (let flat = 0; flat < size; flat++) {
    const index = new Array<number>(shape.length);
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const side = shape[axis]!;
      index[axis] = rest % side;
      rest = Math.floor(rest / side);
    }
    data[flat] = at(index);
  }
  return { shape, data };
}

/** Zero outside the grid, which is how padding is written down here. */
export function at(g: Grid, ...index: number[]): number {
  let flat = 0;
  for (const [axis, side] of g.shape.entries()) {
    const i = index[axis]!;
    if (i < 0 || i >= side) return 0;
    flat = flat * side + i;
  }
  return g.data[flat]!;
}

export const conv2d: Oracle = (x, w) => {
  const [n, height, width, inputs] = x.shape as number[];
  const [k, , , outputs] = w.shape as number[];
  const near = (k! - 1) >> 1;
  return grid([n!, height!, width!, outputs!], ([b, i, j, o]) => {
    let sum = 0;
    for (let r = 0; r < k!; r++)
      for (let c = 0; c < k!; c++)
        for (let m = 0; m < inputs!; m++)
          sum += at(x, b!, i! + r - near, j! + c - near, m) * at(w, r, c, m, o!);
    return sum;
  });
};

export const upscale =
  (factor: number): Oracle =>
  (x) => {
    const [n, height, width, channels] = x.shape as number[];
    return grid([n!, height! * factor, width! * factor, channels!], ([b, i, j, c]) =>
      at(x, b!, Math.floor(i! / factor), Math.floor(j! / factor), c!),
    );
  };

export const downscale =
  (factor: number): Oracle =>
  (x) => {
    const [n, height, width, channels] = x.shape as number[];
    return grid([n!, height! / factor, width! / factor, channels!], ([b, i, j, c]) => {
      let sum = 0;
      for (let r = 0; r < factor; r++)
        for (let s = 0; s < factor; s++) sum += at(x, b!, i! * factor + r, j! * factor + s, c!);
      return sum / factor ** 2;
    });
  };

/** Facts 1.3, trap 1: fused equals unfused with in and out swapped and both spatial axes reversed. */
export const upscaleConv2d: Oracle = (x, w) => {
  const [k, , outputs, inputs] = w.shape as number[];
  const swapped = grid([k!, k!, inputs!, outputs!], ([r, c, i, o]) =>
    at(w, k! - 1 - r!, k! - 1 - c!, o!, i!),
  );
  return conv2d(upscale(2)(x), swapped);
};

export const convDownscale2d: Oracle = (x, w) => downscale(2)(conv2d(x, w));

export const dense: Oracle = (x, w) =>
  grid([x.shape[0]!, w.shape[1]!], ([b, o]) => {
    let sum = 0;
    for (let i = 0; i < w.shape[0]!; i++) sum += at(x, b!, i) * at(w, i, o!);
    return sum;
  });

export const biasAct =
  (slope: number): Oracle =>
  (x, b) =>
    grid(x.shape, (index) => {
      const y = at(x, ...index) + at(b, index.at(-1)!);
      return Math.max(slope * y, y);
    });

export const pixelNorm =
  (epsilon: number): Oracle =>
  (x) => {
    const channels = x.shape.at(-1)!;
    return grid(x.shape, (index) => {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += at(x, ...index.slice(0, -1), c) ** 2;
      return at(x, ...index) / Math.sqrt(sum / channels + epsilon);
    });
  };

export const minibatchStddev =
  (groupSize: number): Oracle =>
  (x) => {
    const [n, height, width, channels] = x.shape as number[];
    const members = Math.min(groupSize, n!);
    const groups = n! / members;
    const perGroup = Array.from({ length: groups }, (_, group) => {
      let total = 0;
      for (let i = 0; i < height! * width! * channels!; i++) {
        const values = Array.from(
          { length: members },
          (_, member) => x.data[(group + member * groups) * height! * width! * channels! + i]!,
        );
        const mean = values.reduce((a, b) => a + b) / members;
        const variance = values.reduce((a, v) => a + (v - mean) ** 2, 0) / members;
        total += Math.sqrt(variance + 1e-8);
      }
      return total / (height! * width! * channels!);
    });
    return grid([n!, height!, width!, channels! + 1], ([b, i, j, c]) =>
      c! < channels! ? at(x, b!, i!, j!, c!) : perGroup[b! % groups]!,
    );
  };

export const lerp: Oracle = (a, b, t) =>
  grid(a.shape, (index) => at(a, ...index) + (at(b, ...index) - at(a, ...index)) * t.data[0]!);
