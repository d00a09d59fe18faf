/**
 * Splitting a minibatch that does not fit the memory into micro-batches whose gradients add up to
 * those of the whole. Minibatch-stddev groups stay whole, so that
 * every statistic is the one it would have been.
 */
import type { NetworkConfig } from './config.js';

/** Most images at a time: for every resolution, or by resolution (`{"128": 4}`); absent = all at once. */
export type MicroBatch = number | Readonly<Record<string, number>>;

/** The limit at a resolution; Infinity = none. */
export function microBatchLimit(microBatch: MicroBatch | undefined, resolution: number): number {
  if (typeof microBatch === 'number') return microBatch;
  return microBatch?.[String(resolution)] ?? Infinity;
}

/** Why no part of a minibatch can be computed on its own; null = it can. */
export function wholeBatchReason(network: NetworkConfig): string | null {
  if (network.useBatchnorm) return 'batch normalisation looks at the whole minibatch (network.useBatchnorm)';
  if (network.mbstdGroupSize === 'all') {
    return 'minibatch stddev looks at the whole minibatch (network.mbstdGroupSize "all")';
  }
  if (network.minibatchDiscriminationKernels > 0) {
    return (
      'minibatch discrimination compares all images of a minibatch ' +
      '(network.minibatchDiscriminationKernels)'
    );
  }
  return null;
}

/**
 * Sizes of the micro-batches that a minibatch can be cut into evenly, smallest first; the last is the
 * minibatch itself, and the only one where {@link wholeBatchReason} has a reason or groups do not
 * come out even.
 */
export function microBatchSizes(network: NetworkConfig, minibatch: number): number[] {
  if (wholeBatchReason(network) !== null) return [minibatch];
  const group = groupSize(network, minibatch);
  if (minibatch % group !== 0) return [minibatch];
  const groups = minibatch / group;
  const counts = Array.from({ length: groups }, (_, i) => i + 1).filter((count) => groups % count === 0);
  return counts.map((count) => count * group);
}

/** The largest micro-batch of at most `limit` images; undefined = even the smallest is larger. */
export function microBatchSize(network: NetworkConfig, minibatch: number, limit: number): number | undefined {
  return microBatchSizes(network, minibatch).findLast((size) => size <= limit);
}

/**
 * The rows of each micro-batch of `size` images. Sample i belongs to group i mod M (facts 1.4): a
 * micro-batch of k groups takes k neighbouring samples from each of the minibatch's strides of M,
 * which a group layer of the same group size sees as the same groups.
 */
export function microBatchRows(network: NetworkConfig, minibatch: number, size: number): number[][] {
  const members = groupSize(network, minibatch);
  const [groups, own] = [minibatch / members, size / members];
  return Array.from({ length: minibatch / size }, (_, part) =>
    Array.from({ length: size }, (_, i) => Math.floor(i / own) * groups + part * own + (i % own)),
  );
}

/** Images that have to stay together; 1 without minibatch stddev. */
function groupSize({ mbstdGroupSize }: NetworkConfig, minibatch: number): number {
  return mbstdGroupSize === 'all' ? minibatch : Math.min(Math.max(mbstdGroupSize, 1), minibatch);
}
