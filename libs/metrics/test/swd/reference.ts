/** The sliced Wasserstein distance once more, slow and obvious, in float64: tests compare the fast one with it. */
import type { Directions } from '../../src/swd/directions.js';

type Plane = readonly (readonly number[])[];

const binomial = [1, 4, 6, 4, 1];
const mirror = (i: number, n: number) => (i < 0 ? -i : i >= n ? 2 * n - 2 - i : i);

function filtered(plane: Plane, gain: number): Plane {
  const [height, width] = [plane.length, plane[0]!.length];
  return plane.map((row, y) =>
    row.map((_, x) => {
      let sum = 0;
      for (let dy = -2; dy <= 2; dy++)
        for (let dx = -2; dx <= 2; dx++)
          sum +=
            binomial[dy + 2]! * binomial[dx + 2]! * plane[mirror(y + dy, height)]![mirror(x + dx, width)]!;
      return (sum * gain) / 256;
    }),
  );
}

const even = <T>(list: readonly T[]) => list.filter((_, i) => i % 2 === 0);
export const pyrDown = (plane: Plane): Plane => even(filtered(plane, 1)).map(even);

export function pyrUp(plane: Plane): Plane {
  const zero = (row: readonly number[]) => row.flatMap((value) => [value, 0]);
  const spread = plane.flatMap((row) => [zero(row), zero(row.map(() => 0))]);
  return filtered(spread, 4);
}

/** Levels of one plane. */
export function laplacian(plane: Plane, levels: number): Plane[] {
  if (levels === 1) return [plane];
  const small = pyrDown(plane);
  const up = pyrUp(small);
  return [plane.map((row, y) => row.map((v, x) => v - up[y]![x]!)), ...laplacian(small, levels - 1)];
}

export function planesOf(image: Uint8Array, width: number, height: number): Plane[] {
  return Array.from({ length: image.length / width / height }, (_, channel) =>
    Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => image[(channel * height + y) * width + x]!),
    ),
  );
}

/** Rows of 49 values per channel; each channel less its mean, over its population deviation. */
export function normalised(rows: readonly ArrayLike<number>[]): number[][] {
  const channels = rows[0]!.length / 49;
  const out = rows.map((row) => Array.from(row));
  for (let channel = 0; channel < channels; channel++) {
    const values = out.flatMap((row) => row.slice(channel * 49, (channel + 1) * 49));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    for (const row of out)
      for (let i = channel * 49; i < (channel + 1) * 49; i++)
        row[i] = variance > 0 ? (row[i]! - mean) / Math.sqrt(variance) : 0;
  }
  return out;
}

/** Per direction the mean over ranks of |a - b|. */
export function slicedDistances(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
  { components, count, values }: Directions,
): number[] {
  return Array.from({ length: count }, (_, direction) => {
    const projected = (rows: readonly ArrayLike<number>[]) =>
      Float64Array.from(rows, (row) => {
        let sum = 0;
        for (let i = 0; i < components; i++) sum += row[i]! * values[i * count + direction]!;
        return sum;
      }).sort();
    const [left, right] = [projected(a), projected(b)];
    return left.reduce((sum, value, i) => sum + Math.abs(value - right[i]!), 0) / left.length;
  });
}

export function rowsOf(values: Float32Array, components: number): Float32Array[] {
  return Array.from({ length: values.length / components }, (_, i) =>
    values.subarray(i * components, (i + 1) * components),
  );
}
