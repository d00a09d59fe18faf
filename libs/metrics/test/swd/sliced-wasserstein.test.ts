import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import {
  describeImages,
  MetricsError,
  slicedWasserstein,
  type ImageBatch,
  type ImageSource,
  type MetricsProgress,
} from '../../src/index.js';
import { drawDirections } from '../../src/swd/directions.js';
import { describe as describeTask } from '../../src/swd/describe-task.js';
import { batches, goldenJson, imageSet, lcg } from '../golden.js';
import { normalised, rowsOf, slicedDistances } from './reference.js';

interface Statistics {
  readonly names: readonly string[];
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly same_images_twice: { readonly mean: readonly number[]; readonly std: readonly number[] };
}
const golden = goldenJson<Record<string, Statistics>>('swd_statistics.json');

async function compare(reals: ImageSource, fakes: ImageSource, seed: number, options = {}) {
  const random = new RandomState(seed);
  const sets = [];
  for (const images of [reals, fakes])
    sets.push(await describeImages(images, { random, workers: 0, ...options }));
  return slicedWasserstein(sets[0]!, sets[1]!, { random, workers: 0 });
}

describe('statistics of the official metric', () => {
  it.each(Object.keys(golden))('%s', async (pair) => {
    const { names, mean, std } = golden[pair]!;
    const [a, b] = pair.split(' vs ').map((name) => batches(imageSet(name), 8));
    // One run of each; a mean of several where it costs little.
    const seeds = pair === 'P16 vs Pd16' ? [0, 1, 2, 3] : [0];
    const runs = [];
    for (const seed of seeds) runs.push(await compare(a!, b!, seed));
    const rows = runs.map(({ levels, average }) => [...levels.map(({ value }) => value), average]);
    expect([...runs[0]!.levels.map(({ name }) => name), 'SWDx1e3_avg']).toEqual(names);
    for (const [i, expected] of mean.entries()) {
      for (const row of rows) expect(Math.abs(row[i]! - expected)).toBeLessThan(4.5 * std[i]!);
      const ours = rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length;
      const bound = 4 * (std[i]! / Math.sqrt(rows.length)) + std[i]! / 8;
      expect(Math.abs(ours - expected)).toBeLessThan(bound);
    }
  });

  it('the floor: the same images twice', async () => {
    const { mean, std } = golden['A32 vs B32']!.same_images_twice;
    const images = batches(imageSet('A32'), 8);
    const { levels } = await compare(images, images, 3);
    levels.forEach(({ value }, i) => expect(Math.abs(value - mean[i]!)).toBeLessThan(4.5 * std[i]!));
  });
});

const noise = (seed: number, count: number, size = 16, channels: 1 | 3 = 3): ImageBatch => ({
  data: Uint8Array.from({ length: count * channels * size * size }, lcg(seed).byte),
  channels,
  width: size,
  height: size,
});
const flat = (level: number, count: number): ImageBatch => ({
  data: new Uint8Array(count * 3 * 256).fill(level),
  channels: 3,
  width: 16,
  height: 16,
});

