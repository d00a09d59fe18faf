/**
 * MT19937, the 32-bit Mersenne Twister (Matsumoto and Nishimura 1998), seeded by one integer as
 * `init_genrand` does.
 */
import { RandomError } from './errors.js';

const SIZE = 624;
const SHIFT = 397;
const UPPER = 0x80000000;
const LOWER = 0x7fffffff;
const TWIST = 0x9908b0df;

export class MersenneTwister {
  /** Words of state, exposed for snapshots only. */
  readonly key: Uint32Array;
  /** Words of `key` already handed out, 0…624; 624 means that the next draw renews them all. */
  position: number;

  constructor(key: Uint32Array, position: number) {
    if (key.length !== SIZE)
      throw new RandomError('random-state', `MT19937 key: expected ${SIZE} words, got ${key.length}`);
    if (!Number.isInteger(position) || position < 0 || position > SIZE)
      throw new RandomError('random-state', `MT19937 position: expected 0…${SIZE}, got ${position}`);
    this.key = key;
    this.position = position;
  }

  /** `seed`: integer in 0…2^32−1. */
  static fromSeed(seed: number): MersenneTwister {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
      throw new RandomError('random-range', `seed: expected an integer in 0…4294967295, got ${seed}`);
    const key = new Uint32Array(SIZE);
    key[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const previous = key[i - 1]!;
      key[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
    return new MersenneTwister(key, SIZE);
  }

  /** Next tempered word, 0…2^32−1. */
  next(): number {
    if (this.position === SIZE) this.#renew();
    let y = this.key[this.position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  #renew(): void {
    const key = this.key;
    // The same three times, so that no index has to be taken modulo the size.
    for (let i = 0; i < SIZE - SHIFT; i++) key[i] = key[i + SHIFT]! ^ twisted(key[i]!, key[i + 1]!);
    for (let i = SIZE - SHIFT; i < SIZE - 1; i++)
      key[i] = key[i + SHIFT - SIZE]! ^ twisted(key[i]!, key[i + 1]!);
    key[SIZE - 1] = key[SHIFT - 1]! ^ twisted(key[SIZE - 1]!, key[0]!);
    this.position = 0;
  }
}

function twisted(upper: number, lower: number): number {
  const y = (upper & UPPER) | (lower & LOWER);
  return (y >>> 1) ^ (y & 1 ? TWIST : 0);
}
