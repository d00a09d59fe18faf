import type { TrainingOptionsInput } from '@pggan/model';

/** Settings of a whole run, before the dataset's shape and the command line's options are known. */
export interface Preset {
  /** Largest side to train; absent = the dataset's. */
  readonly resolution?: number;
  /** Minutes that the lengths below were chosen for on two cores; absent = as long as it takes. */
  readonly minutes?: number;
  /** Network settings that differ from the official defaults. */
  readonly network: Omit<TrainingOptionsInput['network'], 'resolution' | 'numChannels'>;
  /** Training settings that differ from the official defaults. */
  readonly training: Omit<TrainingOptionsInput, 'network' | 'totalKimg'>;
  /** Length of the run in thousands of images when its final side is `resolution`. */
  totalKimg(resolution: number): number;
}
