import { describe, expect, it } from 'vitest';
import { MetricsError, msSsim, pairScores, type ImageBatch } from '../../src/index.js';
import { scoreOf } from '../../src/ssim/score.js';
import { similarities } from '../../src/ssim/similarity-task.js';
import { gaussianWindow } from '../../src/ssim/window.js';
import { batches, everyOf, goldenJson, imageSet, lcg } from '../golden.js';
import { slowScales } from './reference.js';

interface Pairs {
  readonly per_pair?: readonly number[];
  readonly mean_of_batch: number;
  readonly single_precision_fft: { readonly per_pair: readonly number[] };
  readonly result?: readonly number[];
}
const golden = goldenJson<{
  pairs: Record<string, Pairs>;
  levels: readonly {
    a: string;
    b: string;
    levels: readonly { size: number; filter_size: number; ssim: number; cs: number }[];
    msssim: number;
  }[];
  kernels: Record<string, readonly number[][]>;
}>('msssim.json');

/** "A16", "A16[0::2]", "P64[3]". */
function batchOf(name: string): ImageBatch {
  const [, set, first, step] = /^([^[]+)(?:\[(\d+)(::2)?\])?$/.exec(name)!;
  if (first === undefined) return imageSet(set!);
  return everyOf(imageSet(set!), Number(first), step ? 2 : Infinity);
}

describe('against the official functions', () => {
  const names = Object.keys(golden.pairs);
  it.each(names.filter((name) => name.includes(' vs ')))('%s', (name) => {
    const { per_pair, mean_of_batch, single_precision_fft } = golden.pairs[name]!;
    const [a, b] = name.split(' vs ').map(batchOf);
    const scores = pairScores(a!, b!);
    expect(scores).toHaveLength(per_pair!.length);
    // Tolerances of the golden collection.
    scores.forEach((score, i) => {
      expect(Math.abs(score - per_pair![i]!)).toBeLessThan(1e-5);
      expect(Math.abs(score - single_precision_fft.per_pair[i]!)).toBeLessThan(5e-5);
    });
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    expect(Math.abs(mean - mean_of_batch)).toBeLessThan(1e-5);
  });

  it.each(names.filter((name) => name.startsWith('API')))('%s: consecutive images', async (name) => {
    const images = batches(imageSet(name.split(' ')[1]!), 4);
    const { mean } = await msSsim(images, { workers: 0 });
    expect(Math.abs(mean - golden.pairs[name]!.result![0]!)).toBeLessThan(1e-5);
  });

  it('similarities of every scale', () => {
    for (const { a, b, levels, msssim } of golden.levels) {
      const [left, right] = [batchOf(a), batchOf(b)];
      const [scales] = similarities({ ...left, a: left.data, b: right.data });
      for (const [i, { size, filter_size, ssim, cs }] of levels.entries()) {
        expect(left.width >> i).toBe(size);
        expect(gaussianWindow(size, size)).toHaveLength(filter_size);
        expect(Math.abs(scales![i]!.similarity - ssim)).toBeLessThan(1e-5);
        expect(Math.abs(scales![i]!.structure - cs)).toBeLessThan(1e-5);
      }
      expect(Math.abs(scoreOf(scales!) - msssim)).toBeLessThan(1e-5);
    }
  });

  it('windows', () => {
    for (const [name, expected] of Object.entries(golden.kernels)) {
      const side = Number(/size(\d+)/.exec(name)![1]);
      const window = gaussianWindow(side, side);
      expected.flat().forEach((weight, i) => {
        const found = window[i % side]! * window[Math.floor(i / side)]!;
        expect(Math.abs(found - weight)).toBeLessThan(1e-12);
      });
    }
  });
});

const noise = (seed: number, count: number, width: number, height: number, channels: 1 | 3 = 3) => ({
  data: Uint8Array.from({ length: count * channels * width * height }, lcg(seed).byte),
  channels,
  width,
  height,
});

/** Largest difference from the slow twin over all scales. */
function error(a: ImageBatch, b: ImageBatch): number {
  const [scales] = similarities({ ...a, a: a.data, b: b.data });
  const slow = slowScales(a, b);
  const errors = scales!.flatMap(({ similarity, structure }, i) => [
    Math.abs(similarity - slow[i]!.similarity),
    Math.abs(structure - slow[i]!.structure),
  ]);
  return Math.max(...errors);
}

describe('agrees with the slow twin', () => {
  it.each([
    [48, 32, 1],
    [16, 32, 3],
    [160, 32, 1], // wider than a tile
    [144, 16, 1],
    [16, 176, 1],
    [208, 48, 1],
  ] as const)('on %ix%i with %i channels', (width, height, channels) => {
    const [a, b] = [noise(1, 1, width, height, channels), noise(2, 1, width, height, channels)];
    const mixed = { ...b, data: b.data.map((level, i) => (level + 3 * a.data[i]!) >> 2) };
    expect(error(a, mixed)).toBeLessThan(1e-6);
  });

  const picture = (level: (x: number, y: number) => number): ImageBatch => ({
    data: Uint8Array.from({ length: 96 * 48 }, (_, at) => level(at % 96, Math.floor(at / 96))),
    channels: 1,
    width: 96,
    height: 48,
  });
  const { byte } = lcg(3);
  // float32 has no digits to spare where parts with little contrast are far from the middle of their tile.
  it.each([
    ['flat and bright', () => 255, () => 254, 1e-10],
    ['bright with little noise', () => 250 + (byte() & 3), () => 250 + (byte() & 3), 1e-8],
    ['flat halves, black and white', (x) => (x < 50 ? 0 : 255), (x) => (x < 60 ? 255 : 0), 2e-4],
    [
      'the same with a little noise',
      (x) => (x < 50 ? byte() & 3 : 255 - (byte() & 3)),
      (x) => (x < 60 ? 255 - (byte() & 3) : byte() & 3),
      2e-4,
    ],
    [
      'a white corner, and its negative',
      (x, y) => (x < 9 && y < 17 ? 255 : 0),
      (x, y) => (x < 9 && y < 17 ? 0 : 254),
      2e-4,
    ],
    ['stripes', (x) => (x % 30 < 4 ? 255 : 0), (x) => (x % 23 < 9 ? 255 : 7), 2e-4],
  ] satisfies [string, Parameters<typeof picture>[0], Parameters<typeof picture>[0], number][])(
    'on pictures that are %s',
    (_, a, b, tolerance) => {
      expect(error(picture(a), picture(b))).toBeLessThan(tolerance);
    },
  );
});

describe('what must hold of any images', () => {
  it('identical images score 1, flat ones included; the order of a pair does not matter', () => {
    const flat = { data: new Uint8Array(2 * 768).fill(9), channels: 3 as const, width: 16, height: 16 };
    expect(Array.from(pairScores(flat, flat))).toEqual([1, 1]);
    const [a, b] = [imageSet('A32'), imageSet('B32')];
    expect(pairScores(a, b)).toEqual(pairScores(b, a));
  });

  it('independent noise scores near 0, and the interval narrows with the pairs', async () => {
    const few = await msSsim([noise(1, 8, 32, 32)], { workers: 0 });
    const many = await msSsim(batches(noise(1, 64, 32, 32), 8), { workers: 0 });
    expect(many.mean).toBeLessThan(0.1);
    expect(many.pairs.subarray(0, 4)).toEqual(few.pairs);
    const width = ({ interval: [low, high] }: typeof few) => high - low;
    expect(width(many)).toBeLessThan(width(few));
    expect(many.interval[0]).toBeLessThan(many.mean);
  });

  it('threads arrive at the same bits', async () => {
    const images = batches(imageSet('A64'), 8);
    const alone = await msSsim(images, { workers: 0 });
    expect(await msSsim(images, { workers: 2 })).toEqual(alone);
  });

  it('one pair has a mean and no interval', async () => {
    const { mean, interval } = await msSsim([noise(1, 2, 16, 16)], { workers: 0 });
    expect(mean).toBeGreaterThanOrEqual(0);
    expect(interval).toEqual([NaN, NaN]);
  });
});

describe('what is refused', () => {
  it.each([
    ['an odd batch', [noise(1, 3, 16, 16)], 'images-invalid', 'even number of images in every batch'],
    ['no images', [], 'too-few', 'expected at least one pair, got none'],
    ['a side of 24', [noise(1, 2, 24, 16)], 'images-invalid', 'multiples of 16), got 24x16'],
  ] as const)('%s', async (_, images, code, message) => {
    await expect(msSsim(images, { workers: 0 })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('batches that are not alike', () => {
    expect(() => pairScores(noise(1, 2, 16, 16), noise(1, 3, 16, 16))).toThrow(MetricsError);
    expect(() => pairScores(noise(1, 2, 16, 16), noise(1, 2, 16, 32))).toThrow(
      '2 of 3x16x16 and 2 of 3x16x32',
    );
  });
});
