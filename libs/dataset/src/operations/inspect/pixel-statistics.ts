/** Statistics of pixel values, exact: everything follows from how often each of the 256 values occurs. */

export interface ChannelStatistics {
  readonly channel: 'gray' | 'red' | 'green' | 'blue';
  readonly mean: number; // 0…255
  readonly sd: number; // of all pixels of all images
  readonly min: number;
  readonly max: number;
  readonly black: number; // share of pixels that are 0
  readonly white: number; // share of pixels that are 255
  readonly histogram: readonly number[]; // pixels with values 0…15, 16…31, …, 240…255
}

const channelNames = { 1: ['gray'], 3: ['red', 'green', 'blue'] } as const;

export class PixelCounter {
  readonly #counts: Float64Array[];

  constructor(private readonly channels: 1 | 3) {
    this.#counts = Array.from({ length: channels }, () => new Float64Array(256));
  }

  /** `image`: uint8 CHW. */
  add(image: Uint8Array): void {
    const plane = image.length / this.channels;
    for (let c = 0; c < this.channels; c++) {
      const counts = this.#counts[c]!;
      for (let i = c * plane, end = i + plane; i < end; i++) counts[image[i]!]!++;
    }
  }

  result(): ChannelStatistics[] {
    return this.#counts.map((counts, c) => {
      const total = counts.reduce((a, b) => a + b, 0);
      const mean = counts.reduce((sum, count, value) => sum + count * value, 0) / total;
      const square = counts.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0);
      return {
        channel: channelNames[this.channels][c]!,
        mean,
        sd: Math.sqrt(square / total),
        min: counts.findIndex((count) => count > 0),
        max: counts.findLastIndex((count) => count > 0),
        black: counts[0]! / total,
        white: counts[255]! / total,
        histogram: Array.from({ length: 16 }, (_, bin) =>
          counts.subarray(bin * 16, (bin + 1) * 16).reduce((a, b) => a + b, 0),
        ),
      };
    });
  }
}
