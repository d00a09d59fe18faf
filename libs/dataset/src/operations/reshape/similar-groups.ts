/** Groups of near duplicates in a dataset: what is near to the same picture belongs together. */
import type { TFRecordDataset } from '../../records/dataset.js';
import { Groups } from '../../similarity/near-duplicates.js';
import { everyRecord, type SteppedContext } from '../image-stream.js';
import { levelToCompare, nearImages, nearLimits, type NearImages, type NearLimits } from './near-images.js';

/** Pairs that a summary lists. */
const listedPairs = 1000;

export interface SimilarSummary extends NearLimits {
  readonly width: number; // of the images that were compared
  readonly height: number;
  readonly groups: number; // of near duplicates
  readonly pictures: number; // in these groups
  readonly pairs: readonly NearImages[]; // one less than pictures for each group; the first thousand
}

/** `pictures`: for each image the one that stands for its picture; only these are compared. */
export async function findSimilar(
  dataset: TFRecordDataset,
  pictures: Int32Array,
  given: Partial<NearLimits>,
  { signal, onProgress }: SteppedContext,
): Promise<{ groups: Groups; similar: SimilarSummary }> {
  const level = levelToCompare(dataset.levels);
  const limits = nearLimits(level, given);
  const groups = new Groups(dataset.count);
  const pairs: NearImages[] = [];
  await nearImages({
    level,
    records: everyRecord(dataset.count).filter((record) => pictures[record] === record),
    limits,
    wanted: (first, second) => groups.of(first) !== groups.of(second),
    found(pair) {
      groups.join(pair.first, pair.second);
      if (pairs.length < listedPairs) pairs.push(pair);
    },
    signal,
    onProgress: (done, total) => onProgress?.('compare', done, total),
  });
  const members = new Map<number, number>();
  for (const [image, picture] of pictures.entries()) {
    if (picture !== image) continue;
    const group = groups.of(image);
    members.set(group, (members.get(group) ?? 0) + 1);
  }
  const several = [...members.values()].filter((count) => count > 1);
  const [, height, width] = level.shape;
  const inGroups = several.reduce((a, b) => a + b, 0);
  return {
    groups,
    similar: { ...limits, width, height, groups: several.length, pictures: inGroups, pairs },
  };
}
