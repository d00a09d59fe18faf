import { z } from 'zod';
import { networkConfigSchema } from './config.js';
import { divergenceSchema } from './divergence.js';
import { ModelError } from './errors.js';
import { microBatchLimit, microBatchSize, microBatchSizes, wholeBatchReason } from './micro-batch.js';
import { listPhases, perResolution, scheduleSchema, visitedResolutions } from './schedule.js';

/** Weights of the Wasserstein loss with gradient penalty (facts section 3). */
export const wganSchema = z.strictObject({
  /** Weight of the gradient penalty before it is divided by the squared target. */
  lambda: z.number().min(0).default(10),
  /** Weight of the squared score of reals, which keeps scores from drifting away. */
  epsilon: z.number().min(0).default(0.001),
  /** Gradient norm that D is pulled to (gamma). */
  target: z.number().positive().default(1),
});
export type WganOptions = Readonly<z.output<typeof wganSchema>>;

/**
 * Least squares instead (facts 6): reals score 0, fakes 1, and noise inside D grows with how well it
 * tells them apart (paper, appendix B).
 */
export const lsganSchema = z.strictObject({
  /** Weight of the fakes in D's loss. */
  fakeWeight: z.number().positive().default(0.1),
  /** Noise strength = coefficient * max(average score of fakes - limit, 0) ^ exponent; coefficient 0 = none. */
  noiseCoefficient: z.number().min(0).default(0.2),
  noiseLimit: z.number().min(0).default(0.5),
  noiseExponent: z.number().positive().default(2),
  /** Share of the old value that the average score of fakes keeps at every D step. */
  noiseDecay: z.number().min(0).lt(1).default(0.9),
});
export type LsganOptions = Readonly<z.output<typeof lsganSchema>>;

/** Weights of the label's cross-entropy in the losses of conditional networks (AC-GAN). */
export const conditionSchema = z.strictObject({
  GWeight: z.number().min(0).default(1),
  DWeight: z.number().min(0).default(1),
});

/** Adam in the official form (facts section 3). */
export const adamSchema = z.strictObject({
  beta1: z.number().min(0).lt(1).default(0),
  beta2: z.number().min(0).lt(1).default(0.99),
  /** Added to the root of the uncorrected second moment. */
  epsilon: z.number().positive().default(1e-8),
});
export type AdamOptions = Readonly<z.output<typeof adamSchema>>;

const gridSchema = z.union([
  z.enum(['1080p', '4k']),
  z.strictObject({
    columns: z.number().int().positive().max(64),
    rows: z.number().int().positive().max(64),
  }),
]);

/**
 * Everything that decides a training run; defaults are the official ones (facts sections 3-5).
 * Parse with {@link parseTrainingOptions}, which also refuses what would fail hours later.
 */
