import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import {
  countModes,
  ModeCounter,
  mostProbableClasses,
  type GrayClassifier,
  type ImageBatch,
} from '../../src/index.js';

const digits = { classes: 10, channels: 3 } as const;

describe('counting', () => {
  it('takes red, green and blue as r + 10 g + 100 b', () => {
    const counter = new ModeCounter(digits);
    counter.add([3, 0, 0, 1, 2, 3, 3, 0, 0, 9, 9, 9]);
    const counts = counter.counts();
    expect([counts[3], counts[321], counts[999], counts.reduce((a, b) => a + b)]).toEqual([2, 1, 1, 4]);
    const { images, bins, modes, divergence } = counter.count();
    expect({ images, bins, modes }).toEqual({ images: 4, bins: 1000, modes: 3 });
    // 1/2 ln 500 + 1/4 ln 250 + 1/4 ln 250
    expect(divergence).toBeCloseTo(5.8680345, 6);
  });

  it('has no divergence where all bins are equally full, and ln(bins) where there is one mode', () => {
    const even = new ModeCounter(digits);
    for (let i = 0; i < 2000; i++) even.add([i % 10, Math.floor(i / 10) % 10, Math.floor(i / 100) % 10]);
    expect(even.count()).toEqual({
      images: 2000,
      bins: 1000,
      modes: 1000,
      divergence: expect.closeTo(0, 12),
    });
    const one = new ModeCounter(digits);
    for (let i = 0; i < 7; i++) one.add([4, 5, 6]);
    expect(one.count()).toEqual({ images: 7, bins: 1000, modes: 1, divergence: expect.closeTo(6.907755, 6) });
    const half = new ModeCounter({ classes: 4, channels: 1 });
    half.add([0, 1, 0, 1]);
    expect(half.count()).toEqual({ images: 4, bins: 4, modes: 2, divergence: expect.closeTo(Math.LN2, 12) });
  });

  it('of 25,600 images drawn evenly finds all 1000 modes, and the divergence that chance leaves', () => {
    const random = new RandomState(3);
    const counter = new ModeCounter(digits);
    counter.add(Array.from({ length: 3 * 25600 }, () => random.randint(10)));
    const { modes, divergence } = counter.count();
    expect(modes).toBe(1000);
    // 2 n times it is about chi-squared with 999 degrees of freedom: (999 ± 45) / 51200; five deviations.
    expect(Math.abs(divergence - 999 / 51200)).toBeLessThan((5 * Math.sqrt(2 * 999)) / 51200);
  });

  it.each([
    [[1, 2], 'features-invalid', 'modes: 2 classes are no whole number of images with 3 channels'],
    [[1, 2, 10], 'features-invalid', 'expected classes 0…9, got 10 for channel 2 of image 0'],
    [[0, 0, 0, 1, NaN, 0], 'features-invalid', 'got NaN for channel 1 of image 1'],
    [[0, 0, -1], 'features-invalid', 'got -1'],
    [[], 'too-few', 'modes: expected at least one image, got none'],
  ])('refuses %j', (classes, code, message) => {
    const counter = new ModeCounter(digits);
    const counted = () => {
      counter.add(classes);
      counter.count();
    };
    expect(counted).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
    expect(counter.images).toBe(0);
  });

  it.each([
    [{ classes: 10, channels: 2 as 3 }, 'channels: expected 1 or 3, got 2'],
    [{ classes: 1, channels: 3 }, 'classes: expected a whole number from 2 to 256, got 1'],
  ] as const)('refuses %j', (kind, message) => {
    expect(() => new ModeCounter(kind)).toThrow(message);
  });
});

describe('classes', () => {
  it('are the most probable ones, the first of equals', () => {
    const data = Float32Array.of(0.1, 0.7, 0.2, 0.4, 0.2, 0.4, -3, -2, -1);
    expect([...mostProbableClasses({ dimension: 3, data })]).toEqual([1, 0, 2]);
  });

  it.each([
    [3, [0.5, NaN, 0.5], 'expected finite numbers, got NaN in row 0, column 1'],
    [2, [0.5, 0.5, 1], '3 values are no whole number of rows of 2'],
    [1, [1], 'expected rows of 2 to 65536 probabilities, got 1'],
  ])('refuse rows of %i with %j', (dimension, values, message) => {
    expect(() => mostProbableClasses({ dimension, data: Float32Array.from(values) })).toThrow(
      expect.objectContaining({ code: 'features-invalid', message: expect.stringContaining(message) }),
    );
  });
});

