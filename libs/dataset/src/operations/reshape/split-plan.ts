/** Which pictures of a dataset are held out. Pure: the same arguments give the same split. */
import { RandomState } from '@pggan/random';
import { DatasetError } from '../../errors.js';
import type { Groups } from '../../similarity/near-duplicates.js';

export interface SplitRequest {
  /** For each image the one that stands for its picture; a picture and its mirror image stay together. */
  readonly pictures: Int32Array;
  /** Near duplicates, by picture; pictures of groups of several stay in the training set. */
  readonly groups: Groups;
  /** Class of each image; null: the held-out images need not be spread over classes. */
  readonly classes: Int32Array | null;
  readonly held: number; // images to hold out
  readonly seed: number;
}

export interface SplitPlan {
  readonly heldOut: Uint8Array; // 1 for images that are held out
  readonly count: number; // of these
}

/** Shares of `total` in proportion to `counts`, whole numbers, what rounding leaves to the largest remainders. */
export function proportionalShares(counts: readonly number[], total: number): number[] {
  const all = counts.reduce((a, b) => a + b, 0);
  const exact = counts.map((count) => (count * total) / all);
  const shares = exact.map(Math.floor);
  const order = exact
    .map((value, i) => ({ i, rest: value - Math.floor(value) }))
    .sort((a, b) => b.rest - a.rest || a.i - b.i);
  let left = total - shares.reduce((a, b) => a + b, 0);
  for (const { i } of order) if (left-- > 0) shares[i]!++;
  return shares;
}

/** Images of each class. */
export function countClasses(classes: Int32Array): number[] {
  const counts: number[] = [];
  for (const label of classes) counts[label] = (counts[label] ?? 0) + 1;
  return Array.from(counts, (count) => count ?? 0);
}

/** @throws DatasetError `split-impossible` */
export function planSplit({ pictures, groups, classes, held, seed }: SplitRequest): SplitPlan {
  const { length: images } = pictures;
  const sizes = new Int32Array(images); // images of a picture, at the one that stands for it
  const members = new Int32Array(images); // pictures of a group, at its first
  pictures.forEach((picture, image) => {
    sizes[picture]!++;
    if (picture === image) members[groups.of(picture)]!++;
  });
  const free = pictures.filter((picture, image) => picture === image && members[groups.of(picture)] === 1);
  new RandomState(seed).shuffle(free);

  const taken = new Uint8Array(images); // by picture
  let count = 0;
  const take = (picture: number) => {
    taken[picture] = 1;
    count += sizes[picture]!;
  };
  if (classes) {
    const shares = proportionalShares(countClasses(classes), held);
    for (const picture of free) {
      const label = classes[picture]!;
      if (sizes[picture]! > shares[label]!) continue;
      shares[label]! -= sizes[picture]!;
      take(picture);
    }
  }
  // What classes could not give, or all of it.
  for (const picture of free) if (!taken[picture] && count + sizes[picture]! <= held) take(picture);

  const spare = free.some((picture) => !taken[picture]);
  if (spare && count === 0)
    throw new DatasetError(
      'split-impossible',
      'a picture and its mirror image stay together; hold out at least 2 images',
    );
  if (!spare && count < held)
    throw new DatasetError(
      'split-impossible',
      `${held} of ${images} images are to be held out, but only ${count} may be: the others have near duplicates, ` +
        'which all stay in the training set; hold out fewer, lower the distance, or leave out the check',
    );
  return { heldOut: Uint8Array.from(pictures, (picture) => taken[picture]!), count };
}
