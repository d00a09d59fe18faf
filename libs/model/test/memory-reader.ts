import type { ImageReader, LabelledImages, LabelRows } from '../src/index.js';

const count = 64;

/** Blobs in memory, no two alike, at every level; the cursor is one number. */
export class MemoryReader implements ImageReader {
  readonly count = count;
  readonly width: number;
  readonly height: number;
  readonly resolution: number;
  readonly labels: LabelRows | null;
  #cursor = 0;

  /** @param components of one-hot labels, image i having class i modulo that; 0 = no labels */
  constructor(
    size: number | { readonly width: number; readonly height: number },
    readonly channels = 3,
    components = 0,
  ) {
    const { width, height } = typeof size === 'number' ? { width: size, height: size } : size;
    this.width = width;
    this.height = height;
    this.resolution = Math.max(width, height);
    const hot = (_: unknown, i: number) =>
      Math.floor(i / components) % components === i % components ? 1 : 0;
    const data = Float32Array.from({ length: count * components }, hot);
    this.labels = components > 0 ? { components, data } : null;
  }

  async next(level: number, minibatch: number): Promise<Uint8Array> {
    return (await this.nextBatch(level, minibatch)).images;
  }

  async nextBatch(level: number, minibatch: number): Promise<LabelledImages> {
    const factor = 2 ** (Math.floor(Math.log2(this.resolution)) - level);
    const [width, height] = [this.width / factor, this.height / factor];
    const images = new Uint8Array(minibatch * this.channels * width * height);
    const labels: number[] = [];
    let at = 0;
    for (let n = 0; n < minibatch; n++) {
      const image = this.#cursor++ % count;
      if (this.labels) {
        const { components, data } = this.labels;
        labels.push(...data.subarray(image * components, (image + 1) * components));
      }
      for (let c = 0; c < this.channels; c++) {
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const [u, v] = [(x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5];
            const radius = 0.2 + (0.2 * (image % 8)) / 8;
            const inside = Math.exp(-(u * u + v * v) / radius ** 2);
            images[at++] = Math.round(255 * inside * (0.3 + 0.2 * ((image + c) % 4) + 0.0015 * image));
          }
        }
      }
    }
    return { images, labels: this.labels ? Float32Array.from(labels) : null };
  }

  state(): unknown {
    return { cursor: this.#cursor };
  }

  restore(state: unknown): void {
    this.#cursor = (state as { cursor: number }).cursor;
  }
}
