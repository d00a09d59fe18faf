import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import {
  FeatureAccumulator,
  featureStatistics,
  frechetDistance,
  frechetDistanceAsync,
  inceptionScore,
  kernelDistance,
  precisionRecall,
  type Features,
  type FeatureStatistics,
} from '../../src/index.js';
import { tridiagonalEigenvalues } from '../../src/features/eigenvalues.js';
import { goldenJson, irwinHall } from '../golden.js';

const golden = goldenJson<{
  fid: readonly {
    tag: string;
    n: number;
    d: number;
    a: { seed: number };
    b: { seed: number };
    fid: number;
    fid_via_eigenvalues: number;
    mu1: readonly number[];
    trace1: number;
    trace2: number;
  }[];
  inception_score: { logits: { seed: number; shape: [number, number] }; mean: number; std: number };
}>('fid_is.json');

const trace = ({ covariance, mean }: FeatureStatistics) =>
  mean.reduce((sum, _, i) => sum + covariance[i * mean.length + i]!, 0);

describe('against the official formulas', () => {
  it.each(golden.fid)('Fréchet distance: $tag', ({ tag, n, d, a, b, ...expected }) => {
    const first = irwinHall(a.seed, n * d);
    const second = irwinHall(b.seed, n * d).map((value) => value * 1.3 + 0.2);
    for (let row = 0; row < n; row++) second[row * d]! += 0.5 * second[row * d + 1]!;
    const [one, other] = [first, second].map((data) => featureStatistics({ dimension: d, data }));
    expected.mu1.forEach((value, i) => expect(one!.mean[i]).toBeCloseTo(value, 12));
    expect(trace(one!)).toBeCloseTo(expected.trace1, 9);
    expect(trace(other!)).toBeCloseTo(expected.trace2, 9);
    const found = frechetDistance(one!, other!);
    const tolerance = tag.includes('rank_deficient') ? 1e-4 : 1e-6;
    expect(Math.abs(found / expected.fid - 1)).toBeLessThan(tolerance);
    expect(Math.abs(found / expected.fid_via_eigenvalues - 1)).toBeLessThan(1e-6);
    expect(Math.abs(frechetDistance(other!, one!) / found - 1)).toBeLessThan(1e-9);
  });

  it('Inception Score', () => {
    const { logits, mean, std } = golden.inception_score;
    const [n, classes] = logits.shape;
    const values = irwinHall(logits.seed, n * classes).map((value) => Math.exp(2 * value));
    const probabilities = Float32Array.from(values, (value, at) => {
      const row = Math.floor(at / classes) * classes;
      return value / values.subarray(row, row + classes).reduce((a, b) => a + b, 0);
    });
    const score = inceptionScore(probabilities, classes);
    expect(Math.abs(score.mean - mean)).toBeLessThan(1e-5);
    expect(Math.abs(score.deviation - std)).toBeLessThan(1e-5);
  });
});

const normals = (
  seed: number,
  rows: number,
  dimension: number,
  change = (v: number, i: number) => v + 0 * i,
) => ({
  dimension,
  data: new RandomState(seed).normals(rows * dimension).map((v, at) => change(v, at % dimension)),
});

/** Of given deviations along the axes, turned by reflections. */
function gaussian(deviations: readonly number[], mean: number, turn: number): FeatureStatistics {
  const d = deviations.length;
  const axis = new RandomState(turn).normals(d);
  const square = axis.reduce((sum, v) => sum + v * v, 0);
  const covariance = new Float64Array(d * d);
  const turned = (i: number, j: number) => (i === j ? 1 : 0) - (2 * axis[i]! * axis[j]!) / square;
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++)
      for (let k = 0; k < d; k++) covariance[i * d + j]! += turned(i, k) * turned(j, k) * deviations[k]! ** 2;
  return { count: 1000, mean: new Float64Array(d).fill(mean), covariance };
}

