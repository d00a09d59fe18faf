import type { BackendName } from '@pggan/engine';
import {
  disposeTrainingState,
  listPhases,
  train,
  type ImageReader,
  type TrainingOptions,
} from '@pggan/model';
import { secondsBetween, secondsPerImage, slower, typicalSpeed, type Speed } from './cost.js';

/** Passes timed at the final resolution; the first also traces the graph and does not count. */
const timedPasses = 4;

/** The machine may be this much slower than the preset was made for before its lengths are touched. */
const tolerance = 1.2;

/** Part of a run's time that goes into steps; the rest is pictures and snapshots. */
const stepShare = 0.95;

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
  return slower(typical, slowness);
}

/** What a run takes: `fixed` seconds however short its phases are, `variable` in proportion to them. */
export interface Prediction {
  readonly fixed: number;
  readonly variable: number;
}

export function predict(options: TrainingOptions, speed: Speed): Prediction {
  const phases = listPhases(options.schedule, options.network, options.totalKimg);
  const fixed = phases.length * speed.phaseSeconds;
  const all = secondsBetween(options, phases, speed, 0, options.totalKimg * 1000);
  return { fixed, variable: (all - fixed) / stepShare };
}

/**
 * What to multiply a run's lengths with so that it ends in about `minutes`.
 * @param exactly stretch or shrink; otherwise only shrink, and only when clearly too slow, so that the
 *   default trains the same on every machine that can afford it
 */
export function fitFactor({ fixed, variable }: Prediction, minutes: number, exactly: boolean): number {
  const seconds = minutes * 60;
  if (!exactly && fixed + variable <= seconds * tolerance) return 1;
  return Math.max(0.01, Math.floor(((seconds - fixed) / variable) * 100) / 100);
}
