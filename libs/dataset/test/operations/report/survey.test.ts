import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import type { ManifestEntry } from '../../../src/operations/manifest-lines.js';
import { cutOf, limitsOf } from '../../../src/operations/report/limits.js';
import { Least, Sample } from '../../../src/operations/report/samples.js';
import { drawHistogram, ScoreHistogram } from '../../../src/operations/report/score-histogram.js';
import { surveyManifest } from '../../../src/operations/report/survey.js';
import type { DatasetIndex } from '../../../src/index.js';

function histogramOf(values: readonly number[], kept: (value: number) => boolean = () => true) {
  const histogram = new ScoreHistogram();
  for (const value of values) histogram.add(value, kept(value));
  return histogram;
}

describe('the histogram of a score', () => {
  const random = new RandomState(3);
  const values = Array.from({ length: 20_000 }, () => 1000 * random.normal());

  it('has every number once, in few buckets, whatever the order', () => {
    const histogram = histogramOf(values, (value) => value > 0);
    const buckets = histogram.buckets();
    expect(buckets.length).toBeLessThanOrEqual(4096);
    expect(buckets.length).toBeGreaterThan(400);
    expect(histogram.count.kept).toBe(values.filter((value) => value > 0).length);
    expect(buckets.reduce((sum, { count }) => sum + count.kept + count.dropped, 0)).toBe(values.length);
    const backwards = histogramOf([...values].reverse(), (value) => value > 0);
    expect(backwards.buckets()).toEqual(buckets);
  });

  it('knows quantiles to the width of a bucket, and extremes exactly', () => {
    const histogram = histogramOf(values);
    const sorted = [...values].sort((a, b) => a - b);
    for (const share of [0.01, 0.5, 0.9])
      expect(Math.abs(histogram.quantile(share) - sorted[Math.floor(share * 20_000)]!)).toBeLessThan(8);
    expect([histogram.min, histogram.max]).toEqual([sorted[0], sorted.at(-1)]);
    expect(histogramOf([0, 0, 0, 1]).quantile(0.5)).toBe(0);
  });

  it('is drawn with its lines on the axis and nearly all faces', () => {
    const drawing = drawHistogram(histogramOf(values), [5000]);
    const drawn = drawing.bars.reduce((sum, { kept }) => sum + kept, 0);
    expect(drawn + drawing.below + drawing.above).toBe(values.length);
    expect(drawing.below + drawing.above).toBeLessThan(100);
    expect(drawing.place(5000)).toBeGreaterThan(0.95);
    expect(drawing.place(5000)).toBeLessThanOrEqual(1);
    expect(drawing.bars[0]!.from).toBeLessThan(drawing.bars[0]!.to);
  });

  it('goes by logarithms where numbers are spread wide, and takes one number only', () => {
    const wide = drawHistogram(histogramOf([1, 10, 100, 1000]), [10]);
    expect(wide.place(10) - wide.place(1)).toBeCloseTo(wide.place(1000) - wide.place(100), 6);
    expect(wide.place(0)).toBeLessThan(0);
    const one = drawHistogram(histogramOf([7, 7]), []);
    expect(one.bars.reduce((sum, { kept }) => sum + kept, 0)).toBe(2);
    expect(one.bars[0]!.from).toBeCloseTo(6.3, 9);
    expect(one.bars.at(-1)!.to).toBeCloseTo(7.7, 9);
  });

  it('has an axis of possible numbers: none below 0 where no score is', () => {
    const shares = drawHistogram(histogramOf([0, 0.1, 0.5]), []);
    expect([shares.bars[0]!.from, shares.below, shares.place(0)]).toEqual([0, 0, 0]);
    expect(drawHistogram(histogramOf([-0.1, 0.5]), []).bars[0]!.from).toBeLessThan(-0.1);
  });
});

describe('a few of many', () => {
  it('are drawn with the same chance for all, and the same ones every time', () => {
    const hits = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 2000; seed++) {
      const sample = new Sample<number>(5, seed);
      for (let i = 0; i < 20; i++) sample.offer(() => i);
      const items = sample.items();
      expect(items).toEqual([...items].sort((a, b) => a - b));
      for (const i of items) hits[i]!++;
    }
    // 500 each, with a standard deviation of 19.
    for (const count of hits) expect(Math.abs(count - 500)).toBeLessThan(90);
  });

  it('are the nearest, of equally near ones the first', () => {
    const least = new Least<string>(3);
    for (const [by, item] of [
      [3, 'a'],
      [1, 'b'],
      [2, 'c'],
      [1, 'd'],
      [2, 'e'],
      [9, 'f'],
    ] as const)
      least.offer(by, () => item);
    expect(least.items()).toEqual(['b', 'd', 'c']);
  });
});

