/** How long a run takes, and how long a run must be to take a given time. */
import type { TrainingOptions } from '../options.js';
import { listPhases } from '../schedule.js';
import type { ResolutionSpeed } from './measure.js';

/** Seconds of a run at measured speeds; pictures and snapshots come on top. */
export interface RunSeconds {
  /** In proportion to its lengths. */
  readonly training: number;
  /** Recording the steps at the start of every phase, however long it is. */
  readonly starts: number;
}

/**
 * Seconds from `from` to `to` images shown; by default the whole run. Resolutions of unknown speed
 * count nothing.
 */
export function estimateSeconds(
  options: TrainingOptions,
  speeds: readonly ResolutionSpeed[],
  from = 0,
  to = options.totalKimg * 1000,
): RunSeconds {
  let [training, starts] = [0, 0];
  for (const { resolution, kimg } of listPhases(options.schedule, options.network, options.totalKimg)) {
    const speed = speeds.find((candidate) => candidate.resolution === resolution);
    const images = Math.min(to, kimg[1] * 1000) - Math.max(from, kimg[0] * 1000);
    if (speed === undefined || images <= 0) continue;
    training += (images / 1000) * speed.secondsPerKimg;
    if (from <= kimg[0] * 1000) starts += speed.startSeconds;
  }
  return { training, starts };
}

/**
 * What to multiply a run's lengths with so that training takes about `seconds`: at least a tenth of the
 * time is left for training itself, however long recording takes.
 */
export function fitFactor({ training, starts }: RunSeconds, seconds: number): number {
  return Math.max(seconds - starts, seconds / 10) / training;
}

/**
 * Every length of a run (T, F, ramp-up, total, ticks) times `factor`, to whole images; what is trained and
 * how stays as it is, and so does the number of ticks. Lengths of zero stay zero.
 */
export function scaleLengths(options: TrainingOptions, factor: number): TrainingOptions {
  const scale = (kimg: number) => (kimg === 0 ? 0 : Math.max(1, Math.round(kimg * 1000 * factor)) / 1000);
  const { schedule } = options;
  return {
    ...options,
    totalKimg: scale(options.totalKimg),
    schedule: {
      ...schedule,
      lodTrainingKimg: scale(schedule.lodTrainingKimg),
      lodTransitionKimg: scale(schedule.lodTransitionKimg),
      rampupKimg: scale(schedule.rampupKimg),
      tickKimgBase: scale(schedule.tickKimgBase),
      tickKimgDict: Object.fromEntries(
        Object.entries(schedule.tickKimgDict).map(([side, kimg]) => [side, scale(kimg)]),
      ),
    },
  };
}
