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
import { batches, goldenJson, imageSet, lcg } from '../golden.js';

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
