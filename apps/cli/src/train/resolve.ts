import type { BackendName } from '@pggan/engine';
import { parseTrainingOptions, type TrainingOptions, type TrainingOptionsInput } from '@pggan/model';
import { CliError } from '../errors.js';
import type { TrainCommandOptions } from '../options/train.js';
import { presets, type Preset } from '../presets/index.js';
import type { RunConfig } from '../run/config.js';

/** What a preset and the command line make of a dataset. */
export interface Resolved {
  readonly preset: Preset;
  readonly presetName: string;
  readonly training: TrainingOptions;
  /** Whether any length was given by hand, so that none may be changed to fit a time. */
  readonly fixedLengths: boolean;
}

/**
 * Preset, then command line, on the shape of the dataset.
 * @throws CliError `resolution-unavailable`; ModelError `options-invalid` naming the setting
 */
export function resolveTraining(
  options: TrainCommandOptions,
  backend: BackendName,
  dataset: RunConfig['dataset'],
): Resolved {
  const presetName = options.preset ?? 'sample';
  const preset: Preset = presets[presetName](backend);
  const resolution = chooseResolution(options.resolution, preset, dataset);
  const { minibatch, learningRate } = options;
  const schedule: TrainingOptionsInput['schedule'] = {
    ...preset.training.schedule,
    ...given({
      lodTrainingKimg: options.lodTrainingKimg,
      lodTransitionKimg: options.lodTransitionKimg,
      GlrateBase: learningRate,
      DlrateBase: learningRate,
      tickKimgBase: options.tickKimg,
    }),
    ...(learningRate === undefined ? {} : { GlrateDict: {}, DlrateDict: {} }),
    ...(options.tickKimg === undefined ? {} : { tickKimgDict: {} }),
    ...(typeof minibatch === 'number' ? { minibatchBase: minibatch, minibatchDict: {} } : {}),
    ...(typeof minibatch === 'object'
      ? { minibatchDict: { ...preset.training.schedule?.minibatchDict, ...minibatch } }
      : {}),
  };
  const training = parseTrainingOptions({
    ...preset.training,
    ...given({ mirrorAugment: options.mirror, seed: options.seed }),
    network: {
      ...preset.network,
      ...given({ fmapBase: options.fmapBase, fmapMax: options.fmapMax }),
      resolution,
      numChannels: dataset.channels,
    },
    schedule,
    totalKimg: options.kimg ?? preset.totalKimg(resolution),
  });
  const fixedLengths = [
    options.kimg,
    options.lodTrainingKimg,
    options.lodTransitionKimg,
    options.tickKimg,
  ].some((length) => length !== undefined);
  return { preset, presetName, training, fixedLengths };
}

function chooseResolution(wanted: number | undefined, preset: Preset, dataset: RunConfig['dataset']): number {
  if (wanted === undefined) return Math.min(preset.resolution ?? dataset.resolution, dataset.resolution);
  if (wanted <= dataset.resolution) return wanted;
  throw new CliError(
    'resolution-unavailable',
    `--resolution ${wanted}: the images of ${dataset.path} have ${dataset.resolution}x${dataset.resolution} pixels; ` +
      `choose at most that, or build a larger dataset with "npx nx run prep:build-dataset -- --resolution ${wanted}"`,
  );
}

/** The entries that are not undefined. */
function given<T extends Record<string, unknown>>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