describe('Fréchet distance of Gaussians with a known one', () => {
  it.each([1, 2, 7, 40])('commuting covariances in %i dimensions', (d) => {
    const [s, t] = [1, 2].map((seed) => Array.from(new RandomState(seed).uniforms(d)));
    const expected = d * 0.25 + s!.reduce((sum, v, i) => sum + (v - t![i]!) ** 2, 0);
    const found = frechetDistance(gaussian(s!, 0.5, 3), gaussian(t!, 1, 3));
    expect(Math.abs(found - expected)).toBeLessThan(1e-9 * (1 + expected));
  });

  it('rank deficient on one side, on both, and of no rank', () => {
    const full = Array.from({ length: 30 }, (_, i) => 1 + i / 10);
    const cut = (rank: number) => full.map((v, i) => (i < rank ? v : 0));
    const squares = (values: readonly number[]) => values.reduce((sum, v) => sum + v * v, 0);
    for (const [a, b] of [
      [full, cut(5)],
      [cut(5), full],
      [cut(9), cut(4)],
      [cut(0), full],
      [cut(0), cut(0)],
    ] as const) {
      const expected = squares(a.map((v, i) => v - b[i]!));
      const found = frechetDistance(gaussian(a, 0, 8), gaussian(b, 0, 8));
      expect(Math.abs(found - expected)).toBeLessThan(1e-6 * (1 + expected));
    }
  });

  it('is zero of a set and itself, in any order and fewer images than features', () => {
    const { data } = normals(1, 20, 64);
    const rows = Array.from({ length: 20 }, (_, i) => data.subarray(i * 64, (i + 1) * 64)).reverse();
    const turned = Float32Array.from(rows.flatMap((row) => Array.from(row)));
    const [a, b] = [data, turned].map((values) => featureStatistics({ dimension: 64, data: values }));
    expect(frechetDistance(a!, b!)).toBeLessThan(1e-5);
  });

  it('is never negative, where rounding alone would make it so', () => {
    const distances = Array.from({ length: 40 }, (_, seed) => {
      const one = featureStatistics(normals(seed, 30, 6, (v) => 1e-3 * v));
      return frechetDistance(one, one);
    });
    const scale = 6 * 1e-6; // of the trace
    for (const distance of distances) {
      expect(distance).toBeGreaterThanOrEqual(0);
      expect(distance).toBeLessThan(1e-12 * scale);
    }
  });

  it('in a thread: the same to the last bit, until a signal ends it', async () => {
    const [a, b] = [normals(1, 200, 64), normals(2, 50, 64)].map(featureStatistics);
    const expected = frechetDistance(a!, b!);
    for (const workers of [0, 1]) expect(await frechetDistanceAsync(a!, b!, { workers })).toBe(expected);
    const controller = new AbortController();
    const stopped = frechetDistanceAsync(a!, b!, { workers: 1, signal: controller.signal });
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('does not change when both sets are turned', () => {
    const [s, t] = [1, 2].map((seed) => Array.from(new RandomState(seed).uniforms(12)));
    const plain = frechetDistance(gaussian(s!, 0, 1), gaussian(t!, 0, 2));
    expect(plain).toBeGreaterThan(0.1);
    // A reflection of everything by the same axis: features times an orthogonal matrix.
    const axis = new RandomState(9).normals(12);
    const square = axis.reduce((sum, v) => sum + v * v, 0);
    const reflect = ({ covariance, ...rest }: FeatureStatistics): FeatureStatistics => {
      const h = (i: number, j: number) => (i === j ? 1 : 0) - (2 * axis[i]! * axis[j]!) / square;
      const out = new Float64Array(144);
      for (let i = 0; i < 12; i++)
        for (let j = 0; j < 12; j++)
          for (let k = 0; k < 12; k++)
            for (let l = 0; l < 12; l++) out[i * 12 + j]! += h(i, k) * covariance[k * 12 + l]! * h(j, l);
      return { ...rest, covariance: out };
    };
    const turned = frechetDistance(reflect(gaussian(s!, 0, 1)), reflect(gaussian(t!, 0, 2)));
    expect(Math.abs(turned - plain)).toBeLessThan(1e-9);
  });
});

it('statistics do not depend on the batches, and are right far from zero', () => {
  const { data } = normals(3, 2500, 5, (v, i) => 1000 * i + (i + 1) * v);
  const accumulator = new FeatureAccumulator(5);
  for (const [from, to] of [
    [0, 1],
    [1, 1300],
    [1300, 1300],
    [1300, 2500],
  ] as const)
    accumulator.add({ dimension: 5, data: data.subarray(from * 5, to * 5) });
  const { count, mean, covariance } = accumulator.statistics();
  expect(count).toBe(2500);
  const column = (i: number) => Array.from({ length: 2500 }, (_, row) => data[row * 5 + i]!);
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  for (let i = 0; i < 5; i++) {
    expect(mean[i]).toBeCloseTo(average(column(i)), 8);
    for (let j = 0; j < 5; j++) {
      const [x, y] = [column(i), column(j)];
      const [mx, my] = [average(x), average(y)];
      const expected = (average(x.map((v, row) => (v - mx) * (y[row]! - my))) * 2500) / 2499;
      expect(covariance[i * 5 + j]).toBeCloseTo(expected, 7);
    }
  }
});

it('eigenvalues of a chain are the known cosines', () => {
  for (const n of [1, 2, 3, 50]) {
    const found = tridiagonalEigenvalues(
      new Float64Array(n).fill(2),
      new Float64Array(n - 1).fill(-1),
    ).sort();
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((i + 1) * Math.PI) / (n + 1)), 12);
    });
  }
  const apart = tridiagonalEigenvalues(Float64Array.of(3, 1, 2), Float64Array.of(0, 0));
  expect(Array.from(apart).sort()).toEqual([1, 2, 3]);
});

