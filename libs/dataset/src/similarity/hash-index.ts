/**
 * Finds all 64-bit hashes within a Hamming distance, exactly: when two hashes differ in at most d bits, one of
 * their four 16-bit parts differs in at most ⌊d/4⌋ (pigeonhole), so only hashes with a near part are compared.
 */
import { countBits } from './perceptual-hash.js';

const parts = 4;
const partBits = 16;

/** Farther apart nothing is saved, and nothing alike. */
export const largestDistance = 32;

/** All 16-bit words of at most `most` bits. */
function sparseWords(most: number): Uint16Array {
  const words: number[] = [];
  const extend = (word: number, from: number, left: number) => {
    words.push(word);
    if (left > 0) for (let bit = from; bit < partBits; bit++) extend(word | (1 << bit), bit + 1, left - 1);
  };
  if (most >= 0) extend(0, 0, most);
  return Uint16Array.from(words);
}

export class HashIndex {
  readonly #words: Uint32Array; // two per hash
  readonly #heads: Int32Array; // per part and 16-bit value: the last hash that has it, or −1
  readonly #next: Int32Array; // per hash and part: the one before, or −1
  /** Bits that each part may differ in: as many in all as exclude that all four exceed theirs. */
  readonly #radii: readonly number[];
  readonly #probes: readonly Uint16Array[];
  readonly #probeCount: number;
  #count = 0;

  /** `capacity`: most hashes; `maxDistance`: 0…32 bits. */
  constructor(
    capacity: number,
    private readonly maxDistance: number,
  ) {
    this.#words = new Uint32Array(capacity * 2);
    this.#heads = new Int32Array(parts << partBits).fill(-1);
    this.#next = new Int32Array(capacity * parts);
    this.#radii = Array.from({ length: parts }, (_, i) => Math.floor((maxDistance + parts - i) / parts) - 1);
    this.#probes = this.#radii.map(sparseWords);
    this.#probeCount = this.#probes.reduce((sum, words) => sum + words.length, 0);
  }

  get count(): number {
    return this.#count;
  }

  /** Returns the hash's number: 0, 1, … in the order they are added. */
  add(hash: bigint): number {
    const number = this.#count++;
    const [low, high] = wordsOf(hash);
    this.#words[number * 2] = low;
    this.#words[number * 2 + 1] = high;
    for (let part = 0; part < parts; part++) {
      const slot = (part << partBits) | partOf(low, high, part);
      this.#next[number * parts + part] = this.#heads[slot]!;
      this.#heads[slot] = number;
    }
    return number;
  }

  /** Calls `visit` once for every hash added so far within the distance, in no particular order. */
  search(hash: bigint, visit: (number: number, distance: number) => void): void {
    const [low, high] = wordsOf(hash);
    if (this.#probeCount >= this.#count) {
      for (let number = 0; number < this.#count; number++) {
        const distance = this.#distance(low, high, number);
        if (distance <= this.maxDistance) visit(number, distance);
      }
      return;
    }
    for (let part = 0; part < parts; part++) {
      const value = partOf(low, high, part);
      for (const flipped of this.#probes[part]!) {
        let number = this.#heads[(part << partBits) | (value ^ flipped)]!;
        for (; number >= 0; number = this.#next[number * parts + part]!) {
          const distance = this.#distance(low, high, number);
          if (distance <= this.maxDistance && !this.#foundBefore(low, high, number, part))
            visit(number, distance);
        }
      }
    }
  }

  #distance(low: number, high: number, number: number): number {
    return countBits(low ^ this.#words[number * 2]!) + countBits(high ^ this.#words[number * 2 + 1]!);
  }

  /** Whether an earlier part has led to this hash already. */
  #foundBefore(low: number, high: number, number: number, part: number): boolean {
    const [otherLow, otherHigh] = [this.#words[number * 2]!, this.#words[number * 2 + 1]!];
    for (let earlier = 0; earlier < part; earlier++) {
      const difference = partOf(low, high, earlier) ^ partOf(otherLow, otherHigh, earlier);
      if (countBits(difference) <= this.#radii[earlier]!) return true;
    }
    return false;
  }
}

function wordsOf(hash: bigint): [low: number, high: number] {
  return [Number(hash & 0xffffffffn), Number(hash >> 32n)];
}

function partOf(low: number, high: number, part: number): number {
  return ((part < 2 ? low : high) >>> (part % 2 === 0 ? 0 : 16)) & 0xffff;
}