export const trainingOptionsSchema = z
  .strictObject({
    /** Seed of every random stream: snapshot latents, first weights, latents, mixing, mirroring, labels, noise. */
    seed: z.number().int().min(0).max(0xffffffff).default(1000),
    network: networkConfigSchema,
    schedule: scheduleSchema.prefault({}),
    /** Passes of D (DRepeats times) and G per evaluation of the schedule. */
    minibatchRepeats: z.number().int().positive().default(4),
    /** D steps per G step. */
    DRepeats: z.number().int().positive().default(1),
    /** Share of the old value that Gs keeps at every D step; 0 = Gs is G. */
    GSmoothing: z.number().min(0).lt(1).default(0.999),
    /** Length of the run in thousands of images shown to D. */
    totalKimg: z.number().positive().default(15000),
    /** Flip half of the real images horizontally. */
    mirrorAugment: z.boolean().default(false),
    /** Wasserstein with gradient penalty, or least squares. */
    loss: z.enum(['wgan-gp', 'lsgan']).default('wgan-gp'),
    wgan: wganSchema.prefault({}),
    lsgan: lsganSchema.prefault({}),
    condition: conditionSchema.prefault({}),
    /** G and D move together, from the same fakes and the same weights of each other, not in turn. */
    simultaneous: z.boolean().default(false),
    adam: adamSchema.prefault({}),
    /** Start both Adam states afresh at both ends of every fade. */
    resetOptForNewLod: z.boolean().default(true),
    /** When a run counts as lost, and how often it goes back. */
    divergence: divergenceSchema.prefault({}),
    /** Ticks between pictures of generated samples. */
    imageSnapshotTicks: z.number().int().positive().default(1),
    /** Ticks between network snapshots. */
    networkSnapshotTicks: z.number().int().positive().default(10),
    /**
     * Most images to compute at a time, for every resolution or by resolution (`{"128": 4}`); absent =
     * whole minibatches. Larger minibatches are cut evenly, minibatch-stddev groups kept whole, and
     * their gradients added up: less memory, the same training up to rounding.
     */
    microBatch: z.union([z.number().int().positive(), perResolution(z.number().int().positive())]).optional(),
    /** Size of the sample grid: what fits a 1080p or 4k screen, or columns and rows. */
    snapshotGrid: gridSchema.default('1080p'),
  })
  .superRefine((options, context) => {
    const { network, schedule, totalKimg } = options;
    const issue = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (options.simultaneous && options.DRepeats !== 1) {
      issue(['simultaneous'], `expected DRepeats 1 with it, got ${options.DRepeats}`);
    }
    for (const [resolution, minibatch] of visitedResolutions(listPhases(schedule, network, totalKimg))) {
      const path = ['schedule', 'minibatchDict', String(resolution)];
      const group = network.mbstdGroupSize;
      const perDevice = minibatch / schedule.devices;
      if (perDevice < 1) {
        issue(path, `${schedule.devices} devices leave no image for each at ${resolution} px`);
      } else if (group !== 'all' && group > 1 && perDevice > group && perDevice % group !== 0) {
        issue(
          path,
          `${perDevice} images per step at ${resolution} px do not divide into minibatch-stddev ` +
            `groups of ${group}; expected at most ${group} or a multiple of it, or another ` +
            'network.mbstdGroupSize',
        );
      } else {
        const limit = microBatchLimit(options.microBatch, resolution);
        if (microBatchSize(network, minibatch, limit) !== undefined) continue;
        const reason = wholeBatchReason(network);
        const [smallest] = microBatchSizes(network, minibatch);
        issue(
          ['microBatch'],
          reason === null
            ? `${limit} images at a time at ${resolution} px hold no whole minibatch-stddev group; ` +
                `expected at least ${smallest}, or another network.mbstdGroupSize`
            : `the ${minibatch} images per step at ${resolution} px cannot be split, for ${reason}; ` +
                `expected at least ${minibatch}, or a smaller schedule.minibatchDict.${resolution}`,
        );
      }
    }
  });

/** Complete, checked options of a run. */
export type TrainingOptions = Readonly<z.output<typeof trainingOptionsSchema>>;
/** The part that the losses depend on. */
export type LossOptions = Pick<TrainingOptions, 'loss' | 'wgan' | 'lsgan' | 'condition'>;
/** What a caller may leave out. */
export type TrainingOptionsInput = z.input<typeof trainingOptionsSchema>;

/**
 * Checks options once, at the edge, and fills in defaults.
 * @throws ModelError `options-invalid`, one line per problem, each naming its setting
 */
export function parseTrainingOptions(input: unknown): TrainingOptions {
  const result = trainingOptionsSchema.safeParse(input);
  if (result.success) return result.data;
  const lines = result.error.issues.map(
    ({ path, message }) => `${path.length > 0 ? path.map(String).join('.') : 'options'}: ${message}`,
  );
  throw new ModelError('options-invalid', `invalid training options\n  ${lines.join('\n  ')}`);
}
