/** Products of all rows of two sets of features. */
import { kernelExports, workspace } from '../kernels/instance.js';

type Rows = Float32Array | Float64Array;

/** [row of a, row of b], float64. In the kernels' memory: there until a kernel is called again. */
export function innerProducts(a: Rows, b: Rows, dimension: number): Float64Array {
  const [m, n] = [a.length / dimension, b.length / dimension];
  const { kernels, doubles, at } = workspace(
    a.length * 8,
    b.length * 8,
    m * n * 8,
    kernelExports().multiplyScratch(m, n),
  );
  const [aAt, bAt, products, scratch] = at;
  const line = dimension * 8;
  doubles.set(a, aAt / 8);
  doubles.set(b, bAt / 8);
  doubles.fill(0, products / 8, products / 8 + m * n);
  kernels.multiply(aAt, line, 8, bAt, 8, line, products, m, n, dimension, 0, scratch);
  return doubles.subarray(products / 8, products / 8 + m * n);
}

/** Rows of `data` by number. */
export function pickRows(data: Rows, dimension: number, rows: ArrayLike<number>): Float64Array {
  const out = new Float64Array(rows.length * dimension);
  for (let i = 0; i < rows.length; i++)
    out.set(data.subarray(rows[i]! * dimension, (rows[i]! + 1) * dimension), i * dimension);
  return out;
}
