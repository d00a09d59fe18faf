import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  colourSet,
  datasetSet,
  describeImages,
  evaluationStream,
  Evaluator,
  featureStatistics,
  folderSet,
  frechetDistance,
  kernelDistance,
  mirroredSet,
  msSsim,
  openExtractor,
  parseMetric,
  precisionRecall,
  slicedWasserstein,
  type EvaluatorOptions,
  type ImageBatch,
  type ImageSet,
  type MetricRecord,
  type Subject,
} from '../../src/index.js';
import { mergeStatistics } from '../../src/features/merge-statistics.js';
import { samplesOf } from '../../src/images/batch.js';
import { irwinHall, imageSet } from '../golden.js';
import { temporaryFolder } from '../folder.js';
import { classifier, means, writeModel } from '../extractor/models.js';

/** As a dataset of records. */
function setOf(name: string, batch: ImageBatch): ImageSet {
  const { channels, width, height } = batch;
  const samples = samplesOf(batch);
  return datasetSet(
    name,
    {
      channels,
      size: { width, height },
      count: batch.data.length / samples,
      levels: new Map([[5, null]]),
      split: 'test',
      images: async (_, records) => {
        const data = new Uint8Array(records.length * samples);
        records.forEach((record, i) =>
          data.set(batch.data.subarray(record * samples, (record + 1) * samples), i * samples),
        );
        return data;
      },
    },
    name,
  );
}

/** 64 images: those of a golden set, and darker ones turned upside down, with rows for columns, and both. */
function fourfold(name: string): ImageBatch {
  const batch = imageSet(name);
  const count = batch.data.length;
  const data = new Uint8Array(4 * count);
  for (let i = 0; i < count; i++) {
    const [plane, y, x] = [i - (i % 1024), Math.floor((i % 1024) / 32), i % 32];
    [i, plane + 32 * (31 - y) + x, plane + 32 * x + y, plane + 32 * (31 - x) + y].forEach(
      (from, part) => (data[part * count + i] = Math.max(0, batch.data[from]! - 9 * part)),
    );
  }
  return { ...batch, data };
}

const reals = setOf('P32', fourfold('P32'));
const fakes = setOf('Pd32', fourfold('Pd32'));
const subject = (set: ImageSet, kind: Subject['kind'] = 'dataset'): Subject => ({
  kind,
  name: set.name,
  identity: set.name,
  kimg: null,
});

async function evaluator(metrics: string, options: Partial<EvaluatorOptions> = {}): Promise<Evaluator> {
  return await Evaluator.open({
    metrics: metrics.split(',').map(parseMetric),
    shape: reals.shape,
    available: null,
    reals,
    code: 'test',
    clock: () => 0,
    workers: 0,
    ...options,
  });
}

const valuesOf = (records: readonly MetricRecord[]) =>
  Object.fromEntries(records.flatMap(({ values }) => values.map(({ name, value }) => [name, value])));

