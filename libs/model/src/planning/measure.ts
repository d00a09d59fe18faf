/** How fast a run trains on this machine, and in how much memory: a few steps at every resolution. */
import { setImmediate } from 'node:timers/promises';
import { isOutOfMemory, peakResidentBytes, residentBytes, restartPeak } from '@pggan/engine';
import { resetAdam } from '../adam.js';
import type { NetworkConfig } from '../config.js';
import { generateImages, mostPicturesAtOnce, seededLatents } from '../generate.js';
import { snapshotGridSize } from '../image-grid.js';
import { imageShape } from '../image-shape.js';
import { splitLod } from '../lod.js';
import { microBatchLimit, microBatchSize, microBatchSizes } from '../micro-batch.js';
import type { TrainingOptions } from '../options.js';
import type { LabelledImages, LabelRows } from '../reader.js';
import { listPhases, scheduleAt, visitedResolutions, type SchedulePoint } from '../schedule.js';
import { TrainingSteps } from '../training-steps.js';
import { createTrainingState, disposeTrainingState, type TrainingState } from '../training-state.js';
import { predictSeconds } from './extrapolate.js';
import { estimateMemory, stateBytes } from './work.js';

/** Speed of training at one resolution. */
export interface ResolutionSpeed {
  readonly resolution: number;
  readonly minibatch: number;
  /** Seconds to train on a thousand images, D and G together. */
  readonly secondsPerKimg: number;
  /** Seconds that the first pass took on top: recording the steps, once a phase. */
  readonly startSeconds: number;
}

/**
 * Where numbers come from: steps of this very minibatch; steps of fewer images, scaled up; or smaller
 * resolutions and the shapes of the networks.
 */
export type MeasureBasis = 'measured' | 'scaled' | 'extrapolated';

/** Speed and memory of training at one resolution. */
export interface ResolutionMeasure extends ResolutionSpeed {
  /** Images computed at a time: the minibatch, or less where that does not fit or was asked for. */
  readonly images: number;
  /**
   * The most bytes the process takes while it trains there, makes pictures and writes a snapshot, all
   * that it took before included; on a GPU an estimate of the GPU's.
   */
  readonly peakBytes: number;
  readonly basis: MeasureBasis;
}

export interface MeasureArguments {
  readonly options: TrainingOptions;
  /** Bytes there are; steps believed to need more are not tried. Default: no limit. */
  readonly limitBytes?: number;
  /** Split minibatches that do not fit, as far as `options.microBatch` and the networks allow; default no. */
  readonly split?: boolean;
  /** The limit is a GPU's: the memory of this process says nothing about it. */
  readonly gpu?: boolean;
  /** Steps believed to take longer in all are timed with fewer images, or not at all; default no limit. */
  readonly secondsPerResolution?: number;
  /** Passes timed per resolution after the first, which is not; the fastest counts. */
  readonly passes?: number;
  /** Seconds of a clock that never goes back. */
  readonly now?: () => number;
  readonly signal?: AbortSignal;
  readonly onResolution?: (measure: ResolutionMeasure) => void;
}

/** Longer runs hold more than their first steps: fragments, and the graphs of several phases. */
const drift = 1.1;
const besides = 128 * 2 ** 20;

/** Copies of the state that writing a snapshot makes: the numbers, and the file made of them. */
const snapshotCopies = 2;

/**
 * Trains a throw-away state on black images for a few passes at every resolution a run visits, in order,
 * in the middle of the fade, its most expensive moment. Resolutions after an abort are missing.
 */
export async function measureRun(args: MeasureArguments): Promise<ResolutionMeasure[]> {
  const { options, signal } = args;
  const { schedule, network } = options;
  const phases = listPhases(schedule, network, options.totalKimg);
  const bench = new Bench(args);
  const measures: ResolutionMeasure[] = [];
  try {
    for (const resolution of visitedResolutions(phases).keys()) {
      const phase = phases.find((candidate) => candidate.resolution === resolution);
      if (phase === undefined || signal?.aborted) break;
      const nimg = Math.round(500 * (phase.kimg[0] + phase.kimg[1]));
      const measure = await bench.at(scheduleAt(schedule, network, nimg), measures);
      measures.push(measure);
      args.onResolution?.(measure);
    }
  } finally {
    bench.dispose();
  }
  return measures;
}

interface Trial {
  /** Of one pass. */
  readonly seconds: number;
  readonly startSeconds: number;
  readonly peakBytes: number;
}

/** One state that grows through the resolutions, as a run's does. */
class Bench {
  readonly #args: MeasureArguments;
  readonly #labels: LabelRows | null;
  readonly #base = residentBytes();
  #state: TrainingState | undefined;
  /** Bytes taken beyond the estimate at the first resolution, where little depends on the images. */
  #overhead: number | undefined;
  /** Memory taken beyond that since, in multiples of the estimate. */
  #correction = 1;
  #lod = -1;

  constructor(args: MeasureArguments) {
    this.#args = args;
    const { labelSize } = args.options.network;
    this.#labels = labelSize === 0 ? null : { components: labelSize, data: new Float32Array(labelSize) };
  }

