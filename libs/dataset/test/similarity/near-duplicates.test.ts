import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { findNearDuplicates, hammingDistance, type NearPair } from '../../src/index.js';
import { HashIndex } from '../../src/similarity/hash-index.js';
import { Groups } from '../../src/similarity/near-duplicates.js';

/** Each with each. */
function allPairs(hashes: readonly bigint[]): NearPair[] {
  return hashes.flatMap((hash, second) =>
    hashes
      .slice(0, second)
      .map((other, first) => ({ first, second, distance: hammingDistance(hash, other) })),
  );
}

const random64 = (random: RandomState) => (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());

/** Some of them variations of earlier ones in up to `bits` bits. */
function relatedHashes(random: RandomState, count: number, bits: number): bigint[] {
  const hashes: bigint[] = [];
  for (let i = 0; i < count; i++) {
    let hash = random64(random);
    if (i > 0 && random.uniform() < 0.4) {
      hash = hashes[random.randint(i)]!;
      for (let flips = random.randint(bits + 1); flips > 0; flips--) hash ^= 1n << BigInt(random.randint(64));
    }
    hashes.push(hash);
  }
  return hashes;
}

describe('findNearDuplicates', () => {
  // More hashes than probes up to 10 bits, so that the parts are used; beyond that all are compared.
  const related = relatedHashes(new RandomState(1), 600, 24);
  const crowded = Array.from({ length: 300 }, (_, i) => random64(new RandomState(i)) & 0x1f_0000_0003_0000n);
  const pairs = { related: allPairs(related), crowded: allPairs(crowded) };

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 32])('is exact at %s bits', (maxDistance) => {
    const within = (all: readonly NearPair[]) => all.filter(({ distance }) => distance <= maxDistance);
    const found = findNearDuplicates(related, maxDistance);
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(within(pairs.related));
    expect(findNearDuplicates(BigUint64Array.from(related), maxDistance)).toEqual(found);
    expect(findNearDuplicates(crowded, maxDistance)).toEqual(within(pairs.crowded));
  });

  it('takes nothing and one', () => {
    expect(findNearDuplicates([], 8)).toEqual([]);
    expect(findNearDuplicates([5n], 8)).toEqual([]);
  });

  it.each([-1, 33, 1.5, NaN])('refuses a distance of %s', (distance) => {
    expect(() => findNearDuplicates([], distance)).toThrow(/expected a whole number of bits, 0 to 32/);
  });
});

describe('HashIndex', () => {
  it('finds 20,000 hashes again among themselves', () => {
    const random = new RandomState(9);
    const hashes = Array.from({ length: 20_000 }, () => random64(random));
    const index = new HashIndex(hashes.length, 8);
    for (const hash of hashes) index.add(hash);
    const found: number[] = [];
    for (let i = 0; i < 2000; i++)
      index.search(hashes[i * 10]! ^ 0x8000_0400_0020_0001n, (number, distance) => {
        if (distance === 4) found.push(number);
      });
    expect(found).toEqual(Array.from({ length: 2000 }, (_, i) => i * 10));
  });
});

describe('Groups', () => {
  it('joins what is joined to the same', () => {
    const groups = new Groups(8);
    groups.join(6, 2);
    groups.join(5, 7);
    groups.join(7, 2);
    groups.join(0, 0);
    expect(Array.from({ length: 8 }, (_, i) => groups.of(i))).toEqual([0, 1, 2, 3, 4, 2, 2, 2]);
  });
});
