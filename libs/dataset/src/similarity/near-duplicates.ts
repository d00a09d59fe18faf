/** All pairs of hashes that are near each other, and the groups they make. */
import { DatasetError } from '../errors.js';
import { HashIndex, largestDistance } from './hash-index.js';

export interface NearPair {
  readonly first: number; // < second
  readonly second: number;
  readonly distance: number; // bits
}

/** Images with hashes this near, whose luma correlates at least so much, show the same; measured in near-images.ts. */
export const defaultDistance = 8;
export const defaultLikeness = 0.9;

/** Smaller images show too little to tell near from equal, pixels. */
const leastSide = 16;

/** When two images count as the same picture. */
export interface LikeLimits {
  readonly distance: number; // most bits in which their perceptual hashes differ, 0…32
  readonly likeness: number; // least correlation of their luma, −1…1
}

/** The limits for images of a size: of small ones only equal pictures are the same. */
export function limitsAt(size: { width: number; height: number }, limits: LikeLimits): LikeLimits {
  return Math.max(size.width, size.height) < leastSide ? { distance: 0, likeness: 0.999 } : limits;
}

/** @throws DatasetError `option-invalid` */
export function checkDistance(distance: number): void {
  if (!Number.isInteger(distance) || distance < 0 || distance > largestDistance)
    throw new DatasetError(
      'option-invalid',
      `distance: expected a whole number of bits, 0 to ${largestDistance}, got ${distance}`,
    );
}

/**
 * Every pair within `maxDistance` bits (0…32), by `second`, then `first`. Exact: what comparing each with each
 * finds; 100,000 hashes take seconds. Hashes that are all alike make as many pairs as there are.
 * @throws DatasetError `option-invalid`
 */
export function findNearDuplicates(hashes: ArrayLike<bigint>, maxDistance: number): NearPair[] {
  checkDistance(maxDistance);
  const index = new HashIndex(hashes.length, maxDistance);
  const pairs: NearPair[] = [];
  for (let second = 0; second < hashes.length; second++) {
    const found: NearPair[] = [];
    index.search(hashes[second]!, (first, distance) => void found.push({ first, second, distance }));
    found.sort((a, b) => a.first - b.first);
    for (const pair of found) pairs.push(pair);
    index.add(hashes[second]!);
  }
  return pairs;
}

/** Who belongs together, when what is joined to one is joined to all that this one is joined to. */
export class Groups {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, i) => i);
  }

  /** The smallest member of the group. */
  of(member: number): number {
    let root = member;
    while (this.#parents[root] !== root) root = this.#parents[root]!;
    for (let at = member; at !== root;) {
      const parent = this.#parents[at]!;
      this.#parents[at] = root;
      at = parent;
    }
    return root;
  }

  join(a: number, b: number): void {
    const [rootA, rootB] = [this.of(a), this.of(b)];
    this.#parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
  }
}
