/** The time of steps that were not timed, from those that were. */
import type { TrainingOptions } from '../options.js';
import { listPhases, visitedResolutions } from '../schedule.js';
import { passMacs } from './work.js';
import type { ResolutionSpeed } from './measure.js';

/**
 * Seconds of a pass of `minibatch` images at a resolution: in proportion to the multiply-adds beyond the
 * most expensive resolution known, along the line through the two most expensive ones. 0 = nothing is known.
 */
export function predictSeconds(
  options: TrainingOptions,
  known: readonly ResolutionSpeed[],
  resolution: number,
  minibatch: number,
): number {
  const points = known
    .map((speed) => ({
      work: speed.minibatch * passMacs(options.network, speed.resolution),
      seconds: (speed.secondsPerKimg * speed.minibatch * options.DRepeats) / 1000,
    }))
    .sort((a, b) => a.work - b.work);
  const last = points.at(-1);
  if (last === undefined) return 0;
  const work = minibatch * passMacs(options.network, resolution);
  const before = points.at(-2);
  const proportional = last.seconds / last.work;
  const slope =
    before === undefined || before.work === last.work
      ? proportional
      : (last.seconds - before.seconds) / (last.work - before.work);
  // A line through two noisy points may fall; steps do not get cheaper.
  const rising = slope > 0 ? slope : proportional;
  return Math.max(
    last.seconds + rising * (work - last.work),
    (last.seconds * Math.min(work, last.work)) / last.work,
  );
}

/**
 * A speed for every resolution that a run visits: those known, and guesses for the others.
 * @returns none at all where none is known
 */
export function completeSpeeds(
  options: TrainingOptions,
  known: readonly ResolutionSpeed[],
): ResolutionSpeed[] {
  if (known.length === 0) return [];
  const phases = listPhases(options.schedule, options.network, options.totalKimg);
  return [...visitedResolutions(phases)].map(([resolution, minibatch]): ResolutionSpeed => {
    const found = known.find((speed) => speed.resolution === resolution);
    if (found !== undefined) return found;
    const seconds = predictSeconds(options, known, resolution, minibatch);
    return {
      resolution,
      minibatch,
      secondsPerKimg: (1000 * seconds) / (minibatch * options.DRepeats),
      startSeconds: known.at(-1)?.startSeconds ?? 0,
    };
  });
}
