/** How long a run will take on this machine, and how long a run must be to take a given time. */
import { setImmediate } from 'node:timers/promises';
import type { NetworkConfig } from './config.js';
import { imageShape } from './image-shape.js';
import { splitLod } from './lod.js';
import type { TrainingOptions } from './options.js';
import type { LabelledImages, LabelRows } from './reader.js';
import { listPhases, scheduleAt, visitedResolutions, type SchedulePoint } from './schedule.js';
import { TrainingSteps } from './training-steps.js';
import { createTrainingState, disposeTrainingState } from './training-state.js';

/** Speed of training at one resolution. */
export interface ResolutionSpeed {
  readonly resolution: number;
  readonly minibatch: number;
  /** Seconds to train on a thousand images, D and G together. */
  readonly secondsPerKimg: number;
  /** Seconds that the first pass took on top: recording the steps, once a phase. */
  readonly startSeconds: number;
}

export interface MeasureArguments {
  readonly options: TrainingOptions;
  /** Passes timed per resolution after the first, which is not; the fastest counts. */
  readonly passes?: number;
  /** Seconds of a clock that never goes back. */
  readonly now?: () => number;
  readonly signal?: AbortSignal;
  readonly onResolution?: (speed: ResolutionSpeed) => void;
}

/**
 * Trains a throw-away state on black images for a few passes at every resolution a run visits, in
 * the middle of the fade, its most expensive moment. Resolutions after an abort are missing.
 */
export async function measureSpeed(args: MeasureArguments): Promise<ResolutionSpeed[]> {
  const { options, passes = 2, signal } = args;
  const now = args.now ?? (() => performance.now() / 1000);
  const { schedule, network, DRepeats } = options;
  const speeds: ResolutionSpeed[] = [];
  const phases = listPhases(schedule, network, options.totalKimg);
  for (const resolution of visitedResolutions(phases).keys()) {
    const phase = phases.find((candidate) => candidate.resolution === resolution);
    if (phase === undefined || signal?.aborted) break;
    const nimg = Math.round(500 * (phase.kimg[0] + phase.kimg[1]));
    const point = scheduleAt(schedule, network, nimg);
    const state = createTrainingState(options);
    const labels = blankLabels(network.labelSize);
    const steps = new TrainingSteps(options, labels);
    const reals = blankReals(network, point);
    const times: number[] = [];
    for (let pass = 0; pass <= passes; pass++) {
      const start = now();
      if (options.simultaneous) {
        steps.simultaneous(state, reals, point);
      } else {
        for (let i = 0; i < DRepeats; i++) steps.discriminator(state, reals, point);
        steps.generator(state, point);
      }
      // Reading one number back waits for devices that work asynchronously.
      state.statisticsG.sum.dataSync();
      times.push(now() - start);
      await setImmediate();
    }
    steps.dispose();
    disposeTrainingState(state);
    const [first = 0, ...rest] = times;
    const seconds = Math.min(...rest);
    const speed = {
      resolution,
      minibatch: point.minibatch,
      secondsPerKimg: (1000 * seconds) / (point.minibatch * DRepeats),
      startSeconds: Math.max(first - seconds, 0),
    };
    speeds.push(speed);
    args.onResolution?.(speed);
  }
  return speeds;
}

function blankLabels(labelSize: number): LabelRows | null {
  return labelSize === 0 ? null : { components: labelSize, data: new Float32Array(labelSize) };
}

function blankReals(network: NetworkConfig, { lod, minibatch }: SchedulePoint): LabelledImages {
  const { width, height } = imageShape(network, splitLod(lod).level);
  const { numChannels, labelSize } = network;
  return {
    images: new Uint8Array(minibatch * numChannels * width * height),
    labels: labelSize === 0 ? null : new Float32Array(minibatch * labelSize),
  };
}

/**
 * The same run with all its phases stretched or shrunk alike, so that training takes about the given
 * time. Pictures and snapshots come on top. Tick lengths follow, so that the run keeps its number of
 * ticks.
 * @param seconds time for training, > 0
 * @param speeds of every resolution the run visits, from {@link measureSpeed}
 */
export function fitToTime(
  options: TrainingOptions,
  speeds: readonly ResolutionSpeed[],
  seconds: number,
): TrainingOptions {
  const { training, starts } = estimate(options, speeds);
  // At least a tenth of the time is left for training itself, however long recording takes.
  const factor = Math.max(seconds - starts, seconds / 10) / training;
  const { schedule } = options;
  const scaled = (kimg: number) => Math.max(round(kimg * factor), 0.001);
  return {
    ...options,
    totalKimg: scaled(options.totalKimg),
    schedule: {
      ...schedule,
      lodTrainingKimg: round(schedule.lodTrainingKimg * factor),
      lodTransitionKimg: round(schedule.lodTransitionKimg * factor),
      rampupKimg: round(schedule.rampupKimg * factor),
      tickKimgBase: scaled(schedule.tickKimgBase),
      tickKimgDict: Object.fromEntries(
        Object.entries(schedule.tickKimgDict).map(([side, kimg]) => [side, scaled(kimg)]),
      ),
    },
  };
}

/** Seconds a whole run takes at the measured speeds, pictures and snapshots not included. */
export function estimateSeconds(options: TrainingOptions, speeds: readonly ResolutionSpeed[]): number {
  const { training, starts } = estimate(options, speeds);
  return training + starts;
}

function estimate(options: TrainingOptions, speeds: readonly ResolutionSpeed[]) {
  let [training, starts] = [0, 0];
  for (const { resolution, kimg } of listPhases(options.schedule, options.network, options.totalKimg)) {
    const speed = speeds.find((candidate) => candidate.resolution === resolution);
    if (speed === undefined) continue;
    training += (kimg[1] - kimg[0]) * speed.secondsPerKimg;
    starts += speed.startSeconds;
  }
  return { training, starts };
}

/** Whole images. */
function round(kimg: number): number {
  return Math.round(kimg * 1000) / 1000;
}
