/** Everything that several metrics want of a set's features, in one pass through the network. */
import { MetricsError } from '../errors.js';
import type { Extracted, Extractor } from '../extractor/extractor.js';
import { regrouped } from '../extractor/extract-features.js';
import { Rows } from '../extractor/rows.js';
import type { Features } from '../features/features.js';
import { FeatureAccumulator, type FeatureStatistics } from '../features/statistics.js';
import { samplesOf, type ImageBatch } from '../images/batch.js';

/** How many of the first images; 0: none. */
export interface Wanted {
  /** For statistics. */
  readonly statistics: number;
  /** Whose features are kept. */
  readonly features: number;
  /** Whose probabilities are kept. */
  readonly probabilities: number;
}

export interface Collected {
  /** Of consecutive parts of about equal size; their union is all that was wanted. */
  readonly parts: readonly FeatureStatistics[];
  readonly features: Features | null;
  readonly probabilities: Features | null;
}

/** Parts of a set, each left out in turn for a jackknife; a covariance needs two images. */
const mostParts = 10;

export async function collectFeatures(
  images: AsyncIterable<ImageBatch>,
  extractor: Extractor,
  wanted: Wanted,
  { signal, onRead }: { readonly signal: AbortSignal | undefined; readonly onRead: (images: number) => void },
): Promise<Collected> {
  const parts = new StatisticsOfParts(wanted.statistics);
  const features = new Rows();
  const probabilities = new Rows();
  let done = 0;
  for await (const batch of regrouped(images, extractor.batch)) {
    if (signal?.aborted)
      throw new MetricsError('interrupted', 'stopped before the end', { cause: signal.reason });
    const outputs: Extracted[] = [];
    if (done < Math.max(wanted.statistics, wanted.features)) outputs.push('features');
    if (done < wanted.probabilities) outputs.push('probabilities');
    const found: Partial<Record<Extracted, Features>> = await extractor.extract(batch, outputs);
    if (found.features) {
      parts.add(first(found.features, wanted.statistics - done));
      features.add(first(found.features, wanted.features - done));
    }
    if (found.probabilities) probabilities.add(first(found.probabilities, wanted.probabilities - done));
    done += batch.data.length / samplesOf(batch);
    onRead(done);
  }
  return {
    parts: parts.finish(),
    features: wanted.features > 0 ? features.joined() : null,
    probabilities: wanted.probabilities > 0 ? probabilities.joined() : null,
  };
}

/** The first `count` rows, none below 1. */
function first({ dimension, data }: Features, count: number): Features {
  return { dimension, data: data.subarray(0, Math.max(0, count) * dimension) };
}

class StatisticsOfParts {
  readonly #parts: FeatureStatistics[] = [];
  readonly #ends: readonly number[];
  #current: FeatureAccumulator | undefined;
  #done = 0;

  constructor(images: number) {
    const parts = Math.max(1, Math.min(mostParts, Math.floor(images / 2)));
    this.#ends = Array.from({ length: parts }, (_, i) => Math.floor(((i + 1) * images) / parts));
  }

  add({ dimension, data }: Features): void {
    const rows = data.length / dimension;
    for (let at = 0; at < rows;) {
      this.#current ??= new FeatureAccumulator(dimension);
      const taken = Math.min(rows - at, this.#ends[this.#parts.length]! - this.#done);
      this.#current.add({ dimension, data: data.subarray(at * dimension, (at + taken) * dimension) });
      at += taken;
      this.#done += taken;
      if (this.#done === this.#ends[this.#parts.length]) this.finish();
    }
  }

  finish(): readonly FeatureStatistics[] {
    if (this.#current) this.#parts.push(this.#current.statistics());
    this.#current = undefined;
    return this.#parts;
  }
}
