/** First and second derivatives of tensor functions against differences of float64 loops. */
import { tf } from '@pggan/engine';
import { expect } from 'vitest';

export interface Input {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Deterministic numbers in (-1, 1) that float32 holds exactly. */
export function input(seed: number, ...shape: number[]): Input {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround((state >>> 8) / 2 ** 23 - 1);
  };
  return { shape, values: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next) };
}

/** sum(c * y^2 + y) with c = sin(1), sin(2), …: curved in everything. */
const curved = (y: ArrayLike<number>) =>
  Array.from(y).reduce((sum, value, i) => sum + Math.sin(i + 1) * value * value + value, 0);

/**
 * Compares value, slope along one direction and curvature along two.
 * @param tolerance relative to the sum of magnitudes, float32 rounding
 */
export function expectDerivatives(
  fast: (...inputs: tf.Tensor[]) => tf.Tensor,
  loops: (...inputs: Float64Array[]) => Float64Array,
  inputs: readonly Input[],
  tolerance = 1e-4,
): void {
  const [u, v] = [1, 2].map((salt) => inputs.map(({ shape }, i) => input(100 * salt + i, ...shape)));
  const h = 1e-4;
  const at = (s: number, t: number) =>
    curved(
      loops(
        ...inputs.map(({ values }, i) =>
          values.map((x, j) => x + s * u![i]!.values[j]! + t * v![i]!.values[j]!),
        ),
      ),
    );
  const slope = (at(h, 0) - at(-h, 0)) / (2 * h);
  const curvature = (at(h, h) - at(h, -h) - at(-h, h) + at(-h, -h)) / (4 * h * h);

  tf.tidy(() => {
    const tensor = ({ shape, values }: Input) => tf.tensor(Float32Array.from(values), [...shape]);
    const xs = inputs.map(tensor);
    const objective = (...args: tf.Tensor[]): tf.Scalar => {
      const y = fast(...args);
      const c = tf.tensor(
        Float32Array.from({ length: y.size }, (_, i) => Math.sin(i + 1)),
        y.shape,
      );
      return tf.sum(tf.add(tf.mul(c, tf.square(y)), y));
    };
    const along = (gradients: readonly tf.Tensor[], directions: readonly Input[]) =>
      tf.addN(gradients.map((g, i) => tf.sum(tf.mul(g, tensor(directions[i]!))))) as tf.Scalar;
    const slopeOf = (...args: tf.Tensor[]) => along(tf.grads(objective)(args), u!);
    const magnitude = (gradients: readonly tf.Tensor[]) =>
      gradients.reduce((sum, g) => sum + g.dataSync<'float32'>().reduce((a, b) => a + Math.abs(b), 0), 0);

    const expected = loops(...inputs.map(({ values }) => values));
    const got = fast(...xs).dataSync();
    expect(got.length).toBe(expected.length);
    got.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-4));
    const first = tf.grads(objective)(xs);
    expect(Math.abs(along(first, u!).dataSync()[0]! - slope)).toBeLessThan(tolerance * magnitude(first));
    const second = tf.grads(slopeOf)(xs);
    const bend = along(second, v!).dataSync()[0]!;
    expect(Math.abs(bend - curvature)).toBeLessThan(tolerance * magnitude(second) + 1e-4);
    expect(Math.abs(curvature)).toBeGreaterThan(1e-3);
  });
}
