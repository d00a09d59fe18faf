/**
 * `numpy.random.RandomState(seed)`, bit for bit: MT19937 under the legacy methods that the official
 * Progressive GAN tools draw from (facts 7.1). Integers and uniforms are exact; normals go through
 * the platform's logarithm and may differ from NumPy's in the last bit.
 */
import { RandomError } from './errors.js';
import { MersenneTwister } from './mersenne.js';
import { decodeKey, encodeKey, type RandomStateSnapshot } from './snapshot.js';

/** Anything that can be shuffled in place: arrays and typed arrays. */
export interface MutableArrayLike<T> {
  readonly length: number;
  [index: number]: T;
}

export class RandomState {
  readonly #words: MersenneTwister;
  #hasGauss = false;
  #gauss = 0;

  /** `seed`: integer in 0…2^32−1. A snapshot continues a stream; see {@link RandomState.fromState}. */
  constructor(seed: number | RandomStateSnapshot) {
    if (typeof seed === 'number') {
      this.#words = MersenneTwister.fromSeed(seed);
      return;
    }
    if (seed?.algorithm !== 'MT19937')
      throw new RandomError(
        'random-state',
        `random state: expected algorithm MT19937, got ${String(seed?.algorithm)}`,
      );
    if (typeof seed.hasGauss !== 'boolean' || !Number.isFinite(seed.gauss))
      throw new RandomError('random-state', 'random state: hasGauss or gauss is missing');
    this.#words = new MersenneTwister(decodeKey(seed.key), seed.position);
    this.#hasGauss = seed.hasGauss;
    this.#gauss = seed.gauss;
  }

  static fromState(snapshot: RandomStateSnapshot): RandomState {
    return new RandomState(snapshot);
  }

  state(): RandomStateSnapshot {
    return {
      algorithm: 'MT19937',
      key: encodeKey(this.#words.key),
      position: this.#words.position,
      hasGauss: this.#hasGauss,
      gauss: this.#gauss,
    };
  }

  /** One raw output, 0…2^32−1. */
  uint32(): number {
    return this.#words.next();
  }

  /** [0, 1) with 53 random bits from two outputs. */
  uniform(): number {
    const high = this.#words.next() >>> 5;
    const low = this.#words.next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  uniforms(count: number): Float64Array {
    return Float64Array.from({ length: count }, () => this.uniform());
  }

  /** Integer in [0, high), 1 ≤ high ≤ 2^32. */
  randint(high: number): number {
    if (!Number.isInteger(high) || high < 1 || high > 0x100000000)
      throw new RandomError('random-range', `randint: expected high in 1…4294967296, got ${high}`);
    return this.#interval(high - 1);
  }

  /** Fisher–Yates in place, from the last index down. */
  shuffle<T>(array: MutableArrayLike<T>): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.#interval(i);
      const held = array[i]!;
      array[i] = array[j]!;
      array[j] = held;
    }
  }

  /** 0…count−1 in shuffled order. */
  permutation(count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, i) => i);
    this.shuffle(order);
    return order;
  }

  /** Standard normal by the polar method; normals come in pairs and the second one waits. */
  normal(): number {
    if (this.#hasGauss) {
      const waiting = this.#gauss;
      this.#hasGauss = false;
      this.#gauss = 0;
      return waiting;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#gauss = scale * x;
      this.#hasGauss = true;
      return scale * y;
    }
  }

  /** `randn(count).astype(float32)`. */
  normals(count: number): Float32Array {
    return Float32Array.from({ length: count }, () => this.normal());
  }

  /** Integer in 0…max: outputs cut to the smallest all-ones mask ≥ max, those above max rejected. */
  #interval(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (this.#words.next() & mask) >>> 0;
      if (value <= max) return value;
    }
  }
}
