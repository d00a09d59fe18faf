import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import {
  extractFeatures,
  featureStatistics,
  frechetDistance,
  inceptionScore,
  kernelDistance,
  openExtractor,
  precisionRecall,
  type ImageBatch,
} from '../../src/index.js';
import { batches } from '../golden.js';
import { classes, classifier, maps, writeModel } from './models.js';

const random = new RandomState(21);
const set = (count: number): ImageBatch => ({
  data: Uint8Array.from({ length: count * 432 }, () => random.randint(256)),
  channels: 3,
  width: 12,
  height: 12,
});
const images = set(50);
const manifest = writeModel(classifier('n'), {
  input: { range: [0, 1] },
  outputs: { features: 'pooled', logits: 'logits' },
  batch: 8,
});

describe('features of a set', () => {
  it('are those of its images, in one pass, to the last bit however they come', async () => {
    const extractor = await openExtractor(manifest);
    const all = await extractor.extract(images, ['features', 'probabilities']);
    let calls = 0;
    const counted = {
      ...{
        name: extractor.name,
        batch: extractor.batch,
        channels: extractor.channels,
        outputs: extractor.outputs,
      },
      ...{ hash: extractor.hash, runtime: extractor.runtime, resizer: extractor.resizer },
      close: () => extractor.close(),
      extract: ((...given: Parameters<typeof extractor.extract>) => {
        calls++;
        return extractor.extract(...given);
      }) as typeof extractor.extract,
    };
    const seen: unknown[] = [];
    for (const size of [50, 7, 1]) {
      calls = 0;
      seen.length = 0;
      const found = await extractFeatures(batches(images, size), counted, {
        keep: ['statistics', 'features', 'probabilities'],
        images: 50,
        onProgress: (progress) => seen.push(progress),
      });
      expect(calls).toBe(7);
      expect(found.count).toBe(50);
      expect(found.features).toEqual({ dimension: maps, data: all.features.data });
      expect(found.probabilities).toEqual({ dimension: classes, data: all.probabilities.data });
      expect(found.statistics).toEqual(featureStatistics(all.features));
      expect(seen).toEqual([8, 16, 24, 32, 40, 48, 50].map((done) => ({ done, total: 50 })));
    }
    const statistics = await extractFeatures(batches(images, 9), extractor, { keep: ['statistics'] });
    expect(Object.keys(statistics).sort()).toEqual(['count', 'statistics']);
    await extractor.close();
  });

  it('serve every metric', async () => {
    const extractor = await openExtractor(manifest);
    const keep = ['statistics', 'features', 'probabilities'] as const;
    const reals = await extractFeatures([images], extractor, { keep });
    const others = await extractFeatures([set(60)], extractor, { keep });
    await extractor.close();
    // Eigenvalues of a singular product: the square root of float64's precision.
    expect(Math.abs(frechetDistance(reals.statistics, reals.statistics))).toBeLessThan(1e-7);
    expect(frechetDistance(reals.statistics, others.statistics)).toBeGreaterThan(1e-6);
    expect(await precisionRecall(reals.features, reals.features, { workers: 0 })).toEqual({
      precision: 1,
      recall: 1,
    });
    const random = new RandomState(1);
    const { mean } = await kernelDistance(reals.features, others.features, {
      random,
      subsets: 3,
      workers: 0,
    });
    expect(Math.abs(mean)).toBeLessThan(1e-3);
    const { mean: score } = inceptionScore(others.probabilities.data, classes, 2);
    expect(score).toBeGreaterThan(1);
    expect(score).toBeLessThan(classes);
  });

  it('need images, and as much as is asked for', async () => {
    const extractor = await openExtractor(manifest);
    await expect(extractFeatures([], extractor, { keep: ['statistics'] })).rejects.toMatchObject({
      code: 'too-few',
    });
    await expect(
      extractFeatures([{ ...images, data: images.data.subarray(0, 432) }], extractor, {
        keep: ['statistics'],
      }),
    ).rejects.toMatchObject({ code: 'too-few', message: expect.stringContaining('at least 2 images') });
    for (const [keep, got] of [
      [['stats'], 'stats'],
      [[], 'none'],
    ])
      await expect(
        extractFeatures([images], extractor, { keep: keep as ['statistics'] }),
      ).rejects.toMatchObject({
        code: 'option-invalid',
        message: `keep: expected some of statistics, parts, features, probabilities, got ${got as string}`,
      });
    await extractor.close();
    const featuresOnly = await openExtractor(
      writeModel(classifier('n'), { outputs: { features: 'pooled' } }),
    );
    await expect(
      extractFeatures([images], featuresOnly, { keep: ['features', 'probabilities'] }),
    ).rejects.toMatchObject({ code: 'output-missing' });
    await featuresOnly.close();
  });

  it('stop on request, reading no further', async () => {
    const extractor = await openExtractor(manifest);
    const controller = new AbortController();
    let read = 0;
    function* endless() {
      for (;;) {
        read++;
        yield images;
      }
    }
    await expect(
      extractFeatures(endless(), extractor, {
        keep: ['statistics'],
        signal: controller.signal,
        onProgress: ({ done, total }) => {
          expect(total).toBeNull();
          if (done >= 100) controller.abort();
        },
      }),
    ).rejects.toMatchObject({ code: 'interrupted' });
    expect(read).toBeLessThan(5);
    await extractor.close();
  });
});
