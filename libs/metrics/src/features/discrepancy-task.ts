/** What a thread does with two samples of features: their squared maximum mean discrepancy. */
import { innerProducts } from './products.js';

export interface DiscrepancyTask {
  readonly a: Float64Array; // [image, feature]
  readonly b: Float64Array;
  readonly dimension: number;
}

/** Unbiased, with the kernel (x'y / dimension + 1)³: may be negative. */
export function discrepancy({ a, b, dimension }: DiscrepancyTask): number {
  const kernel = (product: number) => (product / dimension + 1) ** 3;
  const within = (rows: Float64Array) => {
    const count = rows.length / dimension;
    let sum = 0;
    innerProducts(rows, rows, dimension).forEach((product, at) => {
      if (at % (count + 1) !== 0) sum += kernel(product);
    });
    return sum / (count * (count - 1));
  };
  const between = innerProducts(a, b, dimension);
  const across = between.reduce((sum, product) => sum + kernel(product), 0) / between.length;
  return within(a) + within(b) - 2 * across;
}