describe('an evaluation', () => {
  it('gives the numbers of the metrics by themselves, whatever else is measured', async () => {
    const together = await (await evaluator('swd64,msssim32')).measure(subject(fakes), fakes);
    const describeSet = async (set: ImageSet, role: string) =>
      await describeImages(set.images(0, 64, 256, 0), {
        random: evaluationStream(0, `patches of ${role} 0`),
        workers: 0,
      });
    const swd = await slicedWasserstein(
      await describeSet(reals, 'reals'),
      await describeSet(fakes, 'others'),
      {
        random: evaluationStream(0, 'directions 0'),
        workers: 0,
      },
    );
    const { mean } = await msSsim(fakes.images(0, 32, 256, 0), { workers: 0 });
    expect(valuesOf(together)).toEqual({
      ...Object.fromEntries(swd.levels.map(({ name, value }) => [name, value])),
      SWDx1e3_avg: swd.average,
      'MS-SSIM': mean,
    });
    for (const metric of ['swd64', 'msssim32']) {
      const alone = await (await evaluator(metric, { workers: 2 })).measure(subject(fakes), fakes);
      expect(alone).toEqual(together.filter((record) => record.metric === metric));
    }
  });

  it('finds no distance between the reals and themselves, and some to the next ones', async () => {
    const measured = await evaluator('swd32');
    const [same] = await measured.measure(subject(reals, 'reals'), reals);
    expect(same!.values.map(({ value }) => value)).toEqual([0, 0, 0]);
    const [next] = await measured.measure(subject(reals, 'reals2'), reals);
    for (const { value, spread } of next!.values) {
      expect(value).toBeGreaterThan(5);
      expect(spread).toBeGreaterThan(0);
      expect(spread).toBeLessThan(value! / 5);
    }
  });

  it('is of other draws with another seed, of the same with the same', async () => {
    const measure = async (seed: number) =>
      valuesOf(await (await evaluator('swd16', { seed })).measure(subject(fakes), fakes));
    expect(await measure(3)).toEqual(await measure(3));
    expect(await measure(3)).not.toEqual(await measure(4));
  });

  it('gives the mean of repeats with their standard error', async () => {
    const measured = await evaluator('msssim12', { repeats: 3 });
    const [record] = await measured.measure(subject(fakes), fakes);
    const parts = await Promise.all(
      [0, 12, 24].map(async (first) => (await msSsim(fakes.images(first, 12, 12, 0), { workers: 0 })).mean),
    );
    const mean = (parts[0]! + parts[1]! + parts[2]!) / 3;
    const deviation = Math.sqrt(parts.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2);
    expect(record!.values[0]!.value).toBeCloseTo(mean, 12);
    expect(deviation).toBeGreaterThan(0.001);
    expect(record!.values[0]!.spread).toBeCloseTo(deviation / Math.sqrt(3), 12);
    expect(record!.provenance.repeats).toBe(3);
  });

  it('says what its numbers are of, and knows them again', async () => {
    const measured = await evaluator('swd16,msssim16');
    const [swd, ssim] = await measured.measure(subject(fakes), fakes);
    expect(swd!.provenance).toMatchObject({
      kind: 'swd',
      images: 16,
      shape: '3x32x32',
      seed: 0,
      minibatch: 256,
      reals: { kind: 'dataset', name: 'P32', identity: 'P32', count: 64, split: 'test' },
      settings: { patches: 128, repeats: 4, directions: 128, arithmetic: expect.any(String) as string },
      extractor: null,
      code: 'test',
    });
    expect(ssim!.provenance.reals).toBeNull();
    // Two sets of 16 images, two levels of 128 patches of 7x7 in three channels, four bytes each.
    expect(measured.memoryBytes).toBe(2 * 16 * 2 * 128 * 147 * 4);
    const [metric] = measured.metrics;
    expect(measured.isSame(swd!, metric!, subject(fakes))).toBe(true);
    expect(measured.isSame(ssim!, metric!, subject(fakes))).toBe(false);
    expect(measured.isSame(swd!, metric!, { ...subject(fakes), identity: 'x' })).toBe(false);
    for (const options of [{ seed: 1 }, { repeats: 2 }, { code: 'other' }, { reals: mirroredSet(reals) }])
      expect((await evaluator('swd16', options)).isSame(swd!, metric!, subject(fakes))).toBe(false);
  });

  it('takes the same images whatever else is measured, for the second reals and for repeats as well', async () => {
    const wide = { ...fakes, count: 64 };
    for (const [kind, repeats] of [
      ['reals2', 1],
      ['dataset', 2],
    ] as const) {
      const measure = async (metrics: string) =>
        (await (await evaluator(metrics, { repeats })).measure(subject(wide, kind), wide))[0]!.values;
      expect(await measure('swd8,msssim32')).toEqual(await measure('swd8'));
    }
  });

  it('gives the spread of its draws, of pairs, and knows the rows of equal images apart', async () => {
    const measured = await evaluator('swd16,msssim16');
    const [swd, ssim] = await measured.measure(subject(fakes), fakes);
    const { pairs } = await msSsim(fakes.images(0, 16, 16, 0), { workers: 0 });
    const mean = pairs.reduce((sum, pair) => sum + pair, 0) / 8;
    const squares = pairs.reduce((sum, pair) => sum + (pair - mean) ** 2, 0);
    expect(ssim!.values[0]!.spread).toBeCloseTo(Math.sqrt(squares / 7 / 8), 12);
    const describeSet = async (set: ImageSet, role: string) =>
      await describeImages(set.images(0, 16, 256, 0), {
        random: evaluationStream(0, `patches of ${role} 0`),
        workers: 0,
      });
    const { levels } = await slicedWasserstein(
      await describeSet(reals, 'reals'),
      await describeSet(fakes, 'others'),
      { random: evaluationStream(0, 'directions 0'), workers: 0 },
    );
    const draws = levels[0]!.repeats;
    const of = levels[0]!.value;
    const variance = draws.reduce((sum, draw) => sum + (draw - of) ** 2, 0) / 3;
    expect(swd!.values[0]!.spread).toBeCloseTo(Math.sqrt(variance / 4), 12);
    const [metric] = measured.metrics;
    expect(measured.isSame(swd!, metric!, subject(fakes, 'folder'))).toBe(false);
  });

  it('has an even minibatch, so that no pair is torn', async () => {
    const shape = { channels: 3, width: 96, height: 96 } as const;
    const measured = await evaluator('msssim16', { shape, reals: null });
    expect(measured.provenance(measured.metrics[0]!, 'folder').minibatch).toBe(84); // 8192 / 96 is 85
  });

  it('keeps descriptors of the reals on disk, those of mirrored ones apart', async () => {
    const cache = temporaryFolder();
    const once = await (await evaluator('swd16', { cache })).measure(subject(fakes), fakes);
    const files = readdirSync(cache).length;
    expect(files).toBe(3);
    const silent = { ...reals, images: () => expect.unreachable('the reals are known') };
    const again = await (await evaluator('swd16', { cache, reals: silent })).measure(subject(fakes), fakes);
    expect(again).toEqual(once);
    const changes = [{ reals: mirroredSet(reals) }, { seed: 3 }];
    for (const [i, change] of changes.entries()) {
      await (await evaluator('swd16', { cache, ...change })).measure(subject(fakes), fakes);
      expect(readdirSync(cache).length).toBe((i + 2) * files);
    }
    const fewer = await (await evaluator('swd8', { cache })).measure(subject(fakes), fakes);
    expect(fewer).toEqual(await (await evaluator('swd8')).measure(subject(fakes), fakes));
  });

  it('stops when asked, and tells how far it is until then', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const measured = await evaluator('swd32,msssim32', {
      signal: stop.signal,
      onProgress: ({ stage, done, total }) => {
        seen.push(stage);
        expect(done).toBeLessThanOrEqual(total!);
        if (stage === 'compare') stop.abort();
      },
    });
    await expect(measured.measure(subject(fakes), fakes)).rejects.toMatchObject({ code: 'interrupted' });
    expect(new Set(seen)).toEqual(new Set(['reals', 'read', 'compare']));
  });

  it.each([
    ['swd16', { reals: null }, 'option-invalid', 'swd16 needs real images to compare with'],
    ['swd16,swd16', {}, 'option-invalid', 'swd16 is named twice'],
    ['swd16', { seed: -1 }, 'option-invalid', 'seed'],
    ['swd16', { reals: setOf('P16', imageSet('P16')) }, 'images-differ', 'P16 has images of 3x16x16'],
    [
      'swd65',
      { reals: { ...reals, kind: 'folder' as const } },
      'too-few',
      'P32: swd65 needs 65 images, the folder has 64; ask for at most swd64',
    ],
    [
      'swd16',
      { shape: { channels: 3 as const, width: 8, height: 8 }, reals: null },
      'images-invalid',
      'expected images of at least 16x16, got 8x8',
    ],
    [
      'msssim16',
      { shape: { channels: 3 as const, width: 32, height: 24 }, reals: null },
      'images-invalid',
      'multiples of 16), got 32x24',
    ],
    ['fid16', {}, 'extractor-missing', 'fid16 needs a feature extractor (--extractor)'],
    ['modes16', {}, 'extractor-missing', 'modes16 needs a classifier of gray images (--classifier)'],
  ])('refuses %s with %o', async (metrics, options, code, message) => {
    const measured = async () => (await evaluator(metrics, options)).measure(subject(fakes), fakes);
    await expect(measured()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
  });

  it('tells of a set that fails while others wait for it', async () => {
    const broken: ImageSet = {
      ...fakes,
      async *images(first, count, minibatch, seed) {
        yield* fakes.images(first, Math.min(count, 8), minibatch, seed);
        throw new Error('gone');
      },
    };
    await expect((await evaluator('swd16,msssim64')).measure(subject(broken), broken)).rejects.toThrow(
      'gone',
    );
  });

  it('of flat images against flat ones is no distance, against pictures a large one', async () => {
    const flat = setOf('flat', { ...imageSet('P32'), data: new Uint8Array(16 * 3072).fill(90) });
    expect(
      valuesOf(await (await evaluator('swd16', { reals: flat })).measure(subject(flat), flat)),
    ).toMatchObject({
      SWDx1e3_avg: 0,
    });
    const far = valuesOf(await (await evaluator('swd16')).measure(subject(flat), flat));
    expect(far['SWDx1e3_avg']).toBeGreaterThan(300);
  });
});

