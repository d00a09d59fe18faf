import { describe, expect, it } from 'vitest';
import { computeQuad } from '../../src/faces/quad.js';
import { faceQuality, overallQuality } from '../../src/quality/face-quality.js';
import { deadLeaves } from './dead-leaves.js';
import { degradations, jpeg, noise, scaled, toSharp, type Degradation } from './degrade.js';
import { portraitOf } from './portraits.js';

/** A picture of 180 × 180 whose face is cut out at the very size of the portrait or near it. */
const picture = deadLeaves(180, 11);
const points = [70, 75, 110, 75, 90, 98, 75, 118, 105, 118];

const qualityOf = async (size: number, degrade?: Degradation) => {
  const { image, source } = await portraitOf({ picture, points }, size, degrade, 5);
  const scores = faceQuality(image, source);
  return { ...scores, quality: scores.quality! };
};

describe.each([128, 256])('quality of a portrait of %i px', (size) => {
  it.each(Object.keys(degradations))('falls by %s', async (name) => {
    const { quality } = await qualityOf(size);
    const degraded = await qualityOf(size, degradations[name as keyof typeof degradations]);
    expect(degraded.quality).toBeLessThan(quality - 0.5);
  });
});

describe('the scores of a portrait', () => {
  it('are the same for the same', async () => {
    expect(await qualityOf(64)).toEqual(await qualityOf(64));
  });

  it('hold what is known of the source', async () => {
    const { image, source } = await portraitOf({ picture, points }, 64);
    const file = await toSharp(picture).jpeg({ quality: 80 }).toBuffer();
    const scores = faceQuality(image, { ...source, file });
    expect(scores.jpegQuality).toBe(80);
    expect(scores.roll).toBeCloseTo(0, 6);
    expect(scores.turn).toBeGreaterThan(0);
    expect(scores.quality).toBeCloseTo(overallQuality(scores.spectrum!, scores.noise, scores.blockiness), 10);
  });

  it('leave out what only the source could tell', async () => {
    const { image } = await portraitOf({ picture, points }, 64);
    expect(faceQuality(image, null)).toMatchObject({
      blockiness: null,
      jpegQuality: null,
      yaw: null,
      turn: null,
    });
  });

  it('are as far as they go for tiny portraits', () => {
    const tiny = faceQuality(deadLeaves(16, 1), null);
    expect(tiny).toMatchObject({ quality: null, spectrum: null, noise: null });
    expect(tiny.brightness).toBeGreaterThan(0);
    expect(faceQuality(deadLeaves(8, 1), null).contrast).toBeGreaterThanOrEqual(0);
  });

  it('count the noise that is left of a source that was reduced', async () => {
    // Enlarged, so that the portrait is a fifth of it: noise of its pixels is averaged away.
    const large = { picture: await scaled(picture, 5), points: points.map((value) => value * 5) };
    const { quad } = computeQuad(large.points, { outputSize: 64 });
    const clean = await portraitOf(large, 64);
    const noisy = await portraitOf(large, 64, noise(15), 1);
    expect(noisy.source.quad).toEqual(quad);
    const [before, after] = [clean, noisy].map(({ image, source }) => faceQuality(image, source));
    expect(after!.noise! - before!.noise!).toBeLessThan(4);
  });

  it('do not count blocks of a source that are smaller than pixels of the portrait', async () => {
    const large = { picture: await scaled(picture, 8), points: points.map((value) => value * 8) };
    const { image, source } = await portraitOf(large, 32, jpeg(10));
    expect(faceQuality(image, source).blockiness).toBe(0);
  });
});

describe('overall quality', () => {
  it('loses 3 dB by noise of 1.5 grey levels and by blocks of 2, and nothing by what is not known', () => {
    expect(overallQuality(-20, null, null)).toBe(-20);
    expect(overallQuality(-20, 0, 0)).toBe(-20);
    expect(overallQuality(-20, 1.5, 0)).toBeCloseTo(-23.0103, 4);
    expect(overallQuality(-20, null, 2)).toBeCloseTo(-23.0103, 4);
  });
});