describe('what must hold of any images', () => {
  it('a set against itself is zero, in both arithmetics', async () => {
    const random = new RandomState(1);
    const set = await describeImages([noise(1, 8)], { random, workers: 0 });
    for (const arithmetic of ['float32', 'int16'] as const) {
      const { average } = await slicedWasserstein(set, set, { random, workers: 0, arithmetic });
      expect(average).toBe(0);
    }
  });

  it('noise that is shifted and stretched is the same after normalisation', async () => {
    const images = noise(2, 16);
    const shifted = { ...images, data: images.data.map((level) => 20 + (level >> 1)) };
    const even = { ...images, data: images.data.map((level) => (level >> 1) * 2) };
    const compared = async (fakes: ImageBatch) => {
      const reals = await describeImages([even], { random: new RandomState(3), workers: 0 });
      const other = await describeImages([fakes], { random: new RandomState(3), workers: 0 });
      return slicedWasserstein(reals, other, { random: new RandomState(4), workers: 0 });
    };
    expect((await compared(shifted)).average).toBeLessThan(1e-3);
    expect((await compared(noise(5, 16))).average).toBeGreaterThan(5);
  });

  it('gray images score as their colour versions with three equal channels', async () => {
    const repeat = (gray: ImageBatch): ImageBatch => ({
      ...gray,
      channels: 3,
      data: Uint8Array.from({ length: gray.data.length * 3 }, (_, at) => {
        const image = Math.floor(at / (3 * 256));
        return gray.data[image * 256 + (at % 256)]!;
      }),
    });
    const [a, b] = [noise(6, 8, 16, 1), noise(7, 8, 16, 1)];
    const gray = await compare([a], [b], 5);
    const colour = await compare([repeat(a)], [repeat(b)], 5);
    expect(Math.abs(gray.average - colour.average)).toBeLessThan(1e-3);
  });

  it('flat images have no contrast to divide by: a finite distance, and none between two flat sets', async () => {
    const random = new RandomState(8);
    const against = await compare([noise(1, 4)], [flat(77, 4)], 8);
    expect(against.average).toBeGreaterThan(500);
    expect(against.average).toBeLessThan(1000);
    const sets = [10, 200].map((level) => describeImages([flat(level, 4)], { random, workers: 0 }));
    const [a, b] = await Promise.all(sets);
    expect((await slicedWasserstein(a!, b!, { random, workers: 0 })).average).toBe(0);
  });

  it('threads and batches arrive at the same bits', async () => {
    const images = batches(noise(9, 40, 32), 20);
    const seen: MetricsProgress[] = [];
    const onProgress = (progress: MetricsProgress) => void seen.push(progress);
    const [reals, fakes] = [images, [noise(10, 40, 32)]];
    const alone = await compare(reals, fakes, 1);
    const random = new RandomState(1);
    const a = await describeImages(reals, { random, workers: 2, images: 40, onProgress });
    const b = await describeImages(fakes, { random, workers: 2 });
    expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).sort((x, y) => x - y));
    expect(seen.at(-1)).toEqual({ done: 40, total: 40 });
    seen.length = 0;
    expect(await slicedWasserstein(a, b, { random, workers: 2, onProgress })).toEqual(alone);
    expect(seen.at(-1)).toEqual({ done: 2 * 4 * 128, total: 2 * 4 * 128 });
  });
});

describe('places', () => {
  it('are those that NumPy draws: of a minibatch on a level, all x before all y', async () => {
    // A level of 16 is the picture itself, and this one tells places: a patch begins with 16 y + x of its corner.
    const data = Uint8Array.from({ length: 2 * 256 }, (_, at) => at % 256);
    const images: ImageBatch = { data, channels: 1, width: 16, height: 16 };
    const random = new RandomState(123);
    const { levels } = await describeImages([images, images], { random, patches: 3, workers: 0 });
    const corners = levels[0]!.blocks.map((block) => rowsOf(block, 49).map(([first]) => first!));
    // numpy.random.RandomState(123).randint(3, 13, 6), four times (NumPy 2.4.6).
    expect(corners.map((values) => values.map((at) => 3 + (at % 16)))).toEqual([
      [5, 5, 9, 4, 6, 12],
      [3, 12, 6, 7, 3, 3],
    ]);
    expect(corners.map((values) => values.map((at) => 3 + Math.floor(at / 16)))).toEqual([
      [9, 4, 3, 4, 12, 3],
      [7, 4, 10, 6, 5, 7],
    ]);
  });

  it('are drawn minibatch by minibatch, and of each level by level', async () => {
    const [width, height, count, patches] = [64, 32, 2, 5];
    const images = batches({ ...noise(11, count, 64), height }, count);
    expect(images).toHaveLength(2);
    const { levels } = await describeImages(images, { random: new RandomState(9), patches, workers: 0 });
    const random = new RandomState(9);
    const centres = (side: number) =>
      Int32Array.from({ length: count * patches }, () => 3 + random.randint(side - 6));
    const expected = images.map((batch) => {
      const places = [1, 2].map((scale) => {
        const xs = centres(width / scale);
        return { xs, ys: centres(height / scale) };
      });
      return describeTask({ ...batch, places });
    });
    expect(levels).toHaveLength(2);
    levels.forEach(({ blocks }, level) =>
      expect(blocks).toEqual(expected.map((found) => found[level]!.values)),
    );
  });
});