describe('kernel distance', () => {
  const random = () => new RandomState(1);

  it('is the unbiased estimate, as the plain sums give it', async () => {
    const [a, b] = [normals(1, 9, 4), normals(2, 7, 4, (v) => v * 2 + 1)];
    const { subsets } = await kernelDistance(a, b, { random: random(), subsets: 1, size: 7, workers: 0 });
    const order = random().permutation(9).subarray(0, 7);
    const rows = ({ data }: Features, which: Iterable<number>) =>
      [...which].map((i) => Array.from(data.subarray(i * 4, i * 4 + 4)));
    const [x, y] = [rows(a, order), rows(b, [0, 1, 2, 3, 4, 5, 6])];
    const k = (p: number[], q: number[]) => (p.reduce((s, v, i) => s + v * q[i]!, 0) / 4 + 1) ** 3;
    const mean = (p: number[][], q: number[][], keep: (i: number, j: number) => boolean) => {
      const all = p.flatMap((u, i) => q.flatMap((v, j) => (keep(i, j) ? [k(u, v)] : [])));
      return all.reduce((s, v) => s + v, 0) / all.length;
    };
    const others = (i: number, j: number) => i !== j;
    const expected = mean(x, x, others) + mean(y, y, others) - 2 * mean(x, y, () => true);
    expect(subsets[0]).toBeCloseTo(expected, 9);
  });

  it('is near zero of one distribution and grows with the shift; threads do not matter', async () => {
    const reals = normals(1, 400, 8);
    const options = { subsets: 6, size: 200 };
    const of = (shift: number, workers = 0) =>
      kernelDistance(
        reals,
        normals(2, 400, 8, (v) => v + shift),
        { ...options, workers, random: random() },
      );
    const [same, near, far] = [await of(0), await of(0.3), await of(1)];
    expect(Math.abs(same.mean)).toBeLessThan(3 * (same.deviation + 0.01));
    expect(near.mean).toBeGreaterThan(same.mean);
    expect(far.mean).toBeGreaterThan(near.mean * 2);
    expect(await of(0.3, 2)).toEqual(near);
  });
});

describe('precision and recall', () => {
  it('are those of plain distances', async () => {
    const [reals, fakes] = [normals(1, 60, 3), normals(2, 50, 3, (v) => v * 0.6 + 0.4)];
    const rows = ({ data, dimension }: Features) =>
      Array.from({ length: data.length / dimension }, (_, i) =>
        data.subarray(i * dimension, (i + 1) * dimension),
      );
    const apart = (p: ArrayLike<number>, q: ArrayLike<number>) =>
      Array.from(p).reduce((s, v, i) => s + (v - q[i]!) ** 2, 0);
    const covered = (from: Features, set: Features) => {
      const members = rows(set);
      const radii = members.map((p, i) => {
        const others = members.filter((_, j) => j !== i).map((q) => apart(p, q));
        return others.sort((x, y) => x - y)[2]!;
      });
      const inside = rows(from).filter((p) => members.some((q, i) => apart(p, q) <= radii[i]!));
      return inside.length / rows(from).length;
    };
    const found = await precisionRecall(reals, fakes, { workers: 0 });
    expect(found).toEqual({ precision: covered(fakes, reals), recall: covered(reals, fakes) });
    expect(found.precision).toBeGreaterThan(found.recall);
  });

  it('count copies as within, though their balls have no size', async () => {
    const { data } = normals(4, 6, 300, (v) => 100 + v);
    const copies = {
      dimension: 300,
      data: Float32Array.from({ length: 5 * data.length }, (_, at) => data[at % data.length]!),
    };
    expect(await precisionRecall(copies, copies, { workers: 0 })).toEqual({ precision: 1, recall: 1 });
    const other = normals(5, 30, 300, (v) => 100 + v * 1e-3);
    expect(await precisionRecall(copies, other, { workers: 0 })).toEqual({ precision: 0, recall: 0 });
  });

  it('are 1 of a set and itself and 0 of sets far apart; a collapse keeps precision and loses recall', async () => {
    const reals = normals(1, 1100, 4);
    const done: number[] = [];
    const onProgress = ({ done: rows }: { done: number }) => void done.push(rows);
    const same = await precisionRecall(reals, reals, { workers: 2, onProgress });
    expect(same).toEqual({ precision: 1, recall: 1 });
    expect(done.at(-1)).toBe(4400);
    const far = normals(2, 100, 4, (v) => v + 100);
    expect(await precisionRecall(reals, far, { workers: 0 })).toEqual({ precision: 0, recall: 0 });
    const collapsed = normals(3, 100, 4, (v) => v * 1e-3);
    const { precision, recall } = await precisionRecall(reals, collapsed, { workers: 0 });
    expect(precision).toBe(1);
    expect(recall).toBeLessThan(0.01);
  });
});

