/** Values, first and second derivatives of one op at one random point, by tfjs and by differences. */
import { tf } from '../../src/index.js';
import { type Grid, grid, type Oracle } from './oracle.js';

export type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Deterministic numbers: uniform in (-1, 1), kept `margin` away from zero. */
export function numbers(seed: number, margin = 0): () => number {
  let state = (seed * 2654435761 + 1013904223) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const u = (state / 2 ** 32) * 2 - 1;
    return Math.sign(u) * (margin + (1 - margin) * Math.abs(u));
  };
}

export interface Point {
  readonly inputs: Grid[];
  readonly u: Grid[]; //  the direction of the first derivative
  readonly v: Grid[]; //  and of the second
  readonly seed: number;
}

export function randomPoint(shapes: readonly (readonly number[])[], seed: number, margin: number): Point {
  const fill = (salt: number, gap: number): Grid[] =>
    shapes.map((shape, i) => {
      const next = numbers(seed * 100 + salt + i, gap);
      return grid(shape, () => Math.fround(next()));
    });
  return { inputs: fill(0, margin), u: fill(10, 0), v: fill(20, 0), seed };
}

/** `sum(c * y^2 + y)` with fixed random c: curved, so that ops linear in their inputs have second derivatives too. */
const coefficients = (size: number, seed: number): Float64Array => {
  const next = numbers(seed * 100 + 99);
  return Float64Array.from({ length: size }, () => Math.fround(next()));
};

export interface Derivatives {
  readonly value: Float32Array;
  readonly gradients: Float32Array[];
  /** Of `<gradients, u>`. */
  readonly second: Float32Array[];
}

export function differentiate(op: Op, point: Point): Derivatives {
  const inputs = point.inputs.map(toTensor);
  const directions = point.u.map(toTensor);
  const objective = (...xs: tf.Tensor[]): tf.Scalar => {
    const y = op(...xs);
    const c = tf.tensor(Float32Array.from(coefficients(y.size, point.seed)), y.shape);
    return tf.sum(tf.add(tf.mul(c, tf.square(y)), y));
  };
  const slope = (...xs: tf.Tensor[]): tf.Scalar =>
    tf.addN(
      tf
        .grads(objective)(xs)
        .map((g, i) => tf.sum(tf.mul(g, directions[i]!))),
    ) as tf.Scalar;
  const data = (t: tf.Tensor): Float32Array => t.dataSync<'float32'>().slice();
  const result = tf.tidy(() => ({
    value: data(op(...inputs)),
    gradients: tf.grads(objective)(inputs).map(data),
    second: tf.grads(slope)(inputs).map(data),
  }));
  tf.dispose([inputs, directions]);
  return result;
}

/** The slope along u and the curvature along u and v by central differences of the float64 oracle. */
export function differences(oracle: Oracle, point: Point): { slope: number; curvature: number } {
  const objective = (s: number, t: number): number => {
    const moved = point.inputs.map(({ shape, data }, i) => ({
      shape,
      data: data.map((x, j) => x + s * point.u[i]!.data[j]! + t * point.v[i]!.data[j]!),
    }));
    const y = oracle(...moved).data;
    const c = coefficients(y.length, point.seed);
    return y.reduce((sum, value, i) => sum + c[i]! * value * value + value, 0);
  };
  const h = 1e-4;
  return {
    slope: (objective(h, 0) - objective(-h, 0)) / (2 * h),
    curvature: (objective(h, h) - objective(h, -h) - objective(-h, h) + objective(-h, -h)) / (4 * h * h),
  };
}

/** `<arrays, directions>` in float64, and the same with absolute values: the scale rounding errors have. */
export function along(arrays: readonly Float32Array[], directions: readonly Grid[]) {
  let dot = 0;
  let scale = 0;
  arrays.forEach((values, i) =>
    values.forEach((value, j) => {
      const term = value * directions[i]!.data[j]!;
      dot += term;
      scale += Math.abs(term);
    }),
  );
  return { dot, scale };
}

export function largest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Number.isNaN(value) ? Infinity : Math.abs(value));
  return most;
}

/** Largest absolute difference over the largest magnitude in `expected` (or 1e-3, when that is about zero). */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  const gaps = Array.from(actual, (value, i) => value - expected[i]!);
  return largest(gaps) / Math.max(largest(Array.from(expected)), 1e-3);
}

const toTensor = ({ shape, data }: Grid): tf.Tensor => tf.tensor(Float32Array.from(data), [...shape]);
