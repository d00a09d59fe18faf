import { describe, expect, it } from 'vitest';
import { bestFirst } from '../../src/quality/best-first.js';

const score = (weight: number, ...values: number[]) => ({ weight, values: Float64Array.from(values) });

describe('the best first', () => {
  it('by a score, and where less is better', () => {
    expect(bestFirst([score(1, -20, -18, -25, -19)], 4)).toEqual([1, 3, 0, 2]);
    expect(bestFirst([score(-2, -20, -18, -25, -19)], 4)).toEqual([2, 0, 3, 1]);
  });

  it('by the weighted sum of the ranks of several', () => {
    // Ranks of the first: 1/3, 1, 0, 2/3; of the second: 1/2, 0, 1, and 1/2 for the one without. Twice the second:
    // 4/3, 1, 2, 5/3.
    expect(bestFirst([score(1, -20, -18, -25, -19), score(2, 100, 30, 400, NaN)], 4)).toEqual([2, 3, 0, 1]);
  });

  it('equal values share the middle of their places', () => {
    // Of 7, 7, 7, 9: ranks 1/3, 1/3, 1/3, 1. Less 0.9 of the ranks 0, 1/3, 2/3, 1 of the others: 0.33, 0.03, -0.27, 0.1.
    expect(bestFirst([score(1, 7, 7, 7, 9), score(-0.9, 1, 2, 3, 4)], 4)).toEqual([0, 3, 1, 2]);
  });

  it('one value far off counts no more than the largest does', () => {
    expect(bestFirst([score(1, 1e9, 0, 1), score(1.5, 0, 1, 2)], 3)).toEqual([2, 0, 1]);
  });

  it('of equal ones in the order that they came in, also where nothing is known', () => {
    expect(bestFirst([score(1, 5, 6, 5, 6)], 4)).toEqual([1, 3, 0, 2]);
    expect(bestFirst([score(1, NaN, NaN, NaN)], 3)).toEqual([0, 1, 2]);
    expect(bestFirst([score(1, NaN, 3)], 2)).toEqual([0, 1]);
    expect(bestFirst([], 2)).toEqual([0, 1]);
    expect(bestFirst([score(1)], 0)).toEqual([]);
  });
});
