import { expect, it } from 'vitest';
import { laplacianPyramid, levelSizes, MetricsError } from '../../src/index.js';
import { goldenJson, goldenNpy, imageSet, lcg } from '../golden.js';
import { laplacian, planesOf } from './reference.js';

interface Level {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly abs_sum: number;
  readonly sq_sum: number;
  readonly selected: readonly { readonly index: readonly number[]; readonly value: number }[];
}
const golden = goldenJson<Record<string, { readonly levels: readonly Level[] }>>('laplacian.json');

it.each(Object.keys(golden))('levels of %s are those of the official pyramid', (name) => {
  const levels = laplacianPyramid(imageSet(name));
  expect(levels).toHaveLength(golden[name]!.levels.length);
  for (const [i, { shape, sum, abs_sum, sq_sum, selected }] of golden[name]!.levels.entries()) {
    const values = levels[i]!;
    let [total, absolute, squares] = [0, 0, 0];
    for (const value of values) {
      total += value;
      absolute += Math.abs(value);
      squares += value * value;
    }
    // Tolerances of the golden collection.
    expect(Math.abs(total - sum)).toBeLessThan(1e-6 * abs_sum);
    expect(Math.abs(absolute / abs_sum - 1)).toBeLessThan(1e-6);
    expect(Math.abs(squares / sq_sum - 1)).toBeLessThan(1e-6);
    for (const { index, value } of selected) {
      const at = index.reduce((place, n, axis) => place * shape[axis]! + n, 0);
      expect(Math.abs(values[at]! - value)).toBeLessThan(1e-4);
    }
  }
});

it('whole levels of a photograph agree with the official ones', () => {
  const levels = laplacianPyramid(imageSet('P32'));
  for (const level of [0, 1]) {
    const { data } = goldenNpy(`laplacian_P32_0_level${level}.npy`);
    const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - levels[level]![i]!)), 0);
    expect(worst).toBeLessThan(1e-4);
  }
});

it.each([
  [3, 36, 52],
  [1, 64, 16],
  [1, 32, 96],
] as const)('agrees with the slow twin on %i channels of %ix%i', (channels, width, height) => {
  const data = Uint8Array.from({ length: 2 * channels * width * height }, lcg(5).byte);
  const levels = laplacianPyramid({ data, channels, width, height });
  const count = levelSizes({ width, height }).length;
  const expected = planesOf(data, width, height).map((plane) => laplacian(plane, count));
  for (const [i, level] of levels.entries()) {
    const slow = expected.flatMap((levels) => levels[i]!.flat());
    expect(level).toHaveLength(slow.length);
    const worst = slow.reduce((most, value, at) => Math.max(most, Math.abs(value - level[at]!)), 0);
    expect(worst).toBeLessThan(1e-4);
  }
});

it('levels end where a side would be below 16 or no whole number', () => {
  const sides = (width: number, height: number) =>
    levelSizes({ width, height }).map((size) => `${size.width}x${size.height}`);
  expect(sides(128, 128)).toEqual(['128x128', '64x64', '32x32', '16x16']);
  expect(sides(128, 96)).toEqual(['128x96', '64x48', '32x24']);
  expect(sides(28, 28)).toEqual(['28x28']);
  expect(() => sides(8, 8)).toThrow(MetricsError);
  expect(() => sides(8, 8)).toThrow('expected images of at least 16x16, got 8x8');
});
