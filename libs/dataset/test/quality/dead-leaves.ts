/** A picture with what photographs have: edges at all scales, even areas, a falling spectrum. */
import { RandomState } from '@pggan/random';
import { rgbImage, type RgbImage } from '../../src/faces/image.js';

/** Discs of all sizes that cover each other, each of one colour, with soft edges of one pixel. */
export function deadLeaves(side: number, seed: number): RgbImage {
  const random = new RandomState(seed);
  const image = rgbImage(side, side, new Uint8Array(side * side * 3).fill(128));
  for (let disc = 0; disc < 400; disc++) {
    // Radii with density 1/r³ look alike at every scale.
    const radius = Math.min(side / 3, side / 64 / Math.sqrt(1 - random.uniform()));
    const [x, y] = [random.uniform() * side, random.uniform() * side];
    const grey = 40 + 175 * random.uniform();
    const colour = [0, 1, 2].map(() => grey + 20 * (random.uniform() - 0.5));
    for (let row = Math.max(0, Math.floor(y - radius)); row < Math.min(side, y + radius + 1); row++) {
      for (
        let column = Math.max(0, Math.floor(x - radius));
        column < Math.min(side, x + radius + 1);
        column++
      ) {
        const share = Math.max(0, Math.min(1, radius + 0.5 - Math.hypot(column - x, row - y)));
        const at = (row * side + column) * 3;
        for (let channel = 0; channel < 3; channel++)
          image.data[at + channel] = Math.round(
            image.data[at + channel]! + share * (colour[channel]! - image.data[at + channel]!),
          );
      }
    }
  }
  return image;
}

/** Grey, from a function of the pixel. */
export function painted(width: number, height: number, grey: (x: number, y: number) => number): RgbImage {
  const image = rgbImage(width, height);
  for (let i = 0; i < width * height; i++)
    image.data.fill(Math.round(grey(i % width, Math.floor(i / width))), 3 * i, 3 * i + 3);
  return image;
}