describe('coverage', () => {
  /** Images of one pixel whose level is ten times their class, and what reads it. */
  const reader: GrayClassifier = {
    channels: 1,
    async extract({ data, channels }: ImageBatch) {
      expect(channels).toBe(1);
      const rows = new Float32Array(10 * data.length);
      data.forEach((level, i) => (rows[10 * i + level / 10] = 1));
      return { probabilities: { dimension: 10, data: rows } };
    },
  };

  /** Every image one of `kinds` classes a channel, in batches of odd sizes. */
  function* stacked(images: number, kinds: number, channels: 1 | 3 = 3): Generator<ImageBatch> {
    for (let first = 0; first < images; first += 7) {
      const data = Uint8Array.from({ length: channels * Math.min(7, images - first) }, (_, at) => {
        const image = first + Math.floor(at / channels);
        return 10 * (Math.floor(image / kinds ** (at % channels)) % kinds);
      });
      yield { data, channels, width: 1, height: 1 };
    }
  }

  it('counts consecutive parts of a stream, whatever its batches', async () => {
    const steps: (number | null)[] = [];
    const coverage = await countModes(stacked(1000, 5), reader, {
      images: 125,
      repeats: 3,
      onProgress: ({ done, total }) => steps.push(done, total),
    });
    // Images 0…124 have all 125 combinations of five digits once, and so have the next.
    expect(coverage).toMatchObject({
      images: 125,
      classes: 10,
      bins: 1000,
      modes: { mean: 125, deviation: 0 },
      divergence: { mean: expect.closeTo(Math.log(8), 9), deviation: expect.closeTo(0, 9) },
    });
    expect(coverage.repeats).toHaveLength(3);
    expect(steps.slice(-2)).toEqual([375, 375]);
  });

  it('tells how much the parts differ', async () => {
    const coverage = await countModes(stacked(50, 5), reader, { images: 20, repeats: 2 });
    expect(coverage.repeats.map(({ modes }) => modes)).toEqual([20, 20]);
    function* uneven() {
      yield* stacked(20, 5);
      yield* stacked(20, 2);
    }
    const { modes } = await countModes(uneven(), reader, { images: 20, repeats: 2 });
    expect(modes).toMatchObject({ mean: 14, deviation: expect.closeTo(Math.sqrt(72), 9) });
  });

  it('of gray images has as many modes as classes', async () => {
    const coverage = await countModes(stacked(30, 6, 1), reader, { images: 30, repeats: 1 });
    expect(coverage).toMatchObject({ bins: 10, modes: { mean: 6 } });
    expect(coverage.divergence.mean).toBeCloseTo(Math.log(10 / 6), 9);
  });

  it('leaves what comes after the last part unread, and closes the source', async () => {
    let [read, closed] = [0, false];
    function* source() {
      try {
        for (const batch of stacked(1000, 5)) {
          read++;
          yield batch;
        }
      } finally {
        closed = true;
      }
    }
    await countModes(source(), reader, { images: 10, repeats: 1 });
    expect({ read, closed }).toEqual({ read: 2, closed: true });
  });

  it.each([
    ['too few images', stacked(30, 5), {}, 'too-few', 'modes: expected 10 x 25600 images, got 30'],
    ['no images', [], { images: 1, repeats: 1 }, 'too-few', 'got 0'],
    [
      'no repeats',
      stacked(30, 5),
      { repeats: 0 },
      'option-invalid',
      'repeats: expected a whole number from 1',
    ],
  ])('refuses %s', async (_, source, options, code, message) => {
    await expect(countModes(source, reader, options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('refuses a classifier that sees colours, and one that says nothing about some images', async () => {
    await expect(countModes(stacked(9, 5), { ...reader, channels: 3 })).rejects.toMatchObject({
      code: 'option-invalid',
    });
    const silent: GrayClassifier = {
      channels: 1,
      extract: async () => ({ probabilities: { dimension: 10, data: new Float32Array(10) } }),
    };
    await expect(countModes(stacked(9, 5), silent)).rejects.toMatchObject({
      code: 'features-invalid',
      message: 'modes: expected 21 rows of the classifier, got 1',
    });
  });

  it('stops on request', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    await expect(
      countModes(stacked(100, 5), reader, { images: 50, signal: controller.signal, onProgress }),
    ).rejects.toMatchObject({ code: 'interrupted' });
  });
});
