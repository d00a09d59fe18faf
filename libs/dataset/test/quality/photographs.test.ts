/** Known degradations of photographs rank below their originals; all of them: tools/bench/quality.mts. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faceQuality } from '../../src/quality/face-quality.js';
import { testData } from '../faces-support.js';
import { degradations } from './degrade.js';
import { loadPhotograph, photographs, portraitOf } from './portraits.js';

const size = 128;
const count = 60;

describe.skipIf(!existsSync(join(testData, 'faces-index.csv')))('photographs of PGGAN_TEST_DATA', () => {
  it('rank above what blur, JPEG, enlargement, noise and motion make of them, in 95 of 100 pairs', async () => {
    // Of odd number: the constants of the score were chosen on the others.
    const all = photographs(testData).filter((_, i) => i % 2 === 1);
    const chosen = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!);
    const names = ['blur 2', 'jpeg 10', 'thumbnail 1/4', 'noise 10', 'motion 5'] as const;
    const lower = new Map<string, number>(names.map((name) => [name, 0]));
    for (const [i, photograph] of chosen.entries()) {
      const loaded = await loadPhotograph(testData, photograph, size);
      const qualityOf = async (name?: (typeof names)[number]) => {
        const { image, source } = await portraitOf(loaded, size, name && degradations[name], i + 1);
        return faceQuality(image, source).quality!;
      };
      const original = await qualityOf();
      for (const name of names) if ((await qualityOf(name)) < original) lower.set(name, lower.get(name)! + 1);
    }
    for (const [name, pairs] of lower) expect(pairs / count, name).toBeGreaterThanOrEqual(0.95);
  }, 120_000);
});
