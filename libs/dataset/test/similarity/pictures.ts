/** Pictures for tests of similarity: smooth random shapes, so that they have something at low frequencies. */
import { RandomState } from '@pggan/random';

/** uint8 CHW: a few random waves a channel. */
export function wavePicture(seed: number, channels: number, width: number, height: number): Uint8Array {
  const random = new RandomState(seed);
  const image = new Uint8Array(channels * width * height);
  for (let c = 0; c < channels; c++) {
    const waves = Array.from({ length: 8 }, () => ({
      x: (random.uniform() * 2 - 1) * 14,
      y: (random.uniform() * 2 - 1) * 14,
      phase: random.uniform() * 6.3,
      height: 8 + random.uniform() * 14,
    }));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let value = 128;
        for (const wave of waves)
          value += wave.height * Math.cos((wave.x * x) / width + (wave.y * y) / height + wave.phase);
        image[(c * height + y) * width + x] = Math.min(255, Math.max(0, Math.round(value)));
      }
    }
  }
  return image;
}

/** Left to right. */
export function mirrorOf(image: Uint8Array, width: number): Uint8Array {
  return image.map((_, i) => image[i - (i % width) + width - 1 - (i % width)]!);
}
