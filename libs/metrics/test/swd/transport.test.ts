import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { kernelExports, workspace } from '../../src/kernels/instance.js';

function slow(a: Float32Array, b: Float32Array): number {
  const [left, right] = [a, b].map((values) => Float64Array.from(values).sort());
  return left!.reduce((sum, value, i) => sum + Math.abs(value - right![i]!), 0) / a.length;
}

function bySorting(a: Float32Array, b: Float32Array): number {
  const bytes = a.byteLength;
  const { kernels, floats, at } = workspace(bytes, bytes, bytes, kernelExports().sortScratch());
  const [left, right, spare, scratch] = at;
  floats.set(a, left / 4);
  floats.set(b, right / 4);
  for (const values of [left, right]) kernels.sortFloats(values, a.length, spare, scratch);
  return kernels.rankDistance(left, right, a.length) / a.length;
}

/** In two parts, as tasks take them in. */
function byTables(a: Float32Array, b: Float32Array, octaves = 20): number {
  const size = kernelExports().tableBytes(octaves);
  const { kernels, bytes, floats, at } = workspace(a.byteLength, size, size);
  const [values, ...tables] = at;
  const half = a.length >> 1;
  for (const [side, all] of [a, b].entries()) {
    bytes.fill(0, tables[side], tables[side]! + size);
    for (const part of [all.subarray(0, half), all.subarray(half)]) {
      floats.set(part, values / 4);
      kernels.enterTable(values, part.length, tables[side]!, octaves);
    }
  }
  return kernels.tableDistance(tables[0], tables[1], octaves) / a.length;
}

type Draw = (random: RandomState, i: number) => number;
const normal: Draw = (random) => random.normal();
const sine: Draw = (random) => Math.sin(40 * random.normal());
const uniform: Draw = (random) => random.uniform() * 2 - 1;
/** A share of equal values among others, as flat patches of two sets are: a little apart. */
const withPeak =
  (peak: number): Draw =>
  (random, i) =>
    i % 7 === 0 ? peak : random.normal();

function drawn(rows: number, draws: readonly [Draw, Draw], seed = 11): readonly [Float32Array, Float32Array] {
  const random = new RandomState(seed);
  const [a, b] = draws.map((draw) => Float32Array.from({ length: rows }, (_, i) => draw(random, i)));
  return [a!, b!];
}

describe('by sorting', () => {
  const samples: Record<string, readonly [Draw, Draw]> = {
    'two draws of one distribution': [normal, normal],
    'far apart': [normal, (random) => random.normal() + 50],
    'subnormal and signed zeros': [
      (random, i) => (i % 3 === 0 ? -0 : random.normal() * 1e-41),
      (random, i) => (i % 2 === 0 ? 0 : random.normal() * 1e-40),
    ],
    'magnitudes of all sizes': [
      (random) => random.normal() * 2 ** (random.randint(60) - 30),
      (random) => random.normal() * 2 ** (random.randint(50) - 25),
    ],
  };
  it.each([1, 2, 37, 10_001])('%i values: exactly what it should be', (rows) => {
    for (const [name, draws] of Object.entries(samples)) {
      const [a, b] = drawn(rows, draws);
      const expected = slow(a, b);
      expect(Math.abs(bySorting(a, b) - expected), name).toBeLessThanOrEqual(1e-9 * expected + 1e-50);
    }
  });
});

describe('by tables', () => {
  // Bounds are of the mean over ranks; deviations of the values are about 1, and samples this large are 5e-3 apart by chance.
  const samples: Record<string, readonly [a: Draw, b: Draw, tolerance: number]> = {
    'two draws of one distribution': [normal, normal, 2e-6],
    'a little shifted and wider': [normal, (random) => 1.001 * random.normal() + 0.002, 2e-6],
    'shifted and wider': [normal, (random) => 1.1 * random.normal() + 0.3, 1e-7],
    'crossing many times': [sine, uniform, 2e-6],
    'equal values, the width of a bucket apart': [withPeak(0.3), withPeak(0.3005), 2e-6],
    'equal values within a bucket': [withPeak(0.30003), withPeak(0.30022), 4e-6],
    'equal values against nearly equal ones': [
      withPeak(-0.7),
      (random, i) => (i % 7 === 0 ? -0.7003 + 1e-4 * random.normal() : random.normal()),
      2e-5,
    ],
    'nothing but equal values': [() => 1.5, () => -2.25, 0],
    'equal values and zeros of both signs': [(_, i) => (i % 2 === 0 ? -0 : 0), () => 0.125, 0],
    'long tails': [
      (random) => random.normal() * 2 ** random.randint(16),
      (random) => random.normal() * 2 ** random.randint(15),
      1e-3, // of about 4000
    ],
  };
  it.each(Object.entries(samples))('%s: what sorting gives', (name, [a, b, tolerance]) => {
    for (const rows of [65_537, 300_000]) {
      const [left, right] = drawn(rows, [a, b]);
      const expected = bySorting(left, right);
      expect(Math.abs(byTables(left, right) - expected), `${name}, ${rows}`).toBeLessThanOrEqual(tolerance);
    }
  });

  it('errors of many pairs of samples cancel', () => {
    const errors = Array.from({ length: 24 }, (_, seed) => {
      const [a, b] = drawn(2 ** 16, [normal, normal], seed);
      return byTables(a, b) / bySorting(a, b) - 1;
    });
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(3e-4);
    expect(Math.abs(mean)).toBeLessThan(5e-5);
  });

  it('the octaves that values do not reach change nothing', () => {
    const [a, b] = drawn(70_000, [normal, sine]);
    expect(byTables(a, b, 4)).toBe(byTables(a, b, 12));
  });

  it('equal samples in another order have distance zero', () => {
    const a = new RandomState(1).normals(2 ** 16);
    const b = a.slice();
    new RandomState(2).shuffle(b);
    expect(byTables(a, b)).toBe(0);
    expect(bySorting(a, b)).toBe(0);
  });
});
