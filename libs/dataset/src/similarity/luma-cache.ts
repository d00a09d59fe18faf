/** Lumas of images that were compared last: images that look alike are compared with the same ones again and again. */
import type { Luma } from './luma.js';

export class LumaCache {
  readonly #lumas = new Map<number, Luma>();

  /** `capacity`: images. */
  constructor(private readonly capacity: number) {}

  get(image: number): Luma | undefined {
    return this.#lumas.get(image);
  }

  put(image: number, luma: Luma): Luma {
    if (this.#lumas.size >= this.capacity) this.#lumas.delete(this.#lumas.keys().next().value!);
    this.#lumas.set(image, luma);
    return luma;
  }
}
