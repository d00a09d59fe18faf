import { expect, it } from 'vitest';
import { msSsim } from '../src/index.js';
import { meanWithInterval } from '../src/interval.js';
import { batches, imageSet } from './golden.js';

it('a mean, the unbiased deviation, and 1.96 standard errors to both sides', () => {
  const { mean, deviation, interval } = meanWithInterval([1, 2, 3, 4, 5]);
  expect(mean).toBe(3);
  expect(deviation).toBeCloseTo(Math.sqrt(2.5), 12);
  // 1.959964 * sqrt(2.5 / 5)
  expect(interval[0]).toBeCloseTo(3 - 1.3859, 5);
  expect(interval[1]).toBeCloseTo(3 + 1.3859, 5);
});

it('equal values leave nothing open; one value leaves everything', () => {
  expect(meanWithInterval([7, 7, 7])).toEqual({ mean: 7, deviation: 0, interval: [7, 7] });
  expect(meanWithInterval([7])).toEqual({ mean: 7, deviation: NaN, interval: [NaN, NaN] });
});

it('the interval of MS-SSIM is of its pairs', async () => {
  const { pairs, mean, deviation, interval } = await msSsim(batches(imageSet('P16'), 4), { workers: 0 });
  const average = pairs.reduce((sum, score) => sum + score, 0) / pairs.length;
  const squares = pairs.reduce((sum, score) => sum + (score - average) ** 2, 0);
  expect(pairs.length).toBeGreaterThan(3);
  expect(mean).toBeCloseTo(average, 12);
  expect(deviation).toBeCloseTo(Math.sqrt(squares / (pairs.length - 1)), 12);
  const reach = 1.959964 * Math.sqrt(squares / (pairs.length - 1) / pairs.length);
  expect(reach).toBeGreaterThan(1e-3);
  expect(interval[0]).toBeCloseTo(average - reach, 9);
  expect(interval[1]).toBeCloseTo(average + reach, 9);
});
