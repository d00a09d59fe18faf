/** Which images of a sequence of datasets show what an earlier one shows. */
import { everyRecord, type OperationContext, type SteppedContext } from '../image-stream.js';
import type { DatasetSequence, MergedImage } from './dataset-sequence.js';
import {
  equalImages,
  largestLevel,
  levelToCompare,
  nearImages,
  nearLimits,
  type NearLimits,
} from './near-images.js';

/** Pairs that a report lists; all are counted. */
const listedPairs = 1000;

/** keep: all; drop: without images equal to an earlier one; drop-near: without near duplicates. */
export const duplicateModes = ['keep', 'drop', 'drop-near'] as const;
export type DuplicateMode = (typeof duplicateModes)[number];

export interface DuplicatePair {
  readonly first: MergedImage;
  readonly second: MergedImage; // later, and left out if duplicates are
  readonly distance: number; // bits between the hashes
  readonly likeness: number; // correlation of the pixels
  readonly mirrored: boolean;
}

export interface NearReport extends NearLimits {
  readonly pictures: number; // that are near an earlier one
  readonly across: number; // of these, near a picture of another dataset
  readonly pairs: readonly DuplicatePair[]; // each with the nearest; the first thousand
}

export interface Duplicates {
  /** By image: the earlier image for which it is left out, or −1. */
  readonly replacedBy: Int32Array;
  readonly near: NearReport | null; // null: not looked for
}

/**
 * `pictures`: for each image the one that stands for its picture; a mirror image goes where its picture goes.
 * `given` null: near duplicates are not looked for.
 */
export async function findDuplicates(
  sequence: DatasetSequence,
  pictures: Int32Array,
  mode: DuplicateMode,
  given: Partial<NearLimits> | null,
  { signal, onProgress }: SteppedContext,
): Promise<Duplicates> {
  const replacedBy = new Int32Array(sequence.count).fill(-1);
  const compare = (done: number, total: number) => onProgress?.('compare', done, total);
  let records = everyRecord(sequence.count).filter((record) => pictures[record] === record);
  if (mode === 'drop') {
    const top = sequence.level(largestLevel);
    const equal = await equalImages(top, records, { signal, onProgress: compare });
    records.forEach((record, i) => (replacedBy[record] = equal[i]!));
    records = records.filter((record) => replacedBy[record] === -1);
  }

  const near = given && (await findNear(sequence, records, mode, given, { signal, onProgress: compare }));
  if (near && mode === 'drop-near') replacedBy.set(near.nearest);
  for (const [image, picture] of pictures.entries())
    if (picture !== image) replacedBy[image] = replacedBy[picture]!;
  return { replacedBy, near: near && near.report };
}

/** `nearest`: by image, the earlier one it is near to, or −1; with drop-near one that is kept. */
async function findNear(
  sequence: DatasetSequence,
  records: Int32Array,
  mode: DuplicateMode,
  given: Partial<NearLimits>,
  context: OperationContext,
): Promise<{ nearest: Int32Array; report: NearReport }> {
  const level = sequence.level(levelToCompare);
  const limits = nearLimits(level, given);
  const pairs: DuplicatePair[] = [];
  let [count, across] = [0, 0];
  const nearest = new Int32Array(sequence.count).fill(-1);
  await nearImages({
    level,
    records,
    limits,
    wanted: (first, second) => nearest[second] === -1 && (mode !== 'drop-near' || nearest[first] === -1),
    found({ first, second, ...pair }) {
      nearest[second] = mode === 'drop-near' && nearest[first] !== -1 ? nearest[first]! : first;
      const [one, other] = [sequence.find(first), sequence.find(second)];
      count++;
      if (one.dataset !== other.dataset) across++;
      if (pairs.length < listedPairs) pairs.push({ first: one, second: other, ...pair });
    },
    ...context,
  });
  return { nearest, report: { ...limits, pictures: count, across, pairs } };
}
