/** Measures sets of images by several metrics at once, each set read once, against reals that are read once. */
import { isDeepStrictEqual } from 'node:util';
import { MetricsError } from '../errors.js';
import type { Extractor } from '../extractor/extractor.js';
import { shapeName, type ImageShape } from '../images/batch.js';
import { officialMinibatch } from '../images/folder.js';
import { meanWithInterval, standardError } from '../interval.js';
import { wholeNumber } from '../options.js';
import type { WorkOptions } from '../work/pool.js';
import { fork, take } from './fork.js';
import { mustHave, type ImageSet } from './image-set.js';
import type { Draw, Measured, Meter, MeterContext } from './measure.js';
import { checkShapeFor, metersOf, needsReals, networkOf, type Networks } from './meters.js';
import { metricName, resolveMetric, type Metric, type MetricRequest } from './metric-name.js';
import { PassProgress, type EvaluationProgress } from './pass-progress.js';
import { protocolVersion, type MetricRecord, type Provenance, type Subject } from './record.js';
import { descriptorBytes } from './swd-meter.js';

export interface EvaluatorOptions extends Networks, Pick<WorkOptions, 'workers' | 'signal'> {
  readonly metrics: readonly MetricRequest[];
  /** Of the images that will be measured. */
  readonly shape: ImageShape;
  /** How many there will be in the smallest set; null: as many as asked for. */
  readonly available: number | null;
  /** What to compare with; null: nothing, which not every metric can do without. */
  readonly reals: ImageSet | null;
  readonly seed?: number | undefined; // default 0
  /** Whole measurements with other images or latents, whose mean is given; default 1. */
  readonly repeats?: number | undefined;
  /** Folder where what is known of the reals is kept. */
  readonly cache?: string | undefined;
  /** Program and version, for the provenance. */
  readonly code: string;
  /** Seconds of a clock that never goes back. */
  readonly clock: () => number;
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined;
}

export class Evaluator {
  readonly metrics: readonly Metric[];
  readonly #options: EvaluatorOptions;
  readonly #meters: readonly Meter[];
  readonly #minibatch: number;
  readonly #seed: number;
  readonly #repeats: number;
  readonly #realsIdentity: string | undefined;
  readonly #prepared = new Set<Meter>();

  private constructor(options: EvaluatorOptions, metrics: readonly Metric[], realsIdentity?: string) {
    this.#options = options;
    this.#seed = options.seed ?? 0;
    this.#repeats = options.repeats ?? 1;
    const minibatch = officialMinibatch(options.shape.width);
    this.#minibatch = minibatch - (minibatch % 2); // pairs do not reach over its end
    this.#realsIdentity = realsIdentity;
    this.metrics = metrics;
    this.#meters = metersOf(metrics, options);
  }

  /**
   * @throws MetricsError `option-invalid`, `images-differ` when the reals have another shape, `images-invalid` when a
   *   metric cannot be of images of this size, `too-few`, `extractor-missing`, `output-missing`
   */
  static async open(options: EvaluatorOptions): Promise<Evaluator> {
    const { reals, shape, available, seed = 0, repeats = 1 } = options;
    wholeNumber('seed', seed, 0, 2 ** 32 - 1);
    wholeNumber('repeats', repeats, 1, 1000);
    if (reals !== null && shapeName(shape) !== shapeName(reals.shape))
      throw new MetricsError(
        'images-differ',
        `${reals.name} has images of ${shapeName(reals.shape)} (channels x width x height), expected ${shapeName(shape)}`,
      );
    const once = (set: ImageSet | null) => (set?.kind === 'folder' ? set.count : null);
    const counts = [available, once(reals)].filter((count) => count !== null);
    const fewest = counts.length === 0 ? null : Math.min(...counts);
    const metrics = options.metrics.map((metric) => resolveMetric(metric, fewest));
    const names = metrics.map(metricName);
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined)
      throw new MetricsError('option-invalid', `metrics: ${twice} is named twice; once is enough`);
    for (const { kind } of metrics) checkShapeFor(kind, shape);
    const evaluator = new Evaluator(options, metrics, await reals?.identity());
    if (reals !== null) for (const meter of evaluator.#meters) mustHave(reals, 0, meter);
    return evaluator;
  }

