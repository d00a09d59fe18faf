import { describe, expect, it } from 'vitest';
import { rgbImage } from '../../src/index.js';
import { buildOptionsSchema, planBuild } from '../../src/pipeline/options.js';
import { outsideShare, sharpness } from '../../src/pipeline/scores.js';
import { decide } from '../../src/pipeline/select.js';
import { nothingKnown } from '../../src/pipeline/stage.js';

describe('share of the portrait outside the picture', () => {
  it.each([
    ['inside', [10, 10, 10, 20, 20, 20, 20, 10], 0],
    ['half over the left edge', [-5, 10, -5, 20, 5, 20, 5, 10], 0.5],
    ['three quarters over a corner', [-5, -5, -5, 5, 5, 5, 5, -5], 0.75],
    ['wholly outside', [-20, 0, -20, 10, -10, 10, -10, 0], 1],
    ['around the picture', [-50, -50, -50, 150, 150, 150, 150, -50], 0.75],
    ['a diamond with its tip outside', [50, -10, 40, 0, 50, 10, 60, 0], 0.5],
  ])('%s', (_, quad, share) => {
    expect(outsideShare(quad, 100, 100)).toBeCloseTo(share, 12);
  });
});

describe('sharpness', () => {
  const picture = (side: number, value: (x: number, y: number) => number) =>
    rgbImage(
      side,
      side,
      Uint8Array.from({ length: side * side * 3 }, (_, i) =>
        value(Math.floor(i / 3) % side, Math.floor(i / 3 / side)),
      ),
    );

  it('is the same for half the contrast', () => {
    const full = sharpness(picture(64, (x, y) => 128 + 100 * Math.sin(x / 3) * Math.cos(y / 4)));
    const half = sharpness(picture(64, (x, y) => 128 + 50 * Math.sin(x / 3) * Math.cos(y / 4)));
    expect(half / full).toBeCloseTo(1, 1);
  });

  it('falls with the size of the detail', () => {
    const waves = [1, 2, 4, 8].map((period) =>
      sharpness(picture(64, (x) => 128 + 100 * Math.sin(x / period))),
    );
    expect(waves).toEqual([...waves].sort((a, b) => b - a));
    expect(waves[3]).toBeLessThan(1);
  });

  it('of a flat picture is 0, and sizes from 8 to 1024 are measured', () => {
    for (const side of [4, 8, 256, 1024]) expect(sharpness(picture(side, () => 200))).toBe(0);
  });
});

describe('decisions', () => {
  const limits = planBuild(buildOptionsSchema.parse({ source: 's', out: 'o' }), {}).select;
  const scores = { eyeDistance: 40, faceSize: 160, enlarged: 0.4, outside: 0, sharpness: 20 };
  const report = {
    ...nothingKnown,
    face: 0,
    faces: 1,
    scores,
    failure: null,
  };

  it.each([
    [{}, null],
    [{ eyeDistance: 11.9 }, 'face-too-small'],
    [{ eyeDistance: null }, null],
    [{ enlarged: 4.1 }, 'enlarged-too-much'],
    [{ outside: 0.26 }, 'too-much-outside'],
    [{ sharpness: 5.9 }, 'too-blurred'],
    [{ eyeDistance: 12, enlarged: 4, outside: 0.25, sharpness: 6 }, null],
  ])('%j: %s', (change, reason) => {
    expect(decide({ ...report, scores: { ...scores, ...change } }, limits).reason).toBe(reason);
  });

  it('a face of less confidence than the limit, where one is known', () => {
    const unsure = { ...report, scores, confidence: 0.4 };
    expect(decide(unsure, { ...limits, minConfidence: 0.5 }).reason).toBe('low-confidence');
    expect(decide(unsure, { ...limits, minConfidence: 0.4 }).reason).toBeNull();
    expect(decide({ ...unsure, confidence: null }, { ...limits, minConfidence: 0.5 }).reason).toBeNull();
  });

  it('a failure of the stage comes first', () => {
    const failure = { reason: 'no-face', detail: 'no face was found' } as const;
    expect(decide({ ...report, scores: null, failure }, limits)).toEqual(failure);
  });
});
