/** Averages since the last tick, summed inside the recorded step so that no step reads back. */
import { tf } from '@pggan/engine';
import type { NetworkConfig } from './config.js';
import type { DiscriminatorLoss } from './losses.js';
import type { LossOptions } from './options.js';

/** Sums and counts [K], one entry per named statistic; non-finite values are left out of both. */
export type Statistics = { readonly sum: tf.Tensor1D; readonly count: tf.Tensor1D };

/** The settings that decide what there is to report. */
export interface Reported {
  readonly network: Pick<NetworkConfig, 'labelSize'>;
  readonly loss: LossOptions['loss'];
}

/** Parts of D's loss by the names of the official summaries, where it has one. */
const discriminatorParts = {
  'Loss/real_scores': 'realScores',
  'Loss/fake_scores': 'fakeScores',
  'Loss/mixed_scores': 'mixedScores',
  'Loss/mixed_norms': 'mixedNorms',
  'Loss/epsilon_penalty': 'epsilonPenalty',
  'Loss/label_penalty_reals': 'labelPenaltyReals',
  'Loss/label_penalty_fakes': 'labelPenaltyFakes',
} as const;

type PartName = keyof typeof discriminatorParts;

function reportedParts({ network, loss }: Reported): PartName[] {
  return (Object.keys(discriminatorParts) as PartName[]).filter((name) => {
    if (name.startsWith('Loss/label_')) return network.labelSize > 0;
    return loss === 'wgan-gp' || name === 'Loss/real_scores' || name === 'Loss/fake_scores';
  });
}

/** What a D step reports, in this order. */
export function discriminatorStatistics(reported: Reported): string[] {
  return ['TrainD/loss', ...reportedParts(reported), 'TrainD/gradient_norm', 'TrainD/overflow_frequency'];
}

/** Loss and parts of a D step as scalars, in the order of {@link discriminatorStatistics}. */
export function discriminatorValues(parts: DiscriminatorLoss, reported: Reported): tf.Scalar[] {
  const means = reportedParts(reported).map((name): tf.Scalar => tf.mean(parts[discriminatorParts[name]]!));
  return [parts.loss, ...means];
}

/** What a G step reports, in this order. */
export const generatorStatistics = [
  'TrainG/loss',
  'TrainG/gradient_norm',
  'TrainG/overflow_frequency',
] as const;

export function emptyStatistics(names: readonly string[]): Statistics {
  return { sum: tf.zeros([names.length]), count: tf.zeros([names.length]) };
}

/** Adds one value per statistic [K]; those that are not finite count nothing. */
export function accumulate({ sum, count }: Statistics, values: tf.Tensor1D): Statistics {
  const finite = tf.isFinite(values);
  const kept: tf.Tensor1D = tf.where(finite, values, tf.zerosLike(values));
  return { sum: tf.add(sum, kept), count: tf.add(count, tf.cast(finite, 'float32')) };
}

/** Sums and counts on the host, by name. */
export type Totals = Readonly<Record<string, { readonly sum: number; readonly count: number }>>;

/** Reads the tensors back. */
export function totals(names: readonly string[], { sum, count }: Statistics): Totals {
  const [sums, counts] = [sum.dataSync(), count.dataSync()];
  return Object.fromEntries(names.map((name, i) => [name, { sum: sums[i] ?? 0, count: counts[i] ?? 0 }]));
}

/** The averages by name of what came since `before`, absent = all; null where no finite value came. */
export function averagesOf(after: Totals, before: Totals = {}): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(after).map(([name, { sum, count }]) => {
      const n = count - (before[name]?.count ?? 0);
      const average = (sum - (before[name]?.sum ?? 0)) / n;
      return [name, n > 0 && Number.isFinite(average) ? average : null];
    }),
  );
}

/** The averages by name; null where no finite value came. Reads the tensors back. */
export function averages(names: readonly string[], statistics: Statistics): Record<string, number | null> {
  return averagesOf(totals(names, statistics));
}
