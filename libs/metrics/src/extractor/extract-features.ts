/** Features of all images of a set, streamed: images come in, statistics or rows stay. */
import { MetricsError } from '../errors.js';
import type { Features } from '../features/features.js';
import { PartStatistics } from '../features/part-statistics.js';
import { FeatureAccumulator, type FeatureStatistics } from '../features/statistics.js';
import { checked, samplesOf, type ImageBatch, type ImageSource } from '../images/batch.js';
import { wholeNumber } from '../options.js';
import type { MetricsProgress } from '../work/pool.js';
import type { Extracted, Extractor } from './extractor.js';
import { Rows } from './rows.js';

/** What can be kept of a set. */
export interface ExtractedSet {
  /** Mean and covariance, for the Fréchet distance: 8 dimension² bytes, however many images. */
  readonly statistics: FeatureStatistics;
  /** The same of up to ten consecutive parts, for a jackknife; `images` says how many there will be. */
  readonly parts: readonly FeatureStatistics[];
  /** A row per image, for the kernel distance, precision and recall: 4 dimension bytes per image. */
  readonly features: Features;
  /** A row per image, for the Inception Score: 4 bytes per class and image. */
  readonly probabilities: Features;
}

export interface ExtractFeaturesOptions<Kept extends keyof ExtractedSet> {
  readonly keep: readonly Kept[];
  readonly images?: number | undefined; // how many will come, for the progress and for parts
  readonly signal?: AbortSignal | undefined; // stops with MetricsError `interrupted`
  readonly onProgress?: ((progress: MetricsProgress) => void) | undefined;
}

const keepable = ['statistics', 'parts', 'features', 'probabilities'] satisfies (keyof ExtractedSet)[];

/** A batch that the network is at. */
interface Work {
  readonly found: Promise<Partial<Record<Extracted, Features>>>;
  readonly taken: number; // images
}

/** `source` in batches of `size`, the last one smaller: what the network sees at once does not depend on the source. */
async function* regrouped(source: ImageSource, size: number): AsyncGenerator<ImageBatch> {
  let waiting: ImageBatch | null = null;
  let filled = 0; // images
  for await (const { batch, count } of checked(source)) {
    const samples = samplesOf(batch);
    for (let first = 0; first < count;) {
      waiting ??= { ...batch, data: new Uint8Array(size * samples) };
      const taken = Math.min(count - first, size - filled);
      waiting.data.set(batch.data.subarray(first * samples, (first + taken) * samples), filled * samples);
      first += taken;
      filled += taken;
      if (filled < size) continue;
      yield waiting;
      waiting = null;
      filled = 0;
    }
  }
  if (waiting) yield { ...waiting, data: waiting.data.subarray(0, filled * samplesOf(waiting)) };
}

/**
 * What of a set of images is wanted, in one pass through images and network. The next batch is prepared while the network
 * works on one; no more are in memory. Equal for equal images, however they are batched.
 * @throws MetricsError `option-invalid`, `too-few` without images (of one for statistics), `images-invalid`, `output-missing`,
 *   `features-invalid`, `extractor-invalid`, `interrupted`
 */
export async function extractFeatures<Kept extends keyof ExtractedSet>(
  images: ImageSource,
  extractor: Extractor,
  { keep, images: expected, signal, onProgress }: ExtractFeaturesOptions<Kept>,
): Promise<Pick<ExtractedSet, Kept> & { readonly count: number }> {
  const kept = new Set<keyof ExtractedSet>(keep);
  const unknown = keep.find((name) => !keepable.some((known) => known === name));
  if (unknown !== undefined || kept.size === 0)
    throw new MetricsError(
      'option-invalid',
      `keep: expected some of ${keepable.join(', ')}, got ${unknown ?? 'none'}`,
    );
  const wanted: Extracted[] = [];
  if (kept.has('statistics') || kept.has('features') || kept.has('parts')) wanted.push('features');
  const parts = kept.has('parts') ? new PartStatistics(mustKnow(expected)) : undefined;
  if (kept.has('probabilities')) wanted.push('probabilities');
  let accumulator: FeatureAccumulator | undefined;
  const rows = { features: new Rows(), probabilities: new Rows() };
  let count = 0;
  const settle = (found: Partial<Record<Extracted, Features>>, taken: number) => {
    const { features, probabilities } = found;
    if (features && kept.has('statistics'))
      (accumulator ??= new FeatureAccumulator(features.dimension)).add(features);
    if (features) parts?.add(features);
    if (features && kept.has('features')) rows.features.add(features);
    if (probabilities) rows.probabilities.add(probabilities);
    count += taken;
    onProgress?.({ done: count, total: expected ?? null });
  };
  let before: Work | null = null;
  let latest: Promise<unknown> = Promise.resolve();
  try {
    for await (const batch of regrouped(images, extractor.batch)) {
      if (signal?.aborted)
        throw new MetricsError('interrupted', 'stopped before the end', { cause: signal.reason });
      const found = extractor.extract(batch, wanted);
      latest = found.catch(() => undefined); // told when its turn comes
      if (before) settle(await before.found, before.taken);
      before = { found, taken: batch.data.length / samplesOf(batch) };
    }
    if (!before)
      throw new MetricsError('too-few', `${extractor.name}: expected at least one image, got none`);
    settle(await before.found, before.taken);
  } finally {
    // Nothing may run when the caller closes the extractor.
    await latest;
  }
  const set: { -readonly [Key in keyof ExtractedSet]?: ExtractedSet[Key] } = {};
  if (kept.has('statistics')) set.statistics = accumulator!.statistics();
  if (parts) set.parts = parts.statistics();
  if (kept.has('features')) set.features = rows.features.joined();
  if (kept.has('probabilities')) set.probabilities = rows.probabilities.joined();
  return { ...(set as Pick<ExtractedSet, Kept>), count };
}

function mustKnow(images: number | undefined): number {
  wholeNumber('images', images ?? NaN, 2, Number.MAX_SAFE_INTEGER);
  return images!;
}
