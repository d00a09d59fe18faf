import { expect, it } from 'vitest';
import { readAhead } from '../../src/pipeline/read-ahead.js';

it('keeps the order, and never more than `depth` reads on their way', async () => {
  const [open, most, got] = [new Set<number>(), [] as number[], [] as (readonly [string, number])[]];
  const read = async (_: string, index: number) => {
    open.add(index);
    most.push(open.size);
    await new Promise((resolve) => setTimeout(resolve, (7 - index) % 3));
    open.delete(index);
    return index * 10;
  };
  for await (const pair of readAhead('abcdefg', 3, read)) got.push(pair);
  expect(got).toEqual([...'abcdefg'].map((item, i) => [item, i * 10]));
  expect(Math.max(...most)).toBe(3);
});

it('throws an error when its turn comes, and waits for what was begun', async () => {
  const ended: number[] = [];
  const read = async (_: string, index: number) => {
    await new Promise((resolve) => setTimeout(resolve, 5 * index));
    ended.push(index);
    if (index === 1) throw new Error('no. 1');
    return index;
  };
  const got: number[] = [];
  await expect(async () => {
    for await (const [, result] of readAhead('abcd', 3, read)) got.push(result);
  }).rejects.toThrow('no. 1');
  expect([got, ended.sort()]).toEqual([[0], [0, 1, 2, 3]]);
});

it('has nothing to say of no items', async () => {
  for await (const pair of readAhead([], 4, async () => 1)) expect(pair).toBeUndefined();
});