describe('limits of the selection', () => {
  const limits = (settings: unknown) => limitsOf({ settings } as DatasetIndex);

  it('are those of options and of named scores; what is off is no line', () => {
    const select = {
      minFace: 12,
      maxPad: 0.25,
      minSharpness: 0,
      min: { spectrum: -30 },
      max: { yaw: 30 },
    };
    expect(limits({ select })).toEqual([
      { score: 'eyeDistance', side: 'least', at: 12, cut: false },
      { score: 'outside', side: 'most', at: 0.25, cut: false },
      { score: 'spectrum', side: 'least', at: -30, cut: false },
      { score: 'yaw', side: 'most', at: 30, cut: false },
    ]);
  });

  it.each([[{}], [{ select: 3 }], [{ select: { minFace: 'x', min: [] } }]])('%j has none', (settings) => {
    expect(limits(settings)).toEqual([]);
    expect(limitsOf(null)).toEqual([]);
  });
});

it.each([
  [
    { top: 2, topBy: { quality: 1 } },
    { score: 'quality', side: 'least', at: -25, cut: true },
  ],
  [
    { top: 2, topBy: { yaw: 1 } },
    { score: 'yaw', side: 'most', at: 20, cut: true },
  ],
  [{ top: 2, topBy: { quality: 1, yaw: 1 } }, null],
  [{ top: null, topBy: { quality: 1 } }, null],
  [{ top: 3, topBy: { quality: 1 } }, null, 'too-blurred'], // there were no more than so many
])('the best by %j end where the last of them is', async (select, expected, reason = 'not-among-best') => {
  async function* lines(): AsyncGenerator<ManifestEntry> {
    yield { path: 'a', decision: 'kept', scores: { quality: -20, yaw: -20 } };
    yield { path: 'b', decision: 'dropped', reason, scores: { quality: -40, yaw: 50 } };
    yield { path: 'c', decision: 'kept', scores: { quality: -25, yaw: 3 } };
  }
  expect(await cutOf({ settings: { select } } as unknown as DatasetIndex, lines())).toEqual(expected);
});

it('a survey of 200,000 lines keeps what it shows and no more', async () => {
  const random = new RandomState(1);
  const count = 200_000;
  async function* lines(): AsyncGenerator<ManifestEntry> {
    for (let i = 0; i < count; i++) {
      const sharpness = 20 * random.uniform();
      yield {
        path: `${i} ${'x'.repeat(400)}.jpg`,
        decision: sharpness < 6 ? 'dropped' : 'kept',
        reason: sharpness < 6 ? 'too-blurred' : null,
        record: null,
        scores: { sharpness, [`s${i % 1000}`]: i },
        notes: { licence: i % 2 === 0 ? 'CC0' : 'CC BY 4.0', serial: String(i) },
      };
    }
  }
  const options = {
    limits: [{ score: 'sharpness', side: 'least', at: 6, cut: false } as const],
    examples: 5,
    seed: 1,
  };
  const survey = await surveyManifest(lines(), options, () => undefined);
  expect(survey.lines).toBe(count);
  const { histogram, limits } = survey.scores.get('sharpness')!;
  const [line] = limits;
  expect(histogram.count.kept).toBe(survey.kept);
  expect(line!.beyond.count).toBe(count - survey.kept);
  expect(line!.failing.items().every(({ scores }) => scores['sharpness']! < 6)).toBe(true);
  expect(line!.meeting.items()[0]!.scores['sharpness']).toBeCloseTo(6, 2);
  expect(survey.reasons.get('too-blurred')!.offered).toBe(count - survey.kept);
  expect(survey.reasons.get('too-blurred')!.items()).toHaveLength(5);
  expect(survey.notes.get('licence')!.size).toBe(2);
  // What a manifest names without end is not gathered without end.
  expect(survey.scores.size).toBe(48);
  expect(survey.notes.get('serial')!.size).toBe(998);
  expect(survey.unlistedNotes).toBe(count - 998);
});
