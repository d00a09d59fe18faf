/** Numbers of a run while it is trained: as pggan evaluate measures its snapshots, in the same file. */
import { join } from 'node:path';
import {
  appendRecords,
  metricName,
  parseMetric,
  type EvaluationProgress,
  type Evaluator,
  type ImageSet,
  type MetricRecord,
  type Subject,
} from '@pggan/metrics';
import { imageShape, type LabelRows, type TickReport, type TrainingState } from '@pggan/model';
import { isExpectedError } from '@pggan/terminal';
import { openEvaluator } from '../evaluate/evaluator.js';
import { generatorSet } from '../evaluate/generator-set.js';
import { openNetworks, type Networks } from '../evaluate/networks.js';
import { alike, openImages } from '../evaluate/sets.js';
import { describeValues } from '../evaluate/text.js';
import type { Io } from '../io.js';
import type { TrainCommandOptions } from '../options/train.js';
import type { RunConfig } from '../run/config.js';
import { runFiles } from '../run/names.js';

/** What the command line says of metrics, over what a run has. */
export function metricsOptions(
  { metrics, metricsEvery, extractor, classifier }: TrainCommandOptions,
  before: RunConfig['metrics'],
): RunConfig['metrics'] {
  const names = metrics === undefined ? before?.names : metrics.map(metricName);
  if (names === undefined || names.length === 0) return null;
  const networks = {
    extractor: extractor ?? before?.extractor,
    classifier: classifier ?? before?.classifier,
  };
  return { names, everyTicks: metricsEvery ?? before?.everyTicks ?? null, ...networks };
}

/** Whom a measurement is for. */
export interface Listener {
  /** The run folder. */
  readonly folder: string;
  /** Name of the snapshot that the state is or would be. */
  readonly snapshot: string;
  readonly signal: AbortSignal;
  /** What is being done. */
  during(what: string): void;
  /** A line for the log. */
  log(line: string): Promise<void>;
}

/** Measures states without changing them, and draws from no random stream of the run. */
export class TrainingMetrics {
  readonly #stop = new AbortController();
  #listener: Listener | undefined;

  private constructor(
    private readonly training: RunConfig['training'],
    private readonly everyTicks: number,
    private readonly found: ImageSet,
    private readonly labels: LabelRows | null,
    private readonly networks: Networks,
  ) {}

  #evaluator!: Evaluator;

  /**
   * Checks everything that would otherwise show hours later; undefined when the run measures nothing.
   * @throws MetricsError, CliError
   */
  static async open(
    { metrics, training, dataset }: RunConfig,
    io: Io,
    clock: () => number,
  ): Promise<TrainingMetrics | undefined> {
    if (metrics === null) return undefined;
    const { width, height } = imageShape(training.network);
    const { set, labels } = await openImages(dataset.path, Math.max(width, height));
    const networks = await openNetworks(metrics);
    const opened = new TrainingMetrics(
      training,
      metrics.everyTicks ?? training.networkSnapshotTicks,
      set,
      labels,
      networks,
    );
    const [{ shape }, reals] = opened.#alike({});
    try {
      opened.#evaluator = await openEvaluator(
        {
          metrics: metrics.names.map(parseMetric),
          shape,
          available: null,
          reals,
          ...networks,
          signal: opened.#stop.signal,
          clock,
          onProgress: (progress) => opened.#show(progress),
        },
        io,
      );
    } catch (error) {
      await networks.close();
      throw error;
    }
    return opened;
  }

  /**
   * What is due after a tick, by name (`swd1k/SWDx1e3_avg`), for the row of the tick; kept in metrics.jsonl with
   * everything that belongs to it. A failure is told and leaves the run alone.
   */
  async measure(
    state: TrainingState,
    { tick, nimg, lod }: TickReport,
    listener: Listener,
  ): Promise<Record<string, number | null>> {
    const last = nimg >= this.training.totalKimg * 1000;
    if (!last && tick % this.everyTicks !== 0) return {};
    const stop = () => this.#stop.abort();
    if (listener.signal.aborted) stop();
    listener.signal.addEventListener('abort', stop, { once: true });
    this.#listener = listener;
    try {
      const [set] = this.#alike(state.Gs, lod);
      const name = listener.snapshot;
      const subject: Subject = {
        kind: 'snapshot',
        name,
        identity: await set.identity(),
        kimg: nimg / 1000,
      };
      const records = await this.#evaluator.measure(subject, set);
      await appendRecords(join(listener.folder, runFiles.metrics), records);
      await listener.log(`metrics at ${subject.kimg} kimg: ${describeValues(records)}`);
      return flat(records);
    } catch (error) {
      if (!isExpectedError(error)) throw error;
      const what = error.code === 'interrupted' ? 'left out' : `left out: ${error.message}`;
      await listener.log(`metrics at ${nimg / 1000} kimg ${what}`);
      return {};
    } finally {
      listener.signal.removeEventListener('abort', stop);
      this.#listener = undefined;
    }
  }

  async close(): Promise<void> {
    await this.networks.close();
  }

  #alike(weights: TrainingState['Gs'], lod = 0) {
    const { network: config, mirrorAugment } = this.training;
    return alike(generatorSet('', { weights, config, lod }, this.labels), this.found, mirrorAugment);
  }

  #show({ stage, done, total }: EvaluationProgress): void {
    const what = { reals: 'real images', read: 'images', compare: 'comparing' }[stage];
    this.#listener?.during(`metrics: ${what}, ${total === null ? done : `${done} of ${total}`}`);
  }
}

function flat(records: readonly MetricRecord[]): Record<string, number | null> {
  return Object.fromEntries(
    records.flatMap(({ metric, values }) => values.map(({ name, value }) => [`${metric}/${name}`, value])),
  );
}