  async at(point: SchedulePoint, before: readonly ResolutionMeasure[]): Promise<ResolutionMeasure> {
    const { options, limitBytes = Infinity, split = false } = this.#args;
    const { network, microBatch } = options;
    const { resolution, minibatch } = point;
    const allowed = microBatchSize(network, minibatch, microBatchLimit(microBatch, resolution)) ?? minibatch;
    const sizes = split ? microBatchSizes(network, minibatch).filter((size) => size <= allowed) : [allowed];
    let fitting = sizes.filter((size) => this.#predictBytes(resolution, size) <= limitBytes);
    while (fitting.length > 0) {
      const images = fitting.at(-1) as number;
      const measure = await this.#try(point, images, before);
      if (measure !== null && measure.peakBytes <= limitBytes) return measure;
      // It took more than was predicted: less next time, if there is less.
      fitting = fitting.slice(0, -1);
      if (fitting.length === 0 && measure !== null) return measure;
    }
    return this.#extrapolate(point, sizes[0] as number, before);
  }

  /** Steps of `images` at a time; null when they ran out of memory. */
  async #try(
    point: SchedulePoint,
    images: number,
    before: readonly ResolutionMeasure[],
  ): Promise<ResolutionMeasure | null> {
    const { options, passes = 2, secondsPerResolution = Infinity } = this.#args;
    const { resolution, minibatch } = point;
    const affordable = (count: number) =>
      (passes + 1) * predictSeconds(options, before, resolution, count) <= secondsPerResolution;
    const [fewest] = microBatchSizes(options.network, minibatch) as [number];
    const shown = affordable(minibatch)
      ? minibatch
      : affordable(Math.min(fewest, images))
        ? Math.min(fewest, images)
        : 0;
    if (shown === 0) return this.#extrapolate(point, images, before);
    let trial: Trial;
    try {
      trial = await this.#time({ ...point, minibatch: shown }, images);
    } catch (error) {
      if (isOutOfMemory(error)) return null;
      throw error;
    }
    this.#learn(resolution, Math.min(images, shown), trial.peakBytes);
    const whole = shown === minibatch;
    return {
      resolution,
      minibatch,
      images,
      secondsPerKimg: (1000 * trial.seconds) / (shown * options.DRepeats),
      startSeconds: trial.startSeconds,
      peakBytes:
        whole && this.#args.gpu !== true
          ? this.#beside(trial.peakBytes)
          : this.#predictBytes(resolution, images),
      basis: whole ? 'measured' : 'scaled',
    };
  }

  #extrapolate(
    { resolution, minibatch }: SchedulePoint,
    images: number,
    before: readonly ResolutionMeasure[],
  ): ResolutionMeasure {
    const { options } = this.#args;
    return {
      resolution,
      minibatch,
      images,
      secondsPerKimg:
        (1000 * predictSeconds(options, before, resolution, minibatch)) / (minibatch * options.DRepeats),
      startSeconds: before.at(-1)?.startSeconds ?? 0,
      peakBytes: this.#predictBytes(resolution, images),
      basis: 'extrapolated',
    };
  }

  async #time(point: SchedulePoint, images: number): Promise<Trial> {
    const { passes = 2 } = this.#args;
    const now = this.#args.now ?? (() => performance.now() / 1000);
    const options = { ...this.#args.options, microBatch: images };
    restartPeak();
    const state = (this.#state ??= createTrainingState(options));
    if (point.lod !== this.#lod) {
      resetAdam(state.adamG);
      resetAdam(state.adamD);
    }
    this.#lod = point.lod;
    const steps = new TrainingSteps(options, this.#labels);
    const reals = blankReals(options.network, point);
    const times: number[] = [];
    try {
      for (let pass = 0; pass <= passes; pass++) {
        const start = now();
        if (options.simultaneous) {
          steps.simultaneous(state, reals, point);
        } else {
          for (let i = 0; i < options.DRepeats; i++) steps.discriminator(state, reals, point);
          steps.generator(state, point);
        }
        // Reading one number back waits for devices that work asynchronously.
        state.statisticsG.sum.dataSync();
        times.push(now() - start);
        await setImmediate();
      }
      makePictures(options, state, point);
    } finally {
      steps.dispose();
    }
    const [first = 0, ...rest] = times;
    const seconds = Math.min(...rest);
    return { seconds, startSeconds: Math.max(first - seconds, 0), peakBytes: peakResidentBytes() };
  }

  #learn(resolution: number, images: number, peakBytes: number): void {
    if (this.#args.gpu) return;
    const { fixed, perImage } = estimateMemory(this.#args.options, resolution);
    const [taken, estimated] = [peakBytes - this.#base, fixed + perImage * images];
    if (this.#overhead === undefined) {
      this.#overhead = Math.max(taken - estimated, 0);
    } else {
      this.#correction = Math.min(Math.max((taken - this.#overhead) / estimated, 0.5), 4);
    }
  }

  #predictBytes(resolution: number, images: number): number {
    const { fixed, perImage } = estimateMemory(this.#args.options, resolution);
    const step = (this.#overhead ?? 0) + this.#correction * (fixed + perImage * images);
    return this.#args.gpu ? step : this.#beside(this.#base + step);
  }

  /** With what comes on top of steps. */
  #beside(peakBytes: number): number {
    return Math.ceil(drift * peakBytes + besides + snapshotCopies * stateBytes(this.#args.options));
  }

  dispose(): void {
    if (this.#state) disposeTrainingState(this.#state);
  }
}

/** Samples of a tick, as many as are made at a time at most. */
function makePictures(options: TrainingOptions, state: TrainingState, { lod }: SchedulePoint): void {
  const { network } = options;
  const { columns, rows } = snapshotGridSize(options.snapshotGrid, imageShape(network));
  const count = Math.min(columns * rows, mostPicturesAtOnce);
  const latents = seededLatents(0, count, network.latentSize);
  const labels = new Float32Array(count * network.labelSize);
  generateImages(state.Gs, network, latents, lod, { labels, statistics: 'batch' });
}

function blankReals(network: NetworkConfig, { lod, minibatch }: SchedulePoint): LabelledImages {
  const { width, height } = imageShape(network, splitLod(lod).level);
  const { numChannels, labelSize } = network;
  return {
    images: new Uint8Array(minibatch * numChannels * width * height),
    labels: labelSize === 0 ? null : new Float32Array(minibatch * labelSize),
  };
}
