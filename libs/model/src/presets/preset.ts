import type { NetworkConfigInput } from '../config.js';
import type { TrainingOptionsInput } from '../options.js';

/** Settings of a whole run, before the shape of the data set is known. Absent = the official default. */
export interface Preset {
  /** One line for people. */
  readonly summary: string;
  /** Side that was trained to; larger data sets are used at this size. Absent = the data set's. */
  readonly resolution?: number;
  readonly network: Omit<
    NetworkConfigInput,
    'resolution' | 'baseWidth' | 'baseHeight' | 'numChannels' | 'labelSize'
  >;
  readonly training: Omit<TrainingOptionsInput, 'network' | 'totalKimg'>;
  readonly totalKimg: number;
}

/** What a preset changes of another; objects are merged, everything else is replaced. */
export interface PresetChanges {
  readonly summary?: string;
  readonly resolution?: number;
  readonly network?: Preset['network'];
  readonly training?: Preset['training'];
  readonly totalKimg?: number;
}

/** A preset with changes on top. A dictionary by resolution is replaced whole, not entry by entry. */
export function extend(base: Preset, changes: PresetChanges): Preset {
  const [before, after] = [base.training, changes.training ?? {}];
  return {
    ...base,
    ...changes,
    network: { ...base.network, ...changes.network },
    training: {
      ...before,
      ...after,
      schedule: { ...before.schedule, ...after.schedule },
      wgan: { ...before.wgan, ...after.wgan },
      adam: { ...before.adam, ...after.adam },
    },
  };
}
