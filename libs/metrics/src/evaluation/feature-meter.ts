/** FID, KID, Inception Score, precision and recall of an evaluation, of one extractor and one pass through it. */
import { MetricsError } from '../errors.js';
import type { Extractor } from '../extractor/extractor.js';
import { cachedStatistics } from '../features/cache.js';
import { inceptionScore } from '../features/inception-score.js';
import { kernelDistance } from '../features/kernel-distance.js';
import { mergeStatistics } from '../features/merge-statistics.js';
import { precisionRecall } from '../features/precision-recall.js';
import type { Features } from '../features/features.js';
import type { FeatureStatistics } from '../features/statistics.js';
import type { ImageBatch } from '../images/batch.js';
import { collectFeatures, type Collected, type Wanted } from './collect.js';
import { withPool, type WorkOptions } from '../work/pool.js';
import type { ImageSet } from './image-set.js';
import type { Draw, Measured, Meter, MeterContext, Value } from './measure.js';
import { metricName, type Metric, type MetricKind } from './metric-name.js';
import { evaluationStream } from './streams.js';

export const featureKinds: readonly MetricKind[] = ['fid', 'kid', 'is', 'pr'];

const splits = 10;
const subsets = 100;
const neighbours = 3;

export class FeatureMeter implements Meter {
  readonly images: number;
  readonly #extractor: Extractor;
  #statistics: FeatureStatistics | null = null;
  #features: Features | null = null;

  /** @throws MetricsError `output-missing` when the extractor does not give what a metric needs */
  constructor(
    readonly metrics: readonly Metric[],
    extractor: Extractor,
  ) {
    this.#extractor = extractor;
    this.images = Math.max(...metrics.map(({ images }) => images));
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
    const wanted = { statistics: this.#most('fid'), features: this.#most('kid', 'pr'), probabilities: 0 };
    if (wanted.statistics === 0 && wanted.features === 0) return;
    const { reals, minibatch, seed, cache } = context;
    if (reals === null)
      throw new MetricsError(
        'option-invalid',
        `${this.metrics.map(metricName).join(', ')}: expected real images to compare with`,
      );
    const { hash: extractor, runtime } = this.#extractor;
    const key = {
      reals: await reals.identity(),
      first: 0,
      images: wanted.statistics,
      minibatch,
      seed,
      extractor,
      runtime,
    };
    // Features themselves are too large to keep; whoever wants them pays for the statistics anyway.
    if (wanted.features === 0 && cache !== undefined)
      this.#statistics = await cachedStatistics(cache, key, async () =>
        mergeStatistics((await this.#collectReals(reals, wanted, context)).parts),
      );
    else {
      const found = await this.#collectReals(reals, wanted, context);
      this.#statistics = wanted.statistics > 0 ? mergeStatistics(found.parts) : null;
      this.#features = found.features;
    }
  }

  #collectReals(
    reals: ImageSet,
    wanted: Wanted,
    { minibatch, seed, signal, onProgress }: MeterContext,
  ): Promise<Collected> {
    const images = Math.max(wanted.statistics, wanted.features);
    return collectFeatures(reals.images(0, images, minibatch, seed), this.#extractor, wanted, {
      signal,
      onRead: (done) => onProgress('read', done, images),
    });
  }

  async measure(
    images: AsyncIterable<ImageBatch>,
    draw: Draw,
    context: MeterContext,
  ): Promise<readonly Measured[]> {
    const { onProgress, signal } = context;
    const wanted: Wanted = {
      statistics: this.#most('fid'),
      features: this.#most('kid', 'pr'),
      probabilities: this.#most('is'),
    };
    const found = await collectFeatures(images, this.#extractor, wanted, {
      signal,
      onRead: (done) => onProgress('read', done, this.images),
    });
    const measured: Measured[] = [];
    for (const metric of this.metrics) measured.push(await this.#compute(metric, found, draw, context));
    return measured;
  }

  async #compute(metric: Metric, found: Collected, draw: Draw, context: MeterContext): Promise<Measured> {
    const { workers, signal, onProgress, seed } = context;
    const work = {
      workers,
      signal,
      onProgress: ({ done, total }: { done: number; total: number | null }) =>
        onProgress('compare', done, total),
    };
    const firstOf = ({ dimension, data }: Features): Features => ({
      dimension,
      data: data.subarray(0, metric.images * dimension),
    });
    const features = () => [firstOf(this.#features!), firstOf(found.features!)] as const;
    switch (metric.kind) {
      case 'fid':
        return await frechet(metric, this.#statistics!, found.parts, work);
      case 'kid': {
        const size = Math.min(1000, metric.images);
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
        const { data, dimension } = firstOf(found.probabilities!);
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

  #most(...kinds: readonly MetricKind[]): number {
    return Math.max(
      0,
      ...this.metrics.filter(({ kind }) => kinds.includes(kind)).map(({ images }) => images),
    );
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
