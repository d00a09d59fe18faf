import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { laplacianPyramid, normalisedDescriptors, type LevelDescriptors } from '../../src/index.js';
import { describe as describeTask } from '../../src/swd/describe-task.js';
import { giveDistances, type ArithmeticKind } from '../../src/swd/distance.js';
import {
  drawDirections,
  foldChannels,
  someDirections,
  unitDirections,
  type Directions,
} from '../../src/swd/directions.js';
import { workspace } from '../../src/kernels/instance.js';
import { levelSizes } from '../../src/swd/level-sizes.js';
import { mergeMoments } from '../../src/swd/moments.js';
import { withPool } from '../../src/work/pool.js';
import { goldenJson, goldenNpy, imageSet, irwinHall, lcg, positions } from '../golden.js';
import { normalised, rowsOf, slicedDistances } from './reference.js';

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const worstOf = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most: number, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

/** Moments are measured by the kernel, in parts. */
function levelOf(parts: readonly Float32Array[], channels: number): LevelDescriptors {
  const moments = Array.from({ length: channels }, (_, channel) =>
    parts
      .map((part) => {
        const { kernels, floats, doubles, at } = workspace(part.byteLength, 32);
        floats.set(part, at[0] / 4);
        const rows = part.length / (49 * channels);
        kernels.moments(at[0] + channel * 49 * 4, rows, channels * 49 * 4, at[1]);
        const [sum, squares, least, greatest] = doubles.slice(at[1] / 8, at[1] / 8 + 4);
        return {
          count: rows * 49,
          sum: sum!,
          squares: squares!,
          least: least!,
          greatest: greatest!,
        };
      })
      .reduce(mergeMoments),
  );
  return { width: 16, height: 16, blocks: parts, moments };
}

/** As if already normalised: mean 0, deviation 1. */
function asTheyAre(values: Float32Array, channels: number): LevelDescriptors {
  const moments = { count: 1, sum: 0, squares: 1, least: -1, greatest: 1 };
  return { width: 16, height: 16, blocks: [values], moments: Array(channels).fill(moments) };
}

function distances(
  a: LevelDescriptors,
  b: LevelDescriptors,
  directions: Directions,
  kind: ArithmeticKind = 'float32',
  workers = 0,
) {
  return withPool({ workers }, async (pool) => {
    const found = await giveDistances(pool, a, b, directions, kind);
    await pool.finish();
    return found;
  });
}

