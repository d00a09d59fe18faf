/** Mean and covariance of features, gathered batch by batch. */
import { MetricsError } from '../errors.js';
import { workspace, kernelExports } from '../kernels/instance.js';
import { featureCount, requireDimension, type Features } from './features.js';

export interface FeatureStatistics {
  readonly count: number;
  readonly mean: Float64Array;
  readonly covariance: Float64Array; // [dimension, dimension], unbiased
}

/** Rows that are multiplied at once: the matrix of products is moved in and out each time. */
const rowsAtOnce = 1024;

/**
 * Takes features in batches of any size; float64 throughout. Products are of values less the first row, which takes
 * most of the cancellation out of features whose mean is far from zero.
 */
export class FeatureAccumulator {
  #count = 0;
  readonly #origin: Float64Array;
  readonly #sums: Float64Array;
  readonly #products: Float64Array; // lower triangle
  readonly #waiting: Float64Array; // rows less the origin
  #inWaiting = 0;

  /** @throws MetricsError `features-invalid` for a dimension that is no whole number of 1 or more */
  constructor(readonly dimension: number) {
    requireDimension(dimension);
    this.#origin = new Float64Array(dimension);
    this.#sums = new Float64Array(dimension);
    this.#products = new Float64Array(dimension * dimension);
    this.#waiting = new Float64Array(rowsAtOnce * dimension);
  }

  /** @throws MetricsError `features-invalid` */
  add(features: Features): void {
    const { dimension } = this;
    if (features.dimension !== dimension)
      throw new MetricsError(
        'features-invalid',
        `features: expected ${dimension} a row as before, got ${features.dimension}`,
      );
    const rows = featureCount(features);
    if (this.#count === 0 && rows > 0) this.#origin.set(features.data.subarray(0, dimension));
    for (let row = 0; row < rows; row++) {
      const to = this.#inWaiting * dimension;
      for (let i = 0; i < dimension; i++) {
        const value = features.data[row * dimension + i]! - this.#origin[i]!;
        this.#sums[i]! += value;
        this.#waiting[to + i] = value;
      }
      this.#count++;
      if (++this.#inWaiting === rowsAtOnce) this.#multiply();
    }
  }

  #multiply(): void {
    const { dimension } = this;
    const rows = this.#inWaiting;
    const { kernels, doubles, at } = workspace(
      rows * dimension * 8,
      this.#products.byteLength,
      kernelExports().multiplyScratch(dimension, dimension),
    );
    const [x, products, scratch] = at;
    doubles.set(this.#waiting.subarray(0, rows * dimension), x / 8);
    doubles.set(this.#products, products / 8);
    const line = dimension * 8;
    kernels.multiply(x, 8, line, x, line, 8, products, dimension, dimension, rows, 1, scratch);
    this.#products.set(doubles.subarray(products / 8, products / 8 + this.#products.length));
    this.#inWaiting = 0;
  }

  /** @throws MetricsError `too-few` of fewer than two images */
  statistics(): FeatureStatistics {
    const count = this.#count;
    if (count < 2)
      throw new MetricsError(
        'too-few',
        `feature statistics: a covariance needs at least 2 images, got ${count}`,
      );
    if (this.#inWaiting > 0) this.#multiply();
    const { dimension } = this;
    const offset = this.#sums.map((sum) => sum / count);
    const covariance = new Float64Array(dimension * dimension);
    for (let i = 0; i < dimension; i++)
      for (let j = 0; j <= i; j++) {
        const product = this.#products[i * dimension + j]! - count * offset[i]! * offset[j]!;
        covariance[i * dimension + j] = covariance[j * dimension + i] = product / (count - 1);
      }
    return { count, mean: offset.map((value, i) => value + this.#origin[i]!), covariance };
  }
}

/**
 * Of features that are all there.
 * @throws MetricsError `features-invalid`, `too-few`
 */
export function featureStatistics(features: Features): FeatureStatistics {
  const accumulator = new FeatureAccumulator(features.dimension);
  accumulator.add(features);
  return accumulator.statistics();
}
