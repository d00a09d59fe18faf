import { RandomState } from '@pggan/random';
import { expect, it } from 'vitest';
import { transport } from '../../src/swd/transport-task.js';

function slow(a: Float32Array, b: Float32Array): number {
  const [left, right] = [a, b].map((values) => Float64Array.from(values).sort());
  return left!.reduce((sum, value, i) => sum + Math.abs(value - right![i]!), 0) / a.length;
}

type Draw = (random: RandomState, i: number) => number;
const normal: Draw = (random) => random.normal();
const samples: Record<string, readonly [Draw, Draw]> = {
  'two draws of one distribution': [normal, normal],
  'shifted and wider': [normal, (random) => 1.1 * random.normal() + 0.3],
  'far apart': [normal, (random) => random.normal() + 50],
  'crossing many times': [(random) => Math.sin(40 * random.normal()), (random) => random.uniform() * 2 - 1],
  'magnitudes beyond all buckets': [
    (random) => random.normal() * 2 ** (random.randint(60) - 30),
    (random) => random.normal() * 2 ** (random.randint(50) - 25),
  ],
  'subnormal and signed zeros': [
    (random, i) => (i % 3 === 0 ? -0 : random.normal() * 1e-41),
    (random, i) => (i % 2 === 0 ? 0 : random.normal() * 1e-40),
  ],
  'many equal values': [
    (random, i) => (i % 4 === 0 ? random.normal() : 0.125),
    (random, i) => (i % 5 === 0 ? random.normal() : -0.5),
  ],
  constants: [() => 1.5, () => -2.25],
};

// Below and above the count from which values go to buckets; odd, so that no vector is whole at the end.
it.each([1, 2, 37, 2 ** 15 - 1, 2 ** 15 + 3, 100_001])('%i values: what sorting gives', (rows) => {
  for (const [name, draws] of Object.entries(samples)) {
    const random = new RandomState(11);
    const [a, b] = draws.map((draw) => Float32Array.from({ length: rows }, (_, i) => draw(random, i)));
    const expected = slow(a!, b!);
    const [found] = transport({ a: a!, b: b!, rows, from: 0, to: 1 });
    expect(Math.abs(found! - expected), name).toBeLessThanOrEqual(1e-9 * expected + 1e-50);
  }
});

it('the narrowest buckets, those of a full evaluation', () => {
  const rows = 2 ** 21;
  const random = new RandomState(12);
  const [a, b] = [0, 0.02].map((shift) =>
    Float32Array.from({ length: rows }, () => (random.uniform() + random.uniform() - 1) * 3 + shift),
  );
  const expected = slow(a!, b!);
  const [found] = transport({ a: a!, b: b!, rows, from: 0, to: 1 });
  expect(Math.abs(found! / expected - 1)).toBeLessThan(1e-9);
});

it('equal samples in another order have distance zero', () => {
  const rows = 2 ** 16;
  const a = new RandomState(1).normals(rows);
  const b = a.slice();
  new RandomState(2).shuffle(b);
  expect(transport({ a, b, rows, from: 0, to: 1 })).toEqual(Float64Array.of(0));
});
