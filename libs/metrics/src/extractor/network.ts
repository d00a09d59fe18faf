/** A model with one input of pictures, whatever runs it. */

export interface NetworkTensor {
  readonly data: Float32Array | Float64Array;
  readonly dims: readonly number[];
}

export interface Network {
  /** What computes, on which the last bits depend. */
  readonly runtime: string;
  /** Sides of the input as declared; null: free. */
  readonly inputShape: readonly (number | null)[];
  /** Names of the outputs that it can give. */
  readonly outputs: readonly string[];
  /** @throws MetricsError `extractor-invalid` when the model fails on an input of this size */
  run(
    data: Float32Array,
    dims: readonly number[],
    names: readonly string[],
  ): Promise<ReadonlyMap<string, NetworkTensor>>;
  close(): Promise<void>;
}

export interface NetworkOptions {
  /** Threads of one operation. */
  readonly threads: number;
}
