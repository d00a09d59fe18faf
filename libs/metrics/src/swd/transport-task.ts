/** What a thread does with the projections of both sets on some directions: their one-dimensional distances. */
import { kernelExports, workspace } from '../kernels/instance.js';

export interface TransportTask {
  readonly a: Float32Array; // in shared memory: [direction, row]
  readonly b: Float32Array;
  readonly rows: number;
  readonly from: number; // directions from … to, exclusive
  readonly to: number;
}

/** Below, sorting costs less than the table of buckets. */
const leastForBuckets = 2 ** 15;
/** What the table's counts hold. */
export const mostRows = 2 ** 25;

/** Per direction the mean over ranks of |a - b|, sorted. */
export function transport({ a, b, rows, from, to }: TransportTask): Float64Array {
  const exports = kernelExports();
  const buckets = rows >= leastForBuckets;
  const { kernels, floats, at } = workspace(
    rows * 4,
    rows * 4,
    rows * 4 + 16,
    rows * 4 + 16,
    buckets ? exports.transportScratch() : exports.sortScratch(),
  );
  const [aAt, bAt, spareA, spareB, scratch] = at;
  return Float64Array.from({ length: to - from }, (_, i) => {
    const first = (from + i) * rows;
    floats.set(a.subarray(first, first + rows), aAt / 4);
    floats.set(b.subarray(first, first + rows), bAt / 4);
    if (buckets) return kernels.transport(aAt, bAt, rows, spareA, spareB, scratch) / rows;
    kernels.sortFloats(aAt, rows, spareA, scratch);
    kernels.sortFloats(bAt, rows, spareB, scratch);
    return kernels.rankDistance(aAt, bAt, rows) / rows;
  });
}
