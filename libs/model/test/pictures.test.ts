import { expect, it } from 'vitest';
import { assembleGrid, toChannelsLast } from '../src/index.js';
import { valuesToBytes } from '../src/image-grid.js';

it('grids go row by row, and cells without an image stay black', () => {
  // Three gray 2x2 images of one value each.
  const data = Uint8Array.from([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
  const grid = assembleGrid({ data, count: 3, width: 2, height: 2, channels: 1 }, { columns: 2, rows: 2 });
  expect(grid).toMatchObject({ width: 4, height: 4, channels: 1 });
  expect(Array.from(grid.data)).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 0, 0, 3, 3, 0, 0]);
});

it('more images than cells are left out', () => {
  const data = Uint8Array.from([1, 2, 3, 4, 5, 6]);
  const grid = assembleGrid({ data, count: 2, width: 1, height: 1, channels: 3 }, { columns: 1, rows: 1 });
  expect(Array.from(grid.data)).toEqual([1, 2, 3]);
});

it('planes become interleaved pixels', () => {
  const planes = Uint8Array.from([1, 2, 3, 4, 10, 20, 30, 40, 100, 101, 102, 103]);
  const shape = { width: 4, height: 1 };
  expect(toChannelsLast(planes, 3, shape)).toMatchObject({ count: 1, ...shape, channels: 3 });
  expect(Array.from(toChannelsLast(planes, 3, shape).data)).toEqual([
    1, 10, 100, 2, 20, 101, 3, 30, 102, 4, 40, 103,
  ]);
});

it('grids of images that are not square keep their shape', () => {
  const data = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const grid = assembleGrid({ data, count: 2, width: 2, height: 3, channels: 1 }, { columns: 2, rows: 1 });
  expect(grid).toMatchObject({ width: 4, height: 3 });
  expect(Array.from(grid.data)).toEqual([1, 2, 7, 8, 3, 4, 9, 10, 5, 6, 11, 12]);
});

it('values become bytes: halves to even, saturated, not a number black', () => {
  const exact = (byte: number) => (byte - 127.5) / 127.5;
  expect(Array.from(valuesToBytes([-1, 1, 0, -3, 3, exact(7), 1 / 127.5, NaN]))).toEqual([
    0, 255, 128, 0, 255, 7, 128, 0,
  ]);
});