describe('the result', () => {
  it('has the repeats that the slow twin finds, their mean per level, and the mean of the levels', async () => {
    const random = new RandomState(12);
    const described = (seed: number) =>
      describeImages([noise(seed, 4, 32)], { random, patches: 8, workers: 0 });
    const [a, b] = [await described(13), await described(14)];
    const options = { repeats: 3, directions: 5, workers: 0 };
    const { levels, average } = await slicedWasserstein(a, b, { ...options, random: new RandomState(15) });
    const twin = new RandomState(15);
    const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
    for (const [i, { value, repeats }] of levels.entries()) {
      const [left, right] = [a, b].map((set) => {
        const rows = set.levels[i]!.blocks.flatMap((block) => rowsOf(block, 147));
        return normalised(rows);
      });
      const expected = Array.from({ length: 3 }, () =>
        mean(slicedDistances(left!, right!, drawDirections(twin, 147, 5))),
      );
      expect(repeats).toHaveLength(3);
      repeats.forEach((each, repeat) => expect(each).toBeCloseTo(1000 * expected[repeat]!, 2));
      expect(value).toBeCloseTo(mean(repeats), 9);
      // Repeats that are apart: else any of them could stand for the mean.
      expect(Math.abs(repeats[0]! - value)).toBeGreaterThan(1);
    }
    expect(levels).toHaveLength(2);
    expect(average).toBeCloseTo((levels[0]!.value + levels[1]!.value) / 2, 9);
  });

  it('is of 16-bit arithmetic from 2^15 descriptors a level on', async () => {
    const images = noise(17, 512, 16, 1);
    const compared = async (count: number, arithmetic?: 'float32' | 'int16') => {
      const sets = batches(images, 256).map((batch) => batches(batch, count)[0]!);
      const described = [];
      for (const set of sets)
        described.push(await describeImages([set], { random: new RandomState(18), workers: 0 }));
      const options = { repeats: 1, directions: 1, workers: 0, arithmetic };
      return slicedWasserstein(described[0]!, described[1]!, { ...options, random: new RandomState(19) });
    };
    expect((await compared(255)).arithmetic).toBe('float32');
    const found = await compared(256);
    expect(found).toEqual(await compared(256, 'int16'));
    expect(found.arithmetic).toBe('int16');
    // The name is no mere label.
    expect(found.average).not.toBe((await compared(256, 'float32')).average);
  });
});

describe('what is refused', () => {
  const random = new RandomState(1);
  const described = (...images: ImageBatch[]) => describeImages(images, { random, workers: 0 });

  it.each([
    ['no images', () => described(), 'too-few', 'expected at least one image, got none'],
    [
      'batches of two shapes',
      () => described(noise(1, 1), noise(1, 1, 32)),
      'images-invalid',
      'expected 3x16x16 (channels x width x height) as in the first batch, got 3x32x32',
    ],
    [
      'half an image',
      () => described({ ...noise(1, 1), data: new Uint8Array(100) }),
      'images-invalid',
      '100 bytes are no whole number of 3x16x16 images of 768 bytes',
    ],
    [
      'four channels',
      () => described({ ...noise(1, 3), channels: 4 as 3 }),
      'images-invalid',
      'expected 1 or 3 channels, got 4',
    ],
    [
      'floats, which might be NaN or in another range',
      () => described({ ...noise(1, 1), data: new Float32Array(768).fill(NaN) as unknown as Uint8Array }),
      'images-invalid',
      'expected uint8 levels 0…255',
    ],
    [
      'sets of two counts',
      async () => slicedWasserstein(await described(noise(1, 1)), await described(noise(1, 2)), { random }),
      'images-differ',
      'both sets must have the same number of images, got 1 and 2',
    ],
    [
      'gray against colour',
      async () =>
        slicedWasserstein(await described(noise(1, 1)), await described(noise(1, 1, 16, 1)), { random }),
      'images-differ',
      'got 3x16x16 and 1x16x16',
    ],
    [
      'half a patch',
      () => describeImages([noise(1, 1)], { random, patches: 0.5 }),
      'option-invalid',
      'patches: expected a whole number from 1 to 65536, got 0.5',
    ],
  ])('%s', async (_, act, code, message) => {
    const error = await act().then(
      () => null,
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(MetricsError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('an error of the image source passes through', async () => {
    async function* broken() {
      yield noise(1, 4);
      throw new Error('disk on fire');
    }
    await expect(describeImages(broken(), { random, workers: 1 })).rejects.toThrow('disk on fire');
  });

  it.each([0, 1])('a signal stops the work, with %i threads', async (workers) => {
    const controller = new AbortController();
    async function* endless() {
      for (let i = 0; ; i++) {
        if (i === 3) controller.abort();
        yield noise(i, 16);
      }
    }
    const { signal } = controller;
    await expect(describeImages(endless(), { random, workers, signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
  });
});
