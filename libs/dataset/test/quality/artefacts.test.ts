import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { rgbImage } from '../../src/faces/image.js';
import { blockiness } from '../../src/quality/blockiness.js';
import { lumaPlane } from '../../src/quality/luma.js';
import { noiseLevel } from '../../src/quality/noise.js';
import { boxOfQuad, faceInQuad, faceOf } from '../../src/quality/portrait-area.js';
import { deadLeaves, painted } from './dead-leaves.js';
import { jpeg, noise } from './degrade.js';

const everywhere = () => true;

describe('noise level', () => {
  it('is about 0.8 of the deviation of white noise, on slopes and edges too', () => {
    for (const sigma of [2, 5, 10, 20]) {
      const values = new RandomState(3).normals(128 * 128);
      const slope = painted(
        128,
        128,
        (x, y) => 70 + 0.5 * x + 0.3 * y + (x > 60 ? 30 : 0) + sigma * values[y * 128 + x]!,
      );
      const level = noiseLevel(lumaPlane(slope), everywhere)!;
      expect(level / sigma).toBeGreaterThan(0.72);
      expect(level / sigma).toBeLessThan(0.88);
    }
  });

  it('is next to nothing for a clean picture with detail', () => {
    expect(noiseLevel(lumaPlane(deadLeaves(128, 1)), everywhere)).toBeLessThan(0.5);
    expect(noiseLevel(lumaPlane(painted(64, 64, (x, y) => x + y)), everywhere)).toBe(0);
  });

  it('does not take white and black areas, where noise is cut off, for clean ones', () => {
    const values = new RandomState(4).normals(128 * 128);
    const half = painted(128, 128, (x, y) => (x < 64 ? 255 : x < 80 ? 0 : 128 + 10 * values[y * 128 + x]!));
    expect(noiseLevel(lumaPlane(half), everywhere)).toBeGreaterThan(6);
  });

  it('is unknown where nothing can be measured', () => {
    expect(noiseLevel(lumaPlane(painted(128, 128, () => 0)), everywhere)).toBeNull();
    expect(noiseLevel(lumaPlane(painted(8, 8, () => 90)), everywhere)).toBeNull();
    expect(noiseLevel(lumaPlane(painted(128, 128, () => 90)), () => false)).toBeNull();
  });
});

describe('blockiness', () => {
  /** Blocks of alternating grey whose borders lie at `phase` mod 8. */
  const blocks = (height: number, phase: number) =>
    painted(96, 80, (x, y) => 100 + height * ((((x - phase + 8) >> 3) + ((y - phase + 8) >> 3)) % 2));

  it('is the height of the steps, wherever the blocks begin', () => {
    for (const phase of [0, 1, 5]) expect(blockiness(lumaPlane(blocks(6, phase)))).toBeCloseTo(3, 5);
  });

  it('is 0 without blocks, for a pattern of 2 or 4 pixels, and for pictures without room for any', () => {
    expect(blockiness(lumaPlane(painted(64, 64, (x, y) => x + 2 * y)))).toBe(0);
    expect(blockiness(lumaPlane(painted(64, 64, (x, y) => 20 * ((x + y) % 2))))).toBeCloseTo(0, 5);
    expect(blockiness(lumaPlane(painted(64, 64, (x) => 20 * ((x >> 1) % 2))))).toBeCloseTo(0, 5);
    expect(blockiness(lumaPlane(painted(15, 64, () => 1)))).toBe(0);
  });

  it('does not take outlines or noise for blocks', async () => {
    const picture = deadLeaves(128, 5);
    expect(blockiness(lumaPlane(picture))).toBeLessThan(0.4);
    expect(blockiness(lumaPlane(await noise(20)(picture, 1)))).toBeLessThan(0.7);
  });

  it('grows as the quality of a JPEG falls', async () => {
    const picture = deadLeaves(128, 6);
    const levels = await Promise.all(
      [95, 75, 50, 30, 10].map(async (quality) => blockiness(lumaPlane(await jpeg(quality)(picture, 0)))),
    );
    for (let i = 1; i < levels.length; i++) expect(levels[i]).toBeGreaterThan(levels[i - 1]!);
  });
});

describe('the face in a portrait', () => {
  it('is an ellipse about the middle, wherever the portrait lies and however it is turned', () => {
    const inFace = faceOf(100, 100);
    // A quad turned by a right angle: top-left of the portrait is the picture's bottom-left.
    const turned = faceInQuad([10, 110, 110, 110, 110, 10, 10, 10], { left: 0, top: 0 });
    const moved = faceInQuad([30, 40, 30, 140, 130, 140, 130, 40], { left: 5, top: 6 });
    for (let y = 0; y < 100; y += 7) {
      for (let x = 0; x < 100; x += 7) {
        expect(moved(x + 25, y + 34)).toBe(inFace(x, y));
        expect(turned(10 + y, 110 - x)).toBe(inFace(x, y));
      }
    }
    expect([inFace(50, 50), inFace(50, 85), inFace(15, 50), inFace(50, 10)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('is cut out of the picture with at most so many pixels', () => {
    const quad = [-50, -50, -50, 950, 950, 950, 950, -50];
    expect(boxOfQuad(quad, 800, 600, 4000)).toEqual({ left: 0, top: 0, right: 800, bottom: 600 });
    expect(boxOfQuad(quad, 800, 600, 200)).toEqual({ left: 350, top: 350, right: 550, bottom: 550 });
    const away = boxOfQuad([2000, 2000, 2000, 2100, 2100, 2100, 2100, 2000], 800, 600, 512);
    expect(away.right - away.left).toBe(0);
    expect(lumaPlane(rgbImage(800, 600), away).data.length).toBe(0);
  });
});
