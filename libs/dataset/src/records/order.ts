/** The order in which the official tool writes a dataset (facts 7.1). */
import { RandomState } from '@pggan/random';

/** Seed of every shuffled official dataset. */
export const officialOrderSeed = 123;

/** Source index of each record. */
export function shuffledOrder(count: number, seed = officialOrderSeed): Int32Array {
  return new RandomState(seed).permutation(count);
}
