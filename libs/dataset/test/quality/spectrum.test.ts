import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { rgbImage, type RgbImage } from '../../src/faces/image.js';
import { spectrumScore as scoreOrNull, type SpectrumScore } from '../../src/quality/spectrum.js';
import { deadLeaves, painted } from './dead-leaves.js';
import { blur, fromSharp, motion, thumbnail, toSharp } from './degrade.js';

const spectrumScore = (portrait: RgbImage): SpectrumScore => scoreOrNull(portrait)!;

function whiteNoise(side: number, sigma: number) {
  const values = new RandomState(7).normals(side * side);
  return painted(side, side, (x, y) => Math.max(0, Math.min(255, 128 + sigma * values[y * side + x]!)));
}

describe('frequency-spectrum score', () => {
  it('is -12.4 dB for white noise, at every size', () => {
    for (const side of [32, 64, 128, 256, 512]) {
      const { score, evenness } = spectrumScore(whiteNoise(side, 30));
      expect(score).toBeGreaterThan(side === 32 ? -16 : -13.6);
      expect(score).toBeLessThan(-12.2);
      expect(evenness).toBeGreaterThan(side === 32 ? -2 : -1.2);
      expect(evenness).toBeLessThanOrEqual(0);
    }
  });

  it('is the sum of its parts', () => {
    const { score, detail, evenness } = spectrumScore(deadLeaves(128, 1));
    expect(score).toBeCloseTo(detail + evenness, 10);
  });

  it('is lowest for pictures without contrast', () => {
    expect(spectrumScore(painted(64, 64, () => 200)).score).toBeLessThan(-40);
  });

  it('is the same for a picture turned by a right angle or mirrored, brighter or weaker in contrast', async () => {
    const picture = deadLeaves(128, 2);
    const { score } = spectrumScore(picture);
    for (const changed of [toSharp(picture).rotate(90), toSharp(picture).flop()])
      expect(spectrumScore(await fromSharp(changed)).score).toBeCloseTo(score, 8);
    const weaker = rgbImage(
      128,
      128,
      picture.data.map((value) => Math.round(60 + value * 0.6)),
    );
    expect(spectrumScore(weaker).score).toBeCloseTo(score, 1);
  });

  it.each([64, 128, 256, 512])('falls with blur, motion and enlargement, %i px', async (side) => {
    const picture = deadLeaves(side, 3);
    const { score, evenness } = spectrumScore(picture);
    expect(spectrumScore(await blur(1)(picture, 0)).score).toBeLessThan(score - 3);
    expect(spectrumScore(await blur(2)(picture, 0)).score).toBeLessThan(score - 8);
    expect(spectrumScore(await thumbnail(2)(picture, 0)).score).toBeLessThan(score - 2);
    expect(spectrumScore(await thumbnail(4)(picture, 0)).score).toBeLessThan(score - 6);
    const moved = spectrumScore(await motion(7)(picture, 4));
    expect(moved.score).toBeLessThan(score - 4);
    expect(moved.evenness).toBeLessThan(evenness - 2);
  });

  it('takes lines in one direction for what they are', () => {
    const lines = painted(128, 128, (x) => 128 + 60 * Math.sin(x * x * 0.01));
    expect(spectrumScore(lines).evenness).toBeLessThan(-10);
  });

  it('looks at the middle of pictures of other sizes, and says nothing below 32 pixels', () => {
    const large = deadLeaves(128, 4);
    const middle = painted(100, 100, (x, y) => large.data[((y + 14) * 128 + x + 14) * 3]!);
    const inner = painted(64, 64, (x, y) => large.data[((y + 32) * 128 + x + 32) * 3]!);
    expect(spectrumScore(middle)).toEqual(spectrumScore(inner));
    expect(scoreOrNull(painted(31, 64, () => 0))).toBeNull();
    expect(scoreOrNull(painted(32, 32, () => 0))).not.toBeNull();
  });
});
