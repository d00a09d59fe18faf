import { type BackendName } from '@pggan/engine';
import {
  disposeTrainingState,
  listPhases,
  train,
  type ImageReader,
  type TrainingOptions,
} from '@pggan/model';
import { secondsBetween, secondsPerImage, typicalSpeed, type Speed } from './cost.js';

/** Passes timed at the final resolution; the first also traces the graph and does not count. */
const timedPasses = 4;

/** The machine may be this much slower than the preset was made for before its lengths are touched. */
const tolerance = 1.2;

/** Part of a run's time that goes into steps; the rest is tracing, pictures and snapshots. */
const stepShare = 0.9;

/**
 * Trains a throw-away network for a moment at the final resolution, where most of a run's time goes.
 * @returns the speed model of this machine
 */
export async function measureSpeed(
  options: TrainingOptions,
  reader: ImageReader,
  backend: BackendName,
): Promise<Speed> {
  const phase = listPhases(options.schedule, options.network, Infinity).at(-1)!;
  const rates: number[] = [];
  const { state } = await train({
    options: {
      ...options,
      minibatchRepeats: 1,
      totalKimg: (timedPasses * options.DRepeats * phase.minibatch) / 1000,
      schedule: { ...options.schedule, lodInitialResolution: options.network.resolution },
    },
    reader,
    onProgress: ({ imagesPerSecond }) => rates.push(imagesPerSecond),
  });
  disposeTrainingState(state);
  const typical = typicalSpeed[backend];
  // The best pass is the one that other programs disturbed least.
  const slowness = 1 / Math.max(...rates.slice(1)) / secondsPerImage(options, phase, typical);
  return { macsPerSecond: typical.macsPerSecond / slowness, stepSeconds: typical.stepSeconds * slowness };
}

/** Seconds a whole run takes at `speed`. */
export function predictSeconds(options: TrainingOptions, speed: Speed): number {
  const phases = listPhases(options.schedule, options.network, options.totalKimg);
  return secondsBetween(options, phases, speed, 0, options.totalKimg * 1000) / stepShare;
}

/**
 * What to multiply a run's lengths with so that it ends in about `minutes`.
 * @param exactly stretch or shrink; otherwise only shrink, and only when clearly too slow, so that the
 *   default trains the same on every machine that can afford it
 */
export function fitFactor(predicted: number, minutes: number, exactly: boolean): number {
  const factor = (minutes * 60) / predicted;
  if (!exactly && factor * tolerance >= 1) return 1;
  return Math.max(0.01, Math.floor(factor * 100) / 100);
}
