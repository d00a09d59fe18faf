/** How near each picture is to the one most like it. */
import { HashIndex } from '../similarity/hash-index.js';
import { checkDistance } from '../similarity/near-duplicates.js';

/**
 * Bits in which each perceptual hash differs from the nearest other one; null where none is within `maxDistance`
 * (0…32). Of faces in one pose a small number is a reason to look, not a proof: see similarity/perceptual-hash.ts.
 *
 * @throws DatasetError 'option-invalid' for a distance out of its range.
 */
export function nearestDistances(hashes: ArrayLike<bigint>, maxDistance: number): (number | null)[] {
  checkDistance(maxDistance);
  const index = new HashIndex(hashes.length, maxDistance);
  const nearest = new Array<number | null>(hashes.length).fill(null);
  // Pairs are not kept: of pictures that are all alike there are too many.
  for (let second = 0; second < hashes.length; second++) {
    index.search(hashes[second]!, (first, distance) => {
      nearest[first] = Math.min(distance, nearest[first] ?? Infinity);
      nearest[second] = Math.min(distance, nearest[second] ?? Infinity);
    });
    index.add(hashes[second]!);
  }
  return nearest;
}