describe('against the official functions', () => {
  it('distances of given arrays on given directions', async () => {
    const golden = goldenJson<{ per_repeat: number[] }>('swd_fixed.json');
    const [a, b] = ['swd_A.npy', 'swd_B.npy'].map((file) => asTheyAre(goldenNpy(file).data, 3));
    const raw = irwinHall(1010, 2 * 147 * 64);
    for (const [repeat, expected] of golden.per_repeat.entries()) {
      const part = raw.subarray(repeat * 147 * 64, (repeat + 1) * 147 * 64);
      const found = mean(await distances(a!, b!, unitDirections(part, 147, 64)));
      expect(Math.abs(found - expected)).toBeLessThan(1e-6);
    }
  });

  const { end_to_end_fixed: fixed } = goldenJson<{
    end_to_end_fixed: Record<
      string,
      {
        levels: readonly {
          resolution: number;
          positions: Record<'a_x' | 'a_y' | 'b_x' | 'b_y' | 'count' | 'size' | 'half', number>;
          directions_seed: number;
          raw_descriptors: readonly { sum: number; abs_sum: number; first: readonly number[] }[];
          swd: number;
        }[];
      }
    >;
  }>('swd_fixed.json');

  it.each(Object.keys(fixed))('pyramid, patches, normalisation and distance: %s', async (pair) => {
    const { levels } = fixed[pair]!;
    const sets = pair.split(' vs ').map((name, side) => {
      const places = levels.map(({ positions: { count, size, half, ...seeds } }) => ({
        xs: positions(side === 0 ? seeds.a_x : seeds.b_x, count, size, half),
        ys: positions(side === 0 ? seeds.a_y : seeds.b_y, count, size, half),
      }));
      return describeTask({ ...imageSet(name), places });
    });
    for (const [i, { directions_seed, raw_descriptors, swd }] of levels.entries()) {
      const blocks = sets.map((set) => set[i]!);
      for (const [side, { values }] of blocks.entries()) {
        const { sum, abs_sum, first } = raw_descriptors[side]!;
        expect(Math.abs(values.reduce((a, b) => a + b, 0) - sum)).toBeLessThan(1e-6 * abs_sum);
        expect(worstOf(first, values)).toBeLessThan(1e-4);
      }
      const [a, b] = blocks.map(({ values, moments }) => ({
        width: 16,
        height: 16,
        blocks: [values],
        moments,
      }));
      const directions = unitDirections(irwinHall(directions_seed, 147 * 32), 147, 32);
      // Tolerance of the golden collection, for rounding to 16 bits too: 6.4e-6 at worst of so few descriptors.
      for (const arithmetic of ['float32', 'int16'] as const) {
        const found = mean(await distances(a!, b!, directions, arithmetic));
        expect(Math.abs(found - swd), arithmetic).toBeLessThan(1e-5);
      }
    }
  });

  const finalised = goldenJson<
    Record<
      string,
      {
        seed: number;
        n: number;
        scale: number[];
        bias: number[];
        channel_mean: number[];
        channel_std: number[];
        sum_abs_float64: number;
        first_row: number[];
        last_row: number[];
      }
    >
  >('finalize_descriptors.json');

  it.each([
    ['f0', 1e-5],
    ['f1', 1e-5],
    ['f2', 1e-4],
  ] as const)('normalised descriptors: %s', (name, tolerance) => {
    const golden = finalised[name]!;
    const { byte } = lcg(golden.seed);
    const raw = Float32Array.from({ length: golden.n * 147 }, (_, i) => {
      const channel = Math.floor((i % 147) / 49);
      return ((byte() - 128) * golden.scale[channel]!) / 64 + golden.bias[channel]!;
    });
    const cut = (golden.n / 2) * 147;
    const level = levelOf([raw.subarray(0, cut), raw.subarray(cut)], 3);
    level.moments.forEach(({ count, sum, squares }, channel) => {
      expect(sum / count).toBeCloseTo(golden.channel_mean[channel]!, 9);
      expect(Math.sqrt(squares / count)).toBeCloseTo(golden.channel_std[channel]!, 9);
    });
    const out = normalisedDescriptors(level);
    expect(worstOf(golden.first_row, out)).toBeLessThan(tolerance);
    expect(worstOf(golden.last_row, out.subarray(-golden.last_row.length))).toBeLessThan(tolerance);
    const absolute = out.reduce((total, value) => total + Math.abs(value), 0);
    expect(Math.abs(absolute / golden.sum_abs_float64 - 1)).toBeLessThan(1e-6);
    if (name === 'f0') expect(worstOf(goldenNpy('finalize_f0_out.npy').data, out)).toBeLessThan(tolerance);
  });
});

/** Correlated descriptors with outliers, as pyramid levels have them, and a share of flat patches. */
function descriptors(seed: number, rows: number, channels: number): Float32Array {
  const random = new RandomState(seed);
  const out = new Float32Array(rows * 49 * channels);
  for (let row = 0; row < rows; row++) {
    const contrast = row % 7 === 0 ? 0 : Math.exp(random.normal());
    const level = random.normal() * 10 * contrast;
    for (let i = 0; i < 49 * channels; i++)
      out[row * 49 * channels + i] = level + contrast * random.normal() + Math.floor(i / 49);
  }
  return out;
}

