/** What a thread does with some features: their distances to all features of a set. */
import { innerProducts } from './products.js';

export interface NeighboursTask {
  readonly rows: Float64Array; // [image, feature]
  readonly set: Float64Array; // in shared memory
  readonly dimension: number;
  readonly find:
    | { readonly kind: 'radius'; readonly first: number; readonly k: number } // rows are those of the set from `first` on
    | { readonly kind: 'inside'; readonly radii: Float64Array }; // squared, of the set
}

/** Rows of the set at a time: bounds the memory of a thread. */
const atOnce = 1024;

/** Of equal features the three sums cancel but for this, relative to their size. */
const rounding = 1e-12;

const squaredLengths = (rows: Float64Array, dimension: number) =>
  Float64Array.from({ length: rows.length / dimension }, (_, i) => {
    let sum = 0;
    for (let at = i * dimension; at < (i + 1) * dimension; at++) sum += rows[at]! * rows[at]!;
    return sum;
  });

/**
 * `radius`: per row the squared distance to its k-th nearest other one. `inside`: 1 per row that is no further from one of the
 * set than that one's radius, else 0.
 */
export function neighbours({ rows, set, dimension, find }: NeighboursTask): Float64Array {
  const lengths = squaredLengths(rows, dimension);
  const count = lengths.length;
  const kept = find.kind === 'radius' ? find.k : 1;
  const smallest = Float64Array.from({ length: count * kept }, () => Infinity); // ascending for each row
  const result = new Float64Array(count);
  const chunk = atOnce * dimension;
  for (let from = 0; from < set.length; from += chunk) {
    const others = set.subarray(from, from + chunk);
    const otherLengths = squaredLengths(others, dimension);
    const products = innerProducts(rows, others, dimension);
    const first = from / dimension;
    for (let i = 0; i < count; i++)
      for (let j = 0; j < otherLengths.length; j++) {
        const sum = lengths[i]! + otherLengths[j]!;
        const difference = sum - 2 * products[i * otherLengths.length + j]!;
        const square = difference > rounding * sum ? difference : 0;
        if (find.kind === 'inside') {
          if (square <= find.radii[first + j]!) result[i] = 1;
        } else if (find.first + i !== first + j && square < smallest[(i + 1) * kept - 1]!) {
          let place = (i + 1) * kept - 1;
          for (; place > i * kept && smallest[place - 1]! > square; place--)
            smallest[place] = smallest[place - 1]!;
          smallest[place] = square;
        }
      }
  }
  return find.kind === 'inside' ? result : lengths.map((_, i) => smallest[(i + 1) * kept - 1]!);
}
