import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RandomError, RandomState, type RandomStateSnapshot } from '../src/index.js';

interface Golden {
  first_uint32: number[];
  random_sample: number[];
  shuffle: Record<string, { first: number[]; last: number[]; sha256_int32le: string }>;
  randint_60000_size3: number[][];
  randn: number[];
  randn_3x512_float32: { sum: number; first: number[]; last: number[] };
}

const golden = JSON.parse(
  readFileSync(new URL('fixtures/numpy_randomstate.json', import.meta.url), 'utf8'),
) as { seeds: Record<string, Golden> };

const sha256 = (data: Int32Array) =>
  createHash('sha256')
    .update(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');

describe.each(Object.entries(golden.seeds))('numpy.random.RandomState(%s)', (seed, expected) => {
  const fresh = () => new RandomState(Number(seed));

  it('draws the same 32-bit words', () => {
    const random = fresh();
    expect(expected.first_uint32.map(() => random.uint32())).toEqual(expected.first_uint32);
  });

  it('draws the same uniforms', () => {
    expect([...fresh().uniforms(expected.random_sample.length)]).toEqual(expected.random_sample);
  });

  it.each(Object.entries(expected.shuffle))('shuffles %s items the same', (count, order) => {
    const permutation = fresh().permutation(Number(count));
    expect([...permutation.slice(0, order.first.length)]).toEqual(order.first);
    expect([...permutation.slice(-order.last.length)]).toEqual(order.last);
    expect(sha256(permutation)).toBe(order.sha256_int32le);
  });

  it('draws the same integers below 60000', () => {
    const random = fresh();
    const rows = expected.randint_60000_size3.map((row) => row.map(() => random.randint(60000)));
    expect(rows).toEqual(expected.randint_60000_size3);
  });

  it('draws the same normals within 1e-12', () => {
    const random = fresh();
    for (const value of expected.randn) expect(Math.abs(random.normal() - value)).toBeLessThan(1e-12);
  });

  it('draws the same latents as float32', () => {
    const normals = fresh().normals(3 * 512);
    const { first, last, sum } = expected.randn_3x512_float32;
    first.forEach((value, i) => expect(normals[i]).toBeCloseTo(value, 6));
    last.forEach((value, i) => expect(normals[3 * 512 - last.length + i]).toBeCloseTo(value, 6));
    expect(normals.reduce((a, b) => a + b, 0)).toBeCloseTo(sum, 3);
  });
});

describe('a saved stream', () => {
  it('continues exactly through JSON, with a waiting normal', () => {
    const random = new RandomState(7);
    random.uniforms(1000);
    random.normal();
    const copy = RandomState.fromState(JSON.parse(JSON.stringify(random.state())) as RandomStateSnapshot);
    const next = (r: RandomState) => [r.normal(), r.normal(), r.uint32(), r.randint(10), ...r.permutation(9)];
    expect(next(copy)).toEqual(next(random));
  });

  it('is not moved by the stream it was taken from', () => {
    const random = new RandomState(7);
    const saved = random.state();
    const words = [random.uint32(), random.uint32()];
    const copy = RandomState.fromState(saved);
    expect([copy.uint32(), copy.uint32()]).toEqual(words);
  });

  it.each([
    ['another algorithm', { algorithm: 'PCG64' }],
    ['a short key', { key: 'AAAA' }],
    ['a position outside the key', { position: 625 }],
    ['no waiting normal', { gauss: null }],
  ])('with %s is refused', (_, change) => {
    const broken = { ...new RandomState(1).state(), ...change } as RandomStateSnapshot;
    expect(() => RandomState.fromState(broken)).toThrow(RandomError);
  });
});

describe('arguments', () => {
  it.each([-1, 1.5, 2 ** 32, Number.NaN])('refuses seed %s', (seed) => {
    expect(() => new RandomState(seed)).toThrow(/seed: expected an integer/);
  });

  it.each([0, -3, 2.5, 2 ** 32 + 1])('refuses randint(%s)', (high) => {
    expect(() => new RandomState(1).randint(high)).toThrow(/randint: expected high/);
  });

  it('takes one word for the whole 32-bit range and none for a range of one', () => {
    const random = new RandomState(123);
    expect(random.randint(1)).toBe(0);
    expect(random.randint(2 ** 32)).toBe(2991312382);
  });
});