describe('against the slow twin', () => {
  it.each([
    ['float32', 3, 1001, 1e-6],
    ['float32', 1, 16, 1e-6],
    ['float32', 3, 1, 1e-6],
    ['int16', 3, 2050, 1e-4],
    ['int16', 1, 999, 1e-4],
  ] as const)('%s, %i channels, %i descriptors', async (kind, channels, rows, tolerance) => {
    const [a, b] = [1, 2].map((seed) => descriptors(seed, rows, channels));
    const directions = drawDirections(new RandomState(3), 49 * channels, 11);
    const [slowA, slowB] = [a!, b!].map((values) => normalised(rowsOf(values, 49 * channels)));
    const expected = slicedDistances(slowA!, slowB!, directions);
    const half = Math.floor(rows / 2) * 49 * channels;
    const level = (values: Float32Array) =>
      levelOf(half > 0 ? [values.subarray(0, half), values.subarray(half)] : [values], channels);
    const found = await distances(level(a!), level(b!), directions, kind);
    expect(worstOf(expected, found)).toBeLessThan(tolerance);
  });

  it('16-bit arithmetic agrees with float32 where it takes over, flat patches included', async () => {
    const rows = 2 ** 16;
    const [a, b] = [4, 5].map((seed) => levelOf([descriptors(seed, rows, 1)], 1));
    const directions = drawDirections(new RandomState(6), 49, 16);
    const [exact, fast] = [await distances(a!, b!, directions), await distances(a!, b!, directions, 'int16')];
    expect(Math.abs(mean(fast) / mean(exact) - 1)).toBeLessThan(1e-3);
    expect(Math.abs(mean(fast) - mean(exact))).toBeLessThan(1e-5);
  });

  it('gray descriptors on folded directions are colour ones with equal channels', async () => {
    const rows = 64;
    const [a, b] = [7, 8].map((seed) => descriptors(seed, rows, 1));
    const directions = drawDirections(new RandomState(9), 147, 8);
    const repeated = (values: Float32Array) =>
      Float32Array.from({ length: rows * 147 }, (_, i) => values[Math.floor(i / 147) * 49 + (i % 49)]!);
    const gray = await distances(levelOf([a!], 1), levelOf([b!], 1), foldChannels(directions));
    const colour = await distances(levelOf([repeated(a!)], 3), levelOf([repeated(b!)], 3), directions);
    expect(worstOf(gray, colour)).toBeLessThan(1e-5);
  });
});

it.each(['float32', 'int16'] as const)('the number of threads does not change a bit: %s', async (kind) => {
  const parts = (seed: number) =>
    Array.from({ length: 20 }, (_, i) => {
      const values = new Float32Array(new SharedArrayBuffer(1000 * 49 * 4));
      values.set(descriptors(seed * 100 + i, 1000, 1));
      return values;
    });
  const [a, b] = [1, 2].map((seed) => levelOf(parts(seed), 1));
  const directions = drawDirections(new RandomState(3), 49, 100);
  const alone = await distances(a!, b!, directions, kind);
  expect(await distances(a!, b!, directions, kind, 3)).toEqual(alone);
  // Nor do the directions that are looked at together.
  const [first] = await distances(a!, b!, someDirections(directions, 70, 1), kind);
  expect(first).toBe(alone[70]);
});

it('a pyramid level and its patches: axes are patch, channel, x, y', () => {
  const batch = imageSet('P32');
  const samples = 3 * 32 * 32;
  const one = { ...batch, data: batch.data.slice(0, samples) };
  const places = levelSizes(one).map(() => ({ xs: Int32Array.of(3, 12), ys: Int32Array.of(5, 3) }));
  const [block] = describeTask({ ...one, places });
  const [level] = laplacianPyramid(one);
  const at = (channel: number, y: number, x: number) => level![(channel * 32 + y) * 32 + x];
  expect(block!.values).toHaveLength(2 * 147);
  expect(block!.values[0]).toBe(at(0, 2, 0));
  expect(block!.values[1]).toBe(at(0, 3, 0));
  expect(block!.values[7]).toBe(at(0, 2, 1));
  expect(block!.values[147 + 98 + 48]).toBe(at(2, 6, 15));
});
