import type { BackendName } from '@pggan/engine';
import {
  networkShape,
  parseTrainingOptions,
  withSwitches,
  type NetworkShape,
  type TrainingOptions,
  type TrainingOptionsInput,
} from '@pggan/model';
import { CliError } from '../errors.js';
import type { PlanCommandOptions } from '../options/train.js';
import { findPreset, type Preset } from '../presets/index.js';
import { presetText, type ChosenPreset } from '../presets/option.js';
import { describeSize, type RunConfig } from '../run/config.js';

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
  options: PlanCommandOptions,
  backend: BackendName,
  dataset: RunConfig['dataset'],
): Resolved {
  const chosen: ChosenPreset = options.preset ?? { name: 'sample', switches: [] };
  const named = findPreset(chosen.name, backend);
  const shape = networkShape({
    width: dataset.width ?? dataset.resolution,
    height: dataset.height ?? dataset.resolution,
  });
  const resolution = chooseResolution(options.resolution, named, dataset, shape);
  const preset = withSwitches(
    { ...named, summary: '', totalKimg: named.totalKimg(resolution) },
    chosen.switches,
  );
  const training = parseTrainingOptions({
    ...preset.training,
    ...fromCommandLine(options, preset.training),
    network: {
      ...preset.network,
      ...given({ fmapBase: options.fmapBase, fmapMax: options.fmapMax }),
      ...shape,
      resolution,
      numChannels: dataset.channels,
      labelSize: chooseLabels(options.labels, dataset),
    },
    totalKimg: options.kimg ?? preset.totalKimg,
  });
  const fixedLengths = [
    options.kimg,
    options.lodTrainingKimg,
    options.lodTransitionKimg,
    options.tickKimg,
  ].some((length) => length !== undefined);
  return { preset: named, presetName: presetText(chosen), training, fixedLengths };
}

/**
 * What the command line makes of the settings of a run that exists.
 * @throws CliError `labels-unavailable`; ModelError `options-invalid` naming the setting
 */
export function changeTraining(
  training: TrainingOptions,
  options: PlanCommandOptions,
  dataset: RunConfig['dataset'],
): TrainingOptions {
  const { fmapBase, fmapMax, resolution, labels } = options;
  const labelSize = labels === undefined ? undefined : chooseLabels(labels, dataset);
  return parseTrainingOptions({
    ...training,
    ...fromCommandLine(options, training),
    network: { ...training.network, ...given({ fmapBase, fmapMax, resolution, labelSize }) },
    ...given({ totalKimg: options.kimg }),
  });
}

/** The settings outside the network that the command line names, over those of `base`. */
function fromCommandLine(
  options: PlanCommandOptions,
  base: Pick<TrainingOptionsInput, 'schedule' | 'divergence'>,
): Partial<TrainingOptionsInput> {
  const { minibatch, learningRate } = options;
  return {
    ...given({
      mirrorAugment: options.mirror,
      seed: options.seed,
      microBatch: options.microBatch === 'auto' ? undefined : options.microBatch,
    }),
    divergence: { ...base.divergence, ...options.divergence },
    schedule: {
      ...base.schedule,
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
        ? { minibatchDict: { ...base.schedule?.minibatchDict, ...minibatch } }
        : {}),
    },
  };
}

function chooseResolution(
  wanted: number | undefined,
  preset: Preset,
  dataset: RunConfig['dataset'],
  { resolution }: NetworkShape,
): number {
  if (wanted === undefined) return Math.min(preset.resolution ?? resolution, resolution);
  if (wanted <= resolution) return wanted;
  throw new CliError(
    'resolution-unavailable',
    `--resolution ${wanted}: the images of ${dataset.path} have ${describeSize(dataset)} pixels; ` +
      `choose at most that, or build a larger dataset with "npx nx run prep:build-dataset -- --resolution ${wanted}"`,
  );
}

/** @throws CliError `labels-unavailable` */
function chooseLabels(wanted: 'all' | number | undefined, dataset: RunConfig['dataset']): number {
  const found = dataset.labelComponents ?? 0;
  if (wanted === undefined) return 0;
  if (found > 0 && (wanted === 'all' || wanted <= found)) return wanted === 'all' ? found : wanted;
  throw new CliError(
    'labels-unavailable',
    `--labels ${wanted}: the images of ${dataset.path} have ` +
      (found === 0 ? 'no labels; drop the option' : `labels of ${found} components; choose at most that`),
  );
}

/** The entries that are not undefined. */
function given<T extends Record<string, unknown>>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
