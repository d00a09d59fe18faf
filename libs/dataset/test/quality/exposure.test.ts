import { describe, expect, it } from 'vitest';
import { rgbImage } from '../../src/faces/image.js';
import { exposure } from '../../src/quality/exposure.js';
import { faceOf } from '../../src/quality/portrait-area.js';
import { painted } from './dead-leaves.js';

describe('exposure', () => {
  it('is measured in the face only', () => {
    const inFace = faceOf(128, 128);
    const portrait = painted(128, 128, (x, y) => (inFace(x + 0.5, y + 0.5) ? 120 : 255));
    const { brightness, contrast, dark, bright } = exposure(portrait);
    expect(brightness).toBeCloseTo(120, 3);
    expect(contrast).toBeLessThan(0.01);
    expect([dark, bright]).toEqual([0, 0]);
  });

  it('tells what is lost in black and in white', () => {
    const halves = exposure(painted(128, 128, (x) => (x < 64 ? 0 : 255)));
    expect(halves.dark).toBeCloseTo(0.5, 5);
    expect(halves.bright).toBeCloseTo(0.5, 5);
    expect(halves.brightness).toBeCloseTo(127.5, 3);
    expect(halves.contrast).toBeCloseTo(127.5, 3);
    const red = rgbImage(64, 64);
    for (let i = 0; i < red.data.length; i += 3) red.data[i] = 255; // a saturated channel has lost its detail
    expect(exposure(red)).toMatchObject({ dark: 0, bright: 1 });
  });

  it('is nearly the same for a large portrait, of which a part is read', () => {
    const wave = (side: number) =>
      exposure(
        painted(side, side, (x, y) => 128 + 60 * Math.sin((20 * x) / side) * Math.cos((17 * y) / side)),
      );
    expect(wave(1024).brightness).toBeCloseTo(wave(256).brightness, 0);
    expect(wave(1024).contrast).toBeCloseTo(wave(256).contrast, 0);
  });
});
