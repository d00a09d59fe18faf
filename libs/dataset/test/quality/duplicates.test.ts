import { expect, it } from 'vitest';
import { nearestDistances } from '../../src/quality/duplicates.js';

it('tells how near the nearest other picture is', () => {
  expect(nearestDistances([0b1111n, 0n, 0b1110n, 0xffff0000n], 4)).toEqual([1, 3, 1, null]);
  expect(nearestDistances([7n, 7n, 5n], 0)).toEqual([0, 0, null]);
  expect(nearestDistances([], 3)).toEqual([]);
  expect(() => nearestDistances([1n], 40)).toThrow(/0 to 32/);
});
