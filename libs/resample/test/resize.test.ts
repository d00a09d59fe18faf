import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filterAxis, PlaneResizer, resizers, type Resizer } from '../src/index.js';

interface Case {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly resizer: Resizer;
  readonly levels: readonly number[];
}

/** By Pillow 13.0 and TensorFlow 2.21: tools/fixtures/make-resample.py. */
const cases = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures', 'resized.json'), 'utf8'),
) as readonly Case[];

const plane = (width: number, height: number) =>
  Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return 7 * x * x + 13 * y + 3 * x * y;
  });

describe('planes are those of the other program', () => {
  it.each(cases)('$resizer from $from to $to', ({ from, to, resizer, levels }) => {
    const [width, height] = from;
    const size = { width: to[0], height: to[1] };
    const resized = new PlaneResizer(resizer, { width, height }, size).resize(plane(width, height));
    expect(resized).toHaveLength(levels.length);
    // Lanczos is rounded to whole levels on both sides. TensorFlow has places of samples in float32: 29 * 2^-24 * 255.
    const tolerance = { lanczos: 0, 'bicubic-antialias': 1e-4, bilinear: 4.4e-4, 'bilinear-tf1': 4.4e-4 }[
      resizer
    ];
    for (const [i, level] of levels.entries())
      expect(Math.abs(resized[i]! - level)).toBeLessThanOrEqual(tolerance);
  });
});

it.each(resizers)('%s leaves a picture of the wanted size, and even areas, as they are', (resizer) => {
  const size = { width: 9, height: 7 };
  const levels = plane(9, 7);
  const same = new PlaneResizer(resizer, size, size).resize(levels);
  levels.forEach((level, i) => expect(same[i]).toBeCloseTo(level, 4));
  const even = new PlaneResizer(resizer, size, { width: 4, height: 20 }).resize(new Uint8Array(63).fill(77));
  for (const level of even) expect(level).toBeCloseTo(77, 4);
});

it('weights of some outputs are those of all', () => {
  const all = filterAxis('lanczos', 40, 13);
  const some = filterAxis('lanczos', 40, 13, 4, 9);
  expect(some.weights).toEqual(all.weights.subarray(4 * all.taps, 9 * all.taps));
  expect(some.start).toEqual(all.start.subarray(4, 9));
});
