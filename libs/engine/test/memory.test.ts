import { expect, it } from 'vitest';
import {
  freeMachineMemory,
  isOutOfMemory,
  peakResidentBytes,
  residentBytes,
  restartPeak,
} from '../src/index.js';

const size = 256 * 2 ** 20;

it('the peak sees what was held for a moment only', () => {
  restartPeak();
  const before = peakResidentBytes();
  let held: Buffer | undefined = Buffer.alloc(size, 1);
  expect(residentBytes()).toBeGreaterThan(held.length);
  held = undefined;
  expect(peakResidentBytes()).toBeGreaterThanOrEqual(before + 0.9 * size);
  restartPeak();
  expect(peakResidentBytes()).toBeGreaterThanOrEqual(0.5 * residentBytes());
});

it('what is free includes what is held already', () => {
  expect(freeMachineMemory()).toMatchObject({ gpu: false });
  expect(freeMachineMemory().bytes).toBeGreaterThan(residentBytes());
});

it.each([
  ['OOM when allocating tensor with shape[512,512] and type float on /job:localhost', true],
  ['RangeError: Array buffer allocation failed', true],
  ['RuntimeError: memory access out of bounds', true],
  ['the shapes do not match', false],
])('"%s" is out of memory: %s', (message, expected) => {
  expect(isOutOfMemory(new Error(message))).toBe(expected);
});