describe('Inception Score of known probabilities', () => {
  it('is 1 when all images are alike, and the number of classes when they are sure and spread evenly', () => {
    const alike = Float64Array.from({ length: 20 * 4 }, () => 0.25);
    expect(inceptionScore(alike, 4)).toEqual({ mean: 1, deviation: 0 });
    const sure = Float32Array.from({ length: 40 * 4 }, (_, at) =>
      Math.floor(at / 4) % 4 === at % 4 ? 1 : 0,
    );
    const { mean, deviation } = inceptionScore(sure, 4);
    expect(mean).toBeCloseTo(4, 12);
    expect(deviation).toBeCloseTo(0, 12);
  });
});

describe('what is refused', () => {
  const random = new RandomState(1);
  const some = normals(1, 10, 4);
  const broken = { dimension: 4, data: some.data.map((v, i) => (i === 6 ? NaN : v)) };
  const plain = featureStatistics(some);
  it.each([
    ['NaN', () => featureStatistics(broken), 'features-invalid', 'got NaN in row 1, column 2'],
    ['one image', () => featureStatistics(normals(1, 1, 4)), 'too-few', 'at least 2 images, got 1'],
    [
      'half a row',
      () => featureStatistics({ dimension: 3, data: some.data }),
      'features-invalid',
      '40 values are no whole number of rows of 3',
    ],
    [
      'statistics of two dimensions',
      () => frechetDistance(plain, featureStatistics(normals(1, 9, 5))),
      'features-invalid',
      'expected 4 means',
    ],
    [
      'statistics of two dimensions, in a thread',
      () => frechetDistanceAsync(plain, featureStatistics(normals(1, 9, 5))),
      'features-invalid',
      'expected 4 means',
    ],
    [
      'statistics with NaN',
      () => frechetDistance(plain, { ...plain, mean: Float64Array.of(1, 2, NaN, 4) }),
      'features-invalid',
      'no finite number',
    ],
    [
      'features of two dimensions',
      () => kernelDistance(some, normals(1, 9, 5), { random }),
      'features-invalid',
      'got 4 and 5 a row',
    ],
    [
      'a subset larger than the set',
      () => kernelDistance(some, some, { random, size: 11 }),
      'option-invalid',
      'size: expected a whole number from 2 to 10, got 11',
    ],
    [
      'three images for three neighbours',
      () => precisionRecall(some, normals(1, 3, 4)),
      'too-few',
      'expected at least 4 images a set, got 3',
    ],
    [
      'logits',
      () =>
        inceptionScore(
          Float32Array.from({ length: 40 }, (_, i) => i),
          4,
        ),
      'features-invalid',
      'apply softmax first',
    ],
    [
      'fewer images than splits',
      () => inceptionScore(new Float32Array(40).fill(0.25), 4, 11),
      'too-few',
      'got 10',
    ],
  ])('%s', async (_, act, code, message) => {
    const error = await Promise.resolve()
      .then<unknown>(act)
      .then(
        () => null,
        (error: unknown) => error,
      );
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it.each([-1, 0, 1.5, NaN])('rows of %d', (dimension) => {
    const refusal = expect.objectContaining({
      code: 'features-invalid',
      message: `features: expected a whole number of 1 or more as dimension, got ${dimension}`,
    }) as Error;
    expect(() => new FeatureAccumulator(dimension)).toThrow(refusal);
    expect(() => featureStatistics({ dimension, data: some.data })).toThrow(refusal);
  });
});
