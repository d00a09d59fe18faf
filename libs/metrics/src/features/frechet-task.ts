/** What a thread does for a Fréchet distance: nearly all of it. */
import { kernelExports, workspace } from '../kernels/instance.js';
import { tridiagonalEigenvalues } from './eigenvalues.js';
import type { FeatureStatistics } from './statistics.js';

export interface FrechetTask {
  readonly one: FeatureStatistics;
  readonly other: FeatureStatistics;
}

/** Relative to the largest eigenvalue; what is smaller is rounding. */
const negligible = (dimension: number) => dimension * Number.EPSILON;

/** Of statistics of one dimension, all finite. */
export function frechet({ one, other }: FrechetTask): number {
  const dimension = one.mean.length;
  let [apart, traces] = [0, 0];
  for (let i = 0; i < dimension; i++) {
    apart += (one.mean[i]! - other.mean[i]!) ** 2;
    traces += one.covariance[i * dimension + i]! + other.covariance[i * dimension + i]!;
  }
  const [a, b] = one.count <= other.count ? [one, other] : [other, one];
  return Math.max(0, apart + traces - 2 * traceOfRoot(a.covariance, b.covariance, dimension));
}

/** trace((A B)^½) of positive semidefinite matrices. */
function traceOfRoot(a: Float64Array, b: Float64Array, dimension: number): number {
  const bytes = dimension * dimension * 8;
  const line = dimension * 8;
  const { kernels, doubles, at } = workspace(
    bytes,
    bytes,
    bytes,
    line,
    line,
    2 * line,
    kernelExports().multiplyScratch(dimension, dimension),
  );
  const [first, factor, product, diagonal, beside, vectors, scratch] = at;
  doubles.set(a, first / 8);
  const rank = kernels.pivotedCholesky(first, dimension, factor, diagonal, negligible(dimension));
  if (rank === 0) return 0;
  doubles.set(b, first / 8);
  doubles.fill(0, product / 8, product / 8 + dimension * rank);
  kernels.multiply(first, line, 8, factor, line, 8, product, dimension, rank, dimension, 0, scratch);
  doubles.fill(0, first / 8, first / 8 + rank * rank);
  kernels.multiply(factor, 8, line, product, rank * 8, 8, first, rank, rank, dimension, 1, scratch);
  kernels.tridiagonalise(first, rank, diagonal, beside, vectors);
  const eigenvalues = tridiagonalEigenvalues(
    doubles.slice(diagonal / 8, diagonal / 8 + rank),
    doubles.slice(beside / 8, beside / 8 + rank - 1),
  );
  const largest = eigenvalues.reduce((most, value) => Math.max(most, value), 0);
  const least = largest * negligible(rank);
  return eigenvalues.reduce((sum, value) => sum + (value > least ? Math.sqrt(value) : 0), 0);
}
