import type { ImageReader } from '../src/index.js';

/** A few blobs in memory, at every level; the cursor is one number. */
export class MemoryReader implements ImageReader {
  readonly count = 64;
  #cursor = 0;

  constructor(
    readonly resolution: number,
    readonly channels = 3,
  ) {}

  async next(level: number, minibatch: number): Promise<Uint8Array> {
    const side = 2 ** level;
    const bytes = new Uint8Array(minibatch * this.channels * side * side);
    let at = 0;
    for (let n = 0; n < minibatch; n++) {
      const image = this.#cursor++ % this.count;
      for (let c = 0; c < this.channels; c++) {
        for (let y = 0; y < side; y++) {
          for (let x = 0; x < side; x++) {
            const [u, v] = [(x + 0.5) / side - 0.5, (y + 0.5) / side - 0.5];
            const radius = 0.2 + (0.2 * (image % 8)) / 8;
            const inside = Math.exp(-(u * u + v * v) / radius ** 2);
            bytes[at++] = Math.round(255 * inside * (0.4 + 0.2 * ((image + c) % 4)));
          }
        }
      }
    }
    return bytes;
  }

  state(): unknown {
    return { cursor: this.#cursor };
  }

  restore(state: unknown): void {
    this.#cursor = (state as { cursor: number }).cursor;
  }
}
