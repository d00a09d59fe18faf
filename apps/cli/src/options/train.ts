import { Command } from '@commander-js/extra-typings';
import { z } from 'zod';
import { presetHelp } from '../presets/help.js';
import { presetOption } from '../presets/option.js';
import { divergenceOption } from './divergence.js';
import { engineFlags, engineOptionShape } from './engine.js';
import { metricsOption } from './metrics.js';
import { keepBestOption, keepSnapshotsOption } from './retention.js';
import {
  bytesOption,
  labelsOption,
  microBatchOption,
  minibatchOption,
  numberOption,
  resolutionOption,
  textOption,
} from './values.js';

const kimg = numberOption({ from: 0 });

/** Options of a new run: absent means that the preset decides. */
const freshShape = {
  ...engineOptionShape,
  data: textOption.optional(),
  runs: textOption.default('runs'),
  preset: presetOption().optional(),
  labels: labelsOption().optional(),
  resolution: resolutionOption().optional(),
  kimg: numberOption({ above: 0 }).optional(),
  minutes: numberOption({ above: 0 }).optional(),
  minibatch: minibatchOption().optional(),
  microBatch: microBatchOption().optional(),
  memory: bytesOption().optional(),
  fmapBase: numberOption({ above: 0 }).optional(),
  fmapMax: numberOption({ integer: true, from: 1 }).optional(),
  lodTrainingKimg: kimg.optional(),
  lodTransitionKimg: kimg.optional(),
  learningRate: numberOption({ above: 0 }).optional(),
  tickKimg: numberOption({ above: 0 }).optional(),
  mirror: z.boolean().optional(),
  seed: numberOption({ integer: true, from: 0, to: 2 ** 32 - 1 }).optional(),
  keepSnapshots: keepSnapshotsOption().optional(),
  keepBest: keepBestOption().optional(),
  divergence: divergenceOption().optional(),
  json: z.boolean().default(false),
} as const;

interface Lengths {
  readonly minutes?: number | undefined;
  readonly kimg?: number | undefined;
  readonly lodTrainingKimg?: number | undefined;
  readonly lodTransitionKimg?: number | undefined;
}

/** `--minutes` and given lengths exclude each other. */
const lengthsAgree = (options: Lengths) =>
  options.minutes === undefined ||
  [options.kimg, options.lodTrainingKimg, options.lodTransitionKimg].every((o) => o === undefined);

const lengthsDisagree = {
  path: ['minutes'],
  message: 'chooses the lengths itself; drop it or --kimg, --lod-training-kimg and --lod-transition-kimg',
};

/** `pggan plan` as typed. */
export const planOptionsSchema = z.strictObject(freshShape).refine(lengthsAgree, lengthsDisagree);

export type PlanCommandOptions = z.output<typeof planOptionsSchema>;

/** `pggan train` as typed: absent means that the preset (or the run that is continued) decides. */
export const trainOptionsSchema = z
  .strictObject({
    ...freshShape,
    metrics: metricsOption({ none: true }).optional(),
    metricsEvery: numberOption({ integer: true, from: 1 }).optional(),
    extractor: textOption.optional(),
    classifier: textOption.optional(),
    resume: z.union([z.string(), z.literal(true)]).optional(),
  })
  .refine(lengthsAgree, lengthsDisagree)
  .refine(({ metrics, metricsEvery, resume }) => metricsEvery === undefined || metrics || resume, {
    path: ['metricsEvery'],
    message: 'says how often to measure, and nothing is; name --metrics',
  })
  .refine((options) => options.minutes === undefined || options.resume === undefined, {
    path: ['minutes'],
    message: 'chooses the lengths of a new run; give a continued one --kimg instead',
  });

export type TrainCommandOptions = z.output<typeof trainOptionsSchema>;

/** `train` with its options declared; what they may be is the schema's business. */
export function declareTrain() {
  return declareFresh('train')
    .option(
      '--metrics <list>',
      'measure these on the way, as pggan evaluate does: swd1k,msssim1k, or none (default: none)',
    )
    .option('--metrics-every <ticks>', 'ticks between measurements (default: at every snapshot)')
    .option('--extractor <file>', 'manifest of the network for fid, kid, is and pr')
    .option('--classifier <file>', 'manifest of the classifier for modes')
    .option(
      '--resume [run]',
      'continue a run: its number, folder or a checkpoint (default: the newest); other options change its settings',
    );
}

/** `plan` with its options declared: those of `train` but `--resume`. */
export function declarePlan() {
  return declareFresh('plan');
}

function declareFresh(name: string) {
  return new Command(name)
    .option('--data <dir>', 'dataset folder (default: data/datasets/sample)')
    .option('--runs <dir>', 'where run folders are made (default: runs)')
    .option('--preset <name>', 'one of those below, and switches: v2-1gpu+no-wscale (default: sample)')
    .option('--labels <n>', "train on the images' labels: all, or the first N components (default: none)")
    .option('--resolution <side>', "final image side, at most the dataset's; 64 of 128x96 images means 64x48")
    .option('--kimg <n>', 'length of the run in thousands of images shown to D')
    .option('--minutes <n>', "scale the preset's lengths to about this time on this machine")
    .option('--minibatch <n>', 'images per step, or by resolution: 4:64,8:32,16:16')
    .option(
      '--micro-batch <n>',
      'most images to compute at a time, gradients added up; auto: as many as fit (default: auto)',
    )
    .option('--memory <size>', 'memory to train in, such as 6GiB (default: what is free)')
    .option('--fmap-base <n>', 'feature maps at stage 0 before the cap; halved at every stage')
    .option('--fmap-max <n>', 'most feature maps of any layer')
    .option('--lod-training-kimg <n>', 'kimg to train each resolution before the next one fades in')
    .option('--lod-transition-kimg <n>', 'kimg over which a resolution fades in')
    .option('--learning-rate <rate>', 'learning rate of G and D')
    .option('--tick-kimg <n>', 'kimg between log lines and pictures')
    .option('--mirror', 'flip half of the real images')
    .option('--no-mirror', 'never flip them')
    .option('--seed <n>', 'seed of every random stream (default: 1000)')
    .option(
      '--keep-snapshots <n>',
      'newest snapshots to keep, or all (default: 3); one per resolution stays as well',
    )
    .option(
      '--keep-best <metric>',
      'keep the best by a number of stats.jsonl, too: NAME[:higher] or none (default: none)',
    )
    .option(
      '--divergence <rules>',
      'limits of what counts as lost, or off: score-drift=20000,gradient-jump=off',
    )
    .option(...engineFlags.backend)
    .option(...engineFlags.threads)
    .option(...engineFlags.libtensorflow)
    .option('--json', 'print the result as JSON on standard output')
    .addHelpText('after', presetHelp);
}
