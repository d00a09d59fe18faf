/** Similarities of five scales once more, slow and obvious: tests compare the fast ones with them. */
import type { ImageBatch } from '../../src/index.js';
import type { ScaleSimilarity } from '../../src/ssim/score.js';
import { planesOf } from '../swd/reference.js';

type Plane = readonly (readonly number[])[];

function windowMeans(size: number) {
  const sigma = (1.5 * size) / 11;
  const weight = (i: number) => Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma * sigma));
  let total = 0;
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) total += weight(x) * weight(y);
  return (value: (y: number, x: number) => number) => {
    let sum = 0;
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) sum += (weight(x) * weight(y) * value(y, x)) / total;
    return sum;
  };
}

function oneScale(a: readonly Plane[], b: readonly Plane[]): ScaleSimilarity {
  const [height, width] = [a[0]!.length, a[0]![0]!.length];
  const size = Math.min(11, width, height);
  const mean = windowMeans(size);
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  let [similarity, structure, places] = [0, 0, 0];
  a.forEach((plane, channel) => {
    for (let top = 0; top + size <= height; top++)
      for (let left = 0; left + size <= width; left++) {
        const p = (y: number, x: number) => plane[top + y]![left + x]!;
        const q = (y: number, x: number) => b[channel]![top + y]![left + x]!;
        const [mp, mq] = [mean(p), mean(q)];
        const pp = mean((y, x) => p(y, x) ** 2) - mp * mp;
        const qq = mean((y, x) => q(y, x) ** 2) - mq * mq;
        const pq = mean((y, x) => p(y, x) * q(y, x)) - mp * mq;
        const cs = (2 * pq + c2) / (pp + qq + c2);
        structure += cs;
        similarity += (cs * (2 * mp * mq + c1)) / (mp * mp + mq * mq + c1);
        places++;
      }
  });
  return { similarity: similarity / places, structure: structure / places };
}

const halved = (plane: Plane): Plane =>
  plane
    .filter((_, y) => y % 2 === 0)
    .map((row, y) =>
      row
        .filter((_, x) => x % 2 === 0)
        .map((_, x) => {
          const [above, below] = [plane[2 * y]!, plane[2 * y + 1]!];
          return (above[2 * x]! + above[2 * x + 1]! + below[2 * x]! + below[2 * x + 1]!) / 4;
        }),
    );

/** Of a batch of one image each. */
export function slowScales(a: ImageBatch, b: ImageBatch): ScaleSimilarity[] {
  let [left, right] = [a, b].map(({ data, width, height }) => planesOf(data, width, height));
  return Array.from({ length: 5 }, (_, scale) => {
    const found = oneScale(left!, right!);
    if (scale < 4) [left, right] = [left!.map(halved), right!.map(halved)];
    return found;
  });
}