describe('sets', () => {
  it('of mirrored images are mirrored about every second time, each place always the same way', async () => {
    const asBytes = async (set: ImageSet, first: number, count: number, seed = 1) => {
      const parts: Uint8Array[] = [];
      for await (const { data } of set.images(first, count, 7, seed)) parts.push(data);
      return Buffer.concat(parts);
    };
    const plain = await asBytes(reals, 0, 64);
    const mirrored = await asBytes(mirroredSet(reals), 0, 64);
    let turned = 0;
    for (let i = 0; i < 64; i++) {
      const [a, b] = [plain, mirrored].map((all) => all.subarray(i * 3072, (i + 1) * 3072));
      if (a!.equals(b!)) continue;
      turned++;
      expect(b!.equals(a!.map((_, at) => a![at - (at % 32) + 31 - (at % 32)]!))).toBe(true);
    }
    expect(turned).toBeGreaterThan(20);
    expect(turned).toBeLessThan(44);
    expect(await asBytes(mirroredSet(reals), 10, 20)).toEqual(mirrored.subarray(10 * 3072, 30 * 3072));
    expect(await asBytes(mirroredSet(reals), 0, 64, 2)).not.toEqual(mirrored);
  });

  it('of a folder are gray when all of its pictures are', async () => {
    const folder = temporaryFolder();
    const raw = { width: 16, height: 16 } as const;
    const gray = new Uint8Array(256).fill(80);
    await sharp(gray, { raw: { ...raw, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(join(folder, 'a.png'));
    const alone = await folderSet(folder);
    expect(alone.shape).toEqual({ channels: 1, width: 16, height: 16 });
    for await (const { data } of alone.images(0, 1, 4, 0)) expect(data).toEqual(gray);
    await sharp(new Uint8Array(768).fill(9), { raw: { ...raw, channels: 3 } })
      .png()
      .toFile(join(folder, 'b.png'));
    expect((await folderSet(folder)).shape.channels).toBe(3);
  });

  it('of gray images have three equal channels in colour', async () => {
    const gray = setOf('gray', { ...imageSet('P16'), channels: 1 });
    for await (const { data, channels } of colourSet(gray).images(0, 1, 4, 0)) {
      expect(channels).toBe(3);
      const planes = [0, 1, 2].map((c) => data.subarray(c * 256, (c + 1) * 256));
      expect(planes[1]).toEqual(planes[0]);
      expect(planes[2]).toEqual(imageSet('P16').data.subarray(0, 256));
    }
  });
});

describe('features', () => {
  /** Flat images with the same noise, moved by `shift`. */
  const flats = (name: string, shift: number) => {
    const levels = irwinHall(5, 3 * 64);
    const data = Uint8Array.from({ length: 64 * 3072 }, (_, i) =>
      Math.round(100 + shift + 10 * levels[Math.floor(i / 1024)]!),
    );
    return setOf(name, { channels: 3, width: 32, height: 32, data });
  };

  it('FID of images moved by a level is the square of it, with a spread; KID, precision and recall see it', async () => {
    const extractor = await openExtractor(writeModel(means(['n', 3, 32, 32])));
    const near = flats('near', 0);
    const options = { reals: near, extractor };
    const measured = await evaluator('fid64,kid32,pr64', options);
    const moved = valuesOf(await measured.measure(subject(near), flats('moved', 3)));
    // The same covariance, means 3 apart in each of 3 channels; levels are whole numbers.
    expect(moved['FID']).toBeCloseTo(27, 6);
    const same = await measured.measure(subject(near), near);
    expect(valuesOf(same)).toMatchObject({ Precision: 1, Recall: 1 });
    expect(valuesOf(same)['FID']).toBeLessThan(1e-6);
    const far = valuesOf(await measured.measure(subject(near), flats('far', 100)));
    expect(far).toMatchObject({ Precision: 0, Recall: 0 });
    expect(far['KIDx1e3']).toBeGreaterThan(1000 * Math.abs(valuesOf(same)['KIDx1e3']!));
    expect(same[0]).toMatchObject({
      metric: 'fid64',
      spreadOf: 'jackknife over 10 parts of the images',
      provenance: {
        extractor: { name: 'known', hash: extractor.hash, resizer: 'none' },
        settings: { dimension: 3 },
      },
    });
    const alone = await (await evaluator('kid32', options)).measure(subject(near), near);
    expect(alone).toEqual(same.filter(({ metric }) => metric === 'kid32'));
    const cache = temporaryFolder();
    const fid = async (source: ImageSet) =>
      (await evaluator('fid64', { ...options, reals: source, cache })).measure(subject(near), near);
    const kept = await fid(near);
    expect(kept).toEqual(same.filter(({ metric }) => metric === 'fid64'));
    expect(await fid({ ...near, images: () => expect.unreachable('the reals are known') })).toEqual(kept);
    await extractor.close();
  });

  /** Means of the channels of the first images: what the network of these tests sees. */
  const meansOf = async (set: ImageSet, count: number) => {
    const data: number[] = [];
    for await (const batch of set.images(0, count, 64, 0))
      for (let plane = 0; plane < batch.data.length; plane += 1024)
        data.push(batch.data.subarray(plane, plane + 1024).reduce((sum, value) => sum + value, 0) / 1024);
    return { dimension: 3, data: Float64Array.from(data) };
  };

  it('every count has its own value, equal to that of the functions by themselves', async () => {
    const extractor = await openExtractor(writeModel(means(['n', 3, 32, 32])));
    const measured = await evaluator('fid16,fid64,kid32,pr16,pr64', { extractor });
    const records = await measured.measure(subject(fakes), fakes);
    const byName = Object.fromEntries(records.map((record) => [record.metric, record]));
    for (const count of [16, 64]) {
      const [a, b] = [await meansOf(reals, count), await meansOf(fakes, count)];
      const fid = byName[`fid${count}`]!.values[0]!;
      expect(fid.value! / frechetDistance(featureStatistics(a), featureStatistics(b))).toBeCloseTo(1, 5);
      const parts = Math.min(10, count / 2);
      const without = Array.from({ length: parts }, (_, part) => {
        const [first, last] = [part, part + 1].map((at) => Math.floor((at * count) / parts) * 3);
        const data = Float64Array.from([...b.data.subarray(0, first), ...b.data.subarray(last)]);
        return frechetDistance(featureStatistics(a), featureStatistics({ dimension: 3, data }));
      });
      const mean = without.reduce((sum, value) => sum + value, 0) / parts;
      const squares = without.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      expect(fid.spread! / Math.sqrt(((parts - 1) / parts) * squares)).toBeCloseTo(1, 3);
      const { precision, recall } = await precisionRecall(a, b, { k: 3, workers: 0 });
      const [p, r] = byName[`pr${count}`]!.values;
      expect([p!.name, p!.value, r!.name, r!.value]).toEqual(['Precision', precision, 'Recall', recall]);
      expect(p!.spread).toBeCloseTo(Math.sqrt((precision * (1 - precision)) / count), 12);
    }
    const kid = await kernelDistance(await meansOf(reals, 32), await meansOf(fakes, 32), {
      random: evaluationStream(0, 'subsets 0'),
      subsets: 100,
      size: 16,
      workers: 0,
    });
    const [value] = byName['kid32']!.values;
    expect(value!.value! / (1000 * kid.mean)).toBeCloseTo(1, 4);
    expect(value!.spread! / (1000 * kid.deviation)).toBeCloseTo(1, 4);
    expect(value!.spread).toBeGreaterThan(0);
    await extractor.close();
  });

  it('the cache keeps sizes of one dataset apart', async () => {
    const cache = temporaryFolder();
    const extractor = await openExtractor(
      writeModel(means(['n', 3, 'height', 'width']), { input: { width: 'any', height: 'any' } }),
    );
    // The same files: their hash is that of the largest images.
    const large = setOf('same', fourfold('P32'));
    const small = setOf('same', imageSet('P16'));
    for (const metrics of ['fid16', 'swd16']) {
      await (
        await evaluator(metrics, { reals: large, extractor, cache })
      ).measure(subject(large, 'reals'), large);
      const measured = await evaluator(metrics, { reals: small, shape: small.shape, extractor, cache });
      const [record] = await measured.measure(subject(small, 'reals'), small);
      expect(record!.values.at(-1)!.value).toBeLessThan(1e-6);
    }
    await extractor.close();
  });

  it('tells precision from recall', async () => {
    // Few of the reals' kinds, all of them good.
    const wide = flats('wide', 0);
    const data = new Uint8Array(64 * 3072);
    for await (const batch of wide.images(0, 4, 4, 0))
      for (let i = 0; i < 64; i++)
        data.set(
          batch.data.subarray((i % 4) * 3072, (i % 4) * 3072 + 3072).map((level) => level + (i >> 4)),
          i * 3072,
        );
    const narrow = setOf('narrow', { channels: 3, width: 32, height: 32, data });
    const extractor = await openExtractor(writeModel(means(['n', 3, 32, 32])));
    const [record] = await (
      await evaluator('pr64', { reals: wide, extractor })
    ).measure(subject(narrow), narrow);
    const { Precision, Recall } = valuesOf([record!]);
    expect(Precision).toBeGreaterThan(0.7);
    expect(Recall).toBeLessThan(0.5);
    await extractor.close();
  });

  it('statistics of the reals are kept apart by network and by count', async () => {
    const cache = temporaryFolder();
    const near = flats('near', 0);
    const measure = async (scale: number, metrics: string, where?: string) => {
      const path = writeModel(means(['n', 3, 32, 32]), { input: { range: [0, scale] } });
      const extractor = await openExtractor(path);
      const measured = await evaluator(metrics, { reals: near, extractor, cache: where });
      const records = await measured.measure(subject(near), flats('moved', 3));
      await extractor.close();
      return valuesOf(records)['FID'];
    };
    expect(await measure(255, 'fid64', cache)).toBeCloseTo(27, 6);
    expect(await measure(510, 'fid64', cache)).toBeCloseTo(4 * 27, 5);
    expect(await measure(255, 'fid32', cache)).toBe(await measure(255, 'fid32'));
  });

  it('the Inception Score and its deviation come with them; a metric that the network does not serve is refused', async () => {
    const parts = {
      outputs: { features: 'pooled', logits: 'logits' },
      input: { range: [0, 1] },
      resizer: 'bilinear',
    };
    const extractor = await openExtractor(writeModel(classifier('n'), parts));
    const [record] = await (
      await evaluator('is64', { reals: null, extractor })
    ).measure(subject(fakes), fakes);
    const [mean, deviation] = record!.values;
    expect(mean!.name).toBe('IS_mean');
    expect(mean!.value).toBeGreaterThan(1);
    expect(mean!.spread).toBeCloseTo(deviation!.value! / 3, 12);
    const blind = await openExtractor(writeModel(means(['n', 3, 32, 32])));
    await expect(evaluator('is64', { extractor: blind })).rejects.toMatchObject({ code: 'output-missing' });
    await Promise.all([extractor.close(), blind.close()]);
  });

  it('statistics of parts are merged to those of the whole', () => {
    const data = irwinHall(9, 60 * 5);
    const whole = featureStatistics({ dimension: 5, data });
    const parts = [0, 10, 35].map((first, i, all) =>
      featureStatistics({ dimension: 5, data: data.subarray(first * 5, (all[i + 1] ?? 60) * 5) }),
    );
    const merged = mergeStatistics(parts);
    expect(merged.count).toBe(60);
    merged.mean.forEach((value, i) => expect(value).toBeCloseTo(whole.mean[i]!, 13));
    merged.covariance.forEach((value, i) => expect(value).toBeCloseTo(whole.covariance[i]!, 12));
  });

  it('modes of stacked flat images are counted', async () => {
    // Logits of ten classes by the mean level of a plane: class c at level 10 + 20 c.
    const centres = Array.from({ length: 10 }, (_, c) => 10 + 20 * c);
    const graph = {
      inputs: [{ name: 'picture', shape: ['n', 1, 32, 32] }],
      outputs: [{ name: 'logits', shape: ['n', 10] }],
      weights: [
        { name: 'matrix', shape: [1, 10], data: Float32Array.from(centres, (x) => 2 * x) },
        { name: 'bias', shape: [10], data: Float32Array.from(centres, (x) => -x * x) },
      ],
      operators: [
        {
          op: 'ReduceMean',
          inputs: ['picture'],
          outputs: ['mean'],
          attributes: { axes: [2, 3], keepdims: 0 },
        },
        { op: 'MatMul', inputs: ['mean', 'matrix'], outputs: ['product'] },
        { op: 'Add', inputs: ['product', 'bias'], outputs: ['logits'] },
      ],
    };
    const path = writeModel(graph as never, { outputs: { logits: 'logits' }, input: { channels: 'gray' } });
    const extractor = await openExtractor(path);
    // Eight images in turn: red and green are classes 0 to 7, blue is always 9.
    const data = Uint8Array.from({ length: 8 * 3072 }, (_, i) => {
      const channel = Math.floor(i / 1024) % 3;
      return channel === 2 ? 190 : 10 + 20 * Math.floor(i / 3072);
    });
    const stacked = setOf('stacked', { channels: 3, width: 32, height: 32, data });
    const [record] = await (
      await evaluator('modes16', { reals: null, classifier: extractor })
    ).measure(subject(stacked), stacked);
    expect(record!.values).toMatchObject([
      { name: 'Modes', value: 8, spread: 0 },
      { name: 'KL', spread: 0 },
    ]);
    expect(record!.values[1]!.value).toBeCloseTo(Math.log(1000 / 8), 10);
    expect(record!.provenance.settings).toEqual({ repeats: 10, classes: 10, bins: 1000 });
    await extractor.close();
  });
});
