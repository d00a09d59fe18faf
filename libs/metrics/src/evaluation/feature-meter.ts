/** FID, KID, Inception Score, precision and recall of an evaluation, of one extractor and one pass through it. */
import { MetricsError } from '../errors.js';
import { extractFeatures, type ExtractedSet } from '../extractor/extract-features.js';
import type { Extractor } from '../extractor/extractor.js';
import { cachedStatistics } from '../features/cache.js';
import { inceptionScore } from '../features/inception-score.js';
import { kernelDistance } from '../features/kernel-distance.js';
import { mergeStatistics } from '../features/merge-statistics.js';
import { precisionRecall } from '../features/precision-recall.js';
import type { Features } from '../features/features.js';
import type { FeatureStatistics } from '../features/statistics.js';
import { shapeName, type ImageBatch } from '../images/batch.js';
import { withPool, type WorkOptions } from '../work/pool.js';
import type { Draw, Measured, Meter, MeterContext, Value } from './measure.js';
import { metricName, type Metric, type MetricKind } from './metric-name.js';
import { evaluationStream } from './streams.js';

export const featureKinds: readonly MetricKind[] = ['fid', 'kid', 'is', 'pr'];

const splits = 10;
const subsets = 100;
const neighbours = 3;

/** Of metrics that want equally many images. */
export class FeatureMeter implements Meter {
  readonly images: number;
  readonly #extractor: Extractor;
  #statistics: FeatureStatistics | undefined;
  #features: Features | undefined;

  /** @throws MetricsError `output-missing` when the extractor does not give what a metric needs */
  constructor(
    readonly metrics: readonly Metric[],
    extractor: Extractor,
  ) {
    this.#extractor = extractor;
    this.images = metrics[0]!.images;
    for (const metric of metrics) {
      const needs = metric.kind === 'is' ? ['logits', 'probabilities'] : ['features'];
      if (!extractor.outputs.some((output) => needs.includes(output)))
        throw new MetricsError(
          'output-missing',
          `${metricName(metric)} needs ${needs.join(' or ')}, ${extractor.name} gives ${extractor.outputs.join(', ')}; name that output in its manifest`,
        );
    }
  }