  /**
   * Says before the work what `measure` would only find at its end.
   * @throws MetricsError `too-few` when a set that is read once has not enough images for all repeats
   */
  requireEnough(set: ImageSet): void {
    for (const meter of this.#meters) mustHave(set, (this.#repeats - 1) * meter.images, meter);
  }

  /** What is in memory at a time of images' descriptors, roughly: the largest part of what SWD takes. */
  get memoryBytes(): number {
    const { shape } = this.#options;
    const swd = this.metrics.filter(({ kind }) => kind === 'swd');
    return swd.reduce((sum, metric) => sum + descriptorBytes(metric, shape), 0);
  }

  /** What the numbers of a metric will say of themselves, but for settings that only show while measuring. */
  provenance(metric: Metric, kind: Subject['kind']): Omit<Provenance, 'settings'> {
    const { reals, shape, code } = this.#options;
    const identity = this.#realsIdentity;
    const network = networkOf(metric, this.#options);
    return {
      protocol: protocolVersion,
      kind: metric.kind,
      images: metric.images,
      shape: shapeName(shape),
      repeats: this.#repeatsOf(kind),
      seed: this.#seed,
      minibatch: this.#minibatch,
      reals:
        reals === null || identity === undefined || !needsReals(metric)
          ? null
          : {
              kind: reals.kind,
              name: reals.name,
              identity,
              count: reals.count,
              split: reals.split ?? null,
            },
      extractor: network === undefined ? null : networkProvenance(network),
      code,
    };
  }

  /** Whether a record is what measuring `subject` would give again. */
  isSame(record: MetricRecord, metric: Metric, subject: Subject): boolean {
    const { settings, reals } = record.provenance; // settings are known only when all is measured
    const mine = this.provenance(metric, subject.kind);
    return (
      record.metric === metricName(metric) &&
      record.subject.kind === subject.kind &&
      record.subject.identity === subject.identity &&
      isDeepStrictEqual(record.provenance, {
        ...mine,
        settings,
        // Says something of the same images that older records do not.
        reals: mine.reals && { ...mine.reals, split: reals?.split ?? null },
      })
    );
  }

  /**
   * One record for each metric.
   * @param metrics some of `this.metrics`; default all
   * @throws MetricsError
   */
  async measure(
    subject: Subject,
    set: ImageSet,
    metrics: readonly Metric[] = this.metrics,
  ): Promise<MetricRecord[]> {
    const { clock } = this.#options;
    const meters = this.#meters.filter((meter) => meter.metrics.some((metric) => metrics.includes(metric)));
    for (const meter of meters) await this.#prepare(meter);
    const begun = clock();
    const repeats = this.#repeatsOf(subject.kind);
    const rounds: (readonly Measured[])[] = [];
    for (let repeat = 0; repeat < repeats; repeat++)
      rounds.push(await this.#round(subject, set, meters, repeat));
    const seconds = (clock() - begun) / Math.max(1, metrics.length);
    return rounds[0]!
      .map((measured, i) =>
        mean(
          rounds.map((round) => round[i]!),
          measured,
        ),
      )
      .filter(({ metric }) => metrics.includes(metric))
      .map(({ metric, values, spreadOf, settings }) => ({
        version: 1,
        metric: metricName(metric),
        subject,
        values: values.map(({ name, value, spread }) => ({
          name,
          value: finite(value),
          spread: finite(spread),
        })),
        spreadOf,
        seconds,
        provenance: { ...this.provenance(metric, subject.kind), settings: { ...settings } },
      }));
  }

  /** The reals compared with themselves are always the same. */
  #repeatsOf(kind: Subject['kind']): number {
    return kind === 'reals' ? 1 : this.#repeats;
  }

  async #prepare(meter: Meter): Promise<void> {
    if (this.#prepared.has(meter)) return;
    const { onProgress } = this.#options;
    await meter.prepare(this.#context((_, done, total) => onProgress?.({ stage: 'reals', done, total })));
    this.#prepared.add(meter);
  }

  /** Meters that want the same images get them from one pass; where they begin depends on no other meter. */
  async #round(
    subject: Subject,
    set: ImageSet,
    meters: readonly Meter[],
    repeat: number,
  ): Promise<readonly Measured[]> {
    const passes = repeat + (subject.kind === 'reals2' ? 1 : 0);
    for (const meter of meters) mustHave(set, passes * meter.images, meter);
    const sizes = passes === 0 ? [null] : [...new Set(meters.map(({ images }) => images))];
    const draw: Draw = { role: subject.kind === 'reals' ? 'reals' : 'others', repeat };
    const measured: Measured[] = [];
    for (const size of sizes) {
      const some = meters.filter(({ images }) => size === null || images === size);
      measured.push(...(await this.#pass(set, passes * (size ?? 0), some, draw)));
    }
    return measured;
  }

  /** One pass over images from number `first` on, for all of the meters. */
  async #pass(
    set: ImageSet,
    first: number,
    meters: readonly Meter[],
    draw: Draw,
  ): Promise<readonly Measured[]> {
    const most = Math.max(...meters.map(({ images }) => images));
    const stop = new AbortController();
    const { signal } = this.#options;
    const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const streams = fork(set.images(first, most, this.#minibatch, this.#seed), meters.length, both);
    const progress = new PassProgress(meters, this.#options.onProgress);
    const failures: unknown[] = [];
    const results = await Promise.all(
      meters.map(async (meter, i) => {
        try {
          const context = this.#context((stage, done, total) => progress.add(i, stage, done, total), both);
          return await meter.measure(take(streams[i]!, meter.images), draw, context);
        } catch (error) {
          failures.push(error);
          stop.abort(error);
          return [];
        }
      }),
    );
    if (signal?.aborted)
      throw new MetricsError('interrupted', 'stopped before the end', { cause: signal.reason });
    if (failures.length > 0) throw failures[0];
    return results.flat();
  }

  #context(onProgress: MeterContext['onProgress'], signal = this.#options.signal): MeterContext {
    const { reals, cache, workers } = this.#options;
    const rest = { reals, cache, workers, signal, onProgress };
    return { ...rest, seed: this.#seed, minibatch: this.#minibatch };
  }
}

const networkProvenance = ({ name, hash, resizer, runtime }: Extractor) => ({ name, hash, resizer, runtime });

const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null);

function mean(rounds: readonly Measured[], first: Measured): Measured {
  if (rounds.length === 1) return first;
  const values = first.values.map(({ name }, i) => {
    const all = rounds.map((round) => round.values[i]!.value);
    return {
      name,
      value: meanWithInterval(all).mean,
      spread: standardError(all),
    };
  });
  return { ...first, values, spreadOf: `standard error of the mean of ${rounds.length} repeats` };
}
