/** Averages since the last tick, summed inside the recorded step so that no step reads back. */
import { tf } from '@pggan/engine';

/** Sums and counts [K], one entry per named statistic; non-finite values are left out of both. */
export type Statistics = { readonly sum: tf.Tensor1D; readonly count: tf.Tensor1D };

/** What a D step reports, in this order. Names are those of the official summaries where it has one. */
export const discriminatorStatistics = [
  'TrainD/loss',
  'Loss/real_scores',
  'Loss/fake_scores',
  'Loss/mixed_scores',
  'Loss/mixed_norms',
  'Loss/epsilon_penalty',
  'TrainD/gradient_norm',
  'TrainD/overflow_frequency',
] as const;

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

/** The averages by name; null where no finite value came. Reads the tensors back. */
export function averages(
  names: readonly string[],
  { sum, count }: Statistics,
): Record<string, number | null> {
  const [sums, counts] = [sum.dataSync(), count.dataSync()];
  return Object.fromEntries(
    names.map((name, i) => {
      const n = counts[i] ?? 0;
      return [name, n > 0 ? (sums[i] as number) / n : null];
    }),
  );
}
