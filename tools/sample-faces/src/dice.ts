/** Draws of every shape the renderer needs, from one NumPy-compatible stream. */
import { RandomState } from '@pggan/random';

export class Dice {
  readonly #random: RandomState;

  constructor(seed: number) {
    this.#random = new RandomState(seed >>> 0);
  }

  /** The stream of one picture: depends on nothing but the two numbers, so order does not matter. */
  static forPicture(seed: number, index: number): Dice {
    // Mixed, not added: seed 1 picture 2 and seed 2 picture 1 must have nothing in common.
    let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
    return new Dice((h ^ (h >>> 15)) >>> 0);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.#random.uniform();
  }

  /** Bell-shaped, cut at two and a half deviations so that nothing grotesque appears. */
  around(mean: number, deviation: number): number {
    return mean + deviation * Math.max(-2.5, Math.min(2.5, this.#random.normal()));
  }

  chance(probability: number): boolean {
    return this.#random.uniform() < probability;
  }

  integer(low: number, high: number): number {
    return low + Math.floor(this.#random.uniform() * (high - low + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.integer(0, choices.length - 1)] as T;
  }

  /** One key, with probability in proportion to its weight. */
  weighted<K extends string>(weights: Partial<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.#random.uniform() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    return (entries.at(-1) as [K, number])[0];
  }

  side(): 1 | -1 {
    return this.chance(0.5) ? 1 : -1;
  }

  /** A seed for a stream of its own. */
  seed(): number {
    return this.#random.uint32();
  }

  normals(count: number): Float32Array {
    return this.#random.normals(count);
  }
}
