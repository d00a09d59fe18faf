/** Statistics of consecutive parts of a set, each of which a jackknife leaves out in turn. */
import { FeatureAccumulator, type FeatureStatistics } from './statistics.js';
import type { Features } from './features.js';

/** A covariance needs two images. */
const mostParts = 10;

/** Takes the features of `images` images batch by batch, and gives the statistics of ten parts, or of fewer. */
export class PartStatistics {
  readonly #parts: FeatureStatistics[] = [];
  readonly #ends: readonly number[];
  #current: FeatureAccumulator | undefined;
  #done = 0;

  constructor(images: number) {
    const parts = Math.max(1, Math.min(mostParts, Math.floor(images / 2)));
    this.#ends = Array.from({ length: parts }, (_, i) => Math.floor(((i + 1) * images) / parts));
  }

  /** Those beyond `images` are left out. */
  add({ dimension, data }: Features): void {
    const rows = Math.min(data.length / dimension, this.#ends.at(-1)! - this.#done);
    for (let at = 0; at < rows;) {
      this.#current ??= new FeatureAccumulator(dimension);
      const taken = Math.min(rows - at, this.#ends[this.#parts.length]! - this.#done);
      this.#current.add({ dimension, data: data.subarray(at * dimension, (at + taken) * dimension) });
      at += taken;
      this.#done += taken;
      if (this.#done === this.#ends[this.#parts.length]) this.#close();
    }
  }

  /** @throws MetricsError `too-few` when the last part has one image */
  statistics(): readonly FeatureStatistics[] {
    this.#close();
    return this.#parts;
  }

  #close(): void {
    if (this.#current) this.#parts.push(this.#current.statistics());
    this.#current = undefined;
  }
}