  async prepare(context: MeterContext): Promise<void> {
    const keep = [...this.#when('statistics', 'fid'), ...this.#when('features', 'kid', 'pr')];
    if (keep.length === 0) return;
    const { reals, minibatch, seed, cache } = context;
    if (reals === null)
      throw new MetricsError(
        'option-invalid',
        `${this.metrics.map(metricName).join(', ')}: expected real images to compare with (--data)`,
      );
    const { images } = this;
    const { hash: extractor, runtime } = this.#extractor;
    const read = () => this.#extract(reals.images(0, images, minibatch, seed), keep, context);
    // Features themselves are too large to keep; whoever wants them pays for the statistics anyway.
    if (cache === undefined || keep.includes('features'))
      ({ statistics: this.#statistics, features: this.#features } = await read());
    else {
      const shape = shapeName(reals.shape);
      const key = { reals: await reals.identity(), shape, images, minibatch, seed, extractor, runtime };
      this.#statistics = await cachedStatistics(cache, key, async () => (await read()).statistics!);
    }
  }

  async measure(
    images: AsyncIterable<ImageBatch>,
    draw: Draw,
    context: MeterContext,
  ): Promise<readonly Measured[]> {
    const keep = [
      ...this.#when('parts', 'fid'),
      ...this.#when('features', 'kid', 'pr'),
      ...this.#when('probabilities', 'is'),
    ];
    const found = await this.#extract(images, keep, context);
    const measured: Measured[] = [];
    for (const metric of this.metrics) measured.push(await this.#compute(metric, found, draw, context));
    return measured;
  }

  /** `part`, when one of the metrics needs it. */
  #when<Part extends keyof ExtractedSet>(part: Part, ...kinds: readonly MetricKind[]): Part[] {
    return this.metrics.some(({ kind }) => kinds.includes(kind)) ? [part] : [];
  }

  async #extract(
    images: AsyncIterable<ImageBatch>,
    keep: readonly (keyof ExtractedSet)[],
    { signal, onProgress }: MeterContext,
  ): Promise<Partial<ExtractedSet>> {
    return await extractFeatures(images, this.#extractor, {
      keep,
      images: this.images,
      signal,
      onProgress: ({ done, total }) => onProgress('read', done, total),
    });
  }

  async #compute(
    metric: Metric,
    found: Partial<ExtractedSet>,
    draw: Draw,
    context: MeterContext,
  ): Promise<Measured> {
    const { workers, signal, onProgress, seed } = context;
    const work = {
      workers,
      signal,
      onProgress: ({ done, total }: { done: number; total: number | null }) =>
        onProgress('compare', done, total),
    };
    const features = () => [this.#features!, found.features!] as const;
    switch (metric.kind) {
      case 'fid':
        return await frechet(metric, this.#statistics!, found.parts!, work);
      case 'kid': {
        // Subsets that differ; of two or three images they cannot.
        const size = Math.min(1000, Math.max(2, Math.floor(metric.images / 2)));
        const random = evaluationStream(seed, `subsets ${draw.repeat}`);
        const { mean, deviation } = await kernelDistance(...features(), { random, subsets, size, ...work });
        return {
          metric,
          values: [{ name: 'KIDx1e3', value: 1000 * mean, spread: 1000 * deviation }],
          spreadOf: `deviation over ${subsets} subsets of ${size}`,
          settings: { subsets, size },
        };
      }
      case 'pr': {
        const { precision, recall } = await precisionRecall(...features(), { k: neighbours, ...work });
        return {
          metric,
          values: [share('Precision', precision, metric.images), share('Recall', recall, metric.images)],
          spreadOf: `standard error of a share of ${metric.images} images`,
          settings: { neighbours },
        };
      }
      default: {
        const { data, dimension } = found.probabilities!;
        const { mean, deviation } = inceptionScore(data, dimension, splits);
        return {
          metric,
          values: [
            { name: 'IS_mean', value: mean, spread: deviation / Math.sqrt(splits - 1) },
            { name: 'IS_std', value: deviation, spread: null },
          ],
          spreadOf: `standard error over ${splits} splits`,
          settings: { splits },
        };
      }
    }
  }
}

/** With the jackknife over parts of the images: how much the value moves when a tenth of them is left out. */
async function frechet(
  metric: Metric,
  reals: FeatureStatistics,
  parts: readonly FeatureStatistics[],
  options: WorkOptions,
): Promise<Measured> {
  const most = parts.length < 2 ? 0 : parts.length;
  const sets = [parts, ...Array.from({ length: most }, (_, left) => parts.filter((_, i) => i !== left))];
  const [value, ...without] = await frechetDistances(reals, sets, options);
  return {
    metric,
    values: [{ name: 'FID', value: value!, spread: jackknife(without) }],
    spreadOf: `jackknife over ${parts.length} parts of the images`,
    settings: { dimension: reals.mean.length },
  };
}

/** Of the reals to the union of each of the sets. */
async function frechetDistances(
  reals: FeatureStatistics,
  sets: readonly (readonly FeatureStatistics[])[],
  options: WorkOptions,
): Promise<number[]> {
  const distances = sets.map(() => NaN);
  let done = 0;
  await withPool(options, async (pool) => {
    for (const [i, set] of sets.entries())
      await pool.give('frechet', { one: reals, other: mergeStatistics(set) }, (distance) => {
        distances[i] = distance;
        options.onProgress?.({ done: ++done, total: sets.length });
      });
  });
  return distances;
}

function jackknife(without: readonly number[]): number | null {
  const count = without.length;
  if (count < 2) return null;
  const mean = without.reduce((sum, value) => sum + value, 0) / count;
  const squares = without.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(((count - 1) / count) * squares);
}

function share(name: string, value: number, images: number): Value {
  return { name, value, spread: Math.sqrt((value * (1 - value)) / images) };
}
