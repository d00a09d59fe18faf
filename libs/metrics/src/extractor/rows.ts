import type { Features } from '../features/features.js';

/** Rows that come part by part. */
export class Rows {
  readonly #parts: Features[] = [];

  add(part: Features): void {
    this.#parts.push(part);
  }

  /** All of them in one; there must be some. */
  joined(): Features {
    const [first, ...more] = this.#parts;
    if (more.length === 0) return first!;
    const data = new Float32Array(this.#parts.reduce((sum, part) => sum + part.data.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      data.set(part.data, at);
      at += part.data.length;
    }
    return { dimension: first!.dimension, data };
  }
}
