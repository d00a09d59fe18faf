import type { TrainingOptions } from '@pggan/model';

/**
 * Every length of a run (T, F, total, ticks) times `factor`, to whole images; what is trained and how
 * stays as it is. Lengths of zero stay zero.
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
