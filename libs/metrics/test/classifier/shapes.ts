/** Images of four classes that a network learns in a second: a bar across, a bar down, a disc, a ring. */
import { RandomState } from '@pggan/random';
import type { LabelledImages } from '../../src/classifier/index.js';

export const shapeClasses = 4;
const side = 16;

/** Whether a pixel so far right and down of the middle is inside. */
const inside: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => Math.abs(y) < 1.5 && Math.abs(x) < 6,
  (x, y) => Math.abs(x) < 1.5 && Math.abs(y) < 6,
  (x, y) => Math.hypot(x, y) < 4.5,
  (x, y) => Math.abs(Math.hypot(x, y) - 4.5) < 1,
];

/** 16x16, a little off the middle, on noise; classes in turn. */
export function drawShapes(count: number, seed: number): LabelledImages {
  const random = new RandomState(seed);
  const data = new Uint8Array(count * side * side);
  const classes = Uint8Array.from({ length: count }, (_, i) => i % shapeClasses);
  classes.forEach((value, i) => {
    const [left, top] = [6.5 + 2 * random.uniform(), 6.5 + 2 * random.uniform()];
    for (let at = 0; at < side * side; at++) {
      const shape = inside[value]!((at % side) - left, Math.floor(at / side) - top);
      data[i * side * side + at] = (shape ? 180 : 0) + random.randint(60);
    }
  });
  return { data, width: side, height: side, classes, classCount: shapeClasses };
}
