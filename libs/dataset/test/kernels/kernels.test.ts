/** Every kernel against its slow twin, byte for byte. */
import { describe, expect, it } from 'vitest';
import { rgbImage } from '../../src/faces/image.js';
import { cropImage, lanczosAxis, resizeLanczos } from '../../src/faces/lanczos.js';
import { halvings } from '../../src/kernels/levels.js';
import { reducedLuma } from '../../src/kernels/luma.js';
import { rgbPlanes } from '../../src/kernels/planes.js';
import * as reference from '../../src/kernels/reference.js';
import { levelSizes } from '../../src/records/image-size.js';
import { fits } from '../../src/pipeline/fit.js';
import { imageLevels } from '../../src/records/levels.js';
import { bytes } from './samples.js';

/** Vitest compares long arrays element by element, which takes seconds. */
function same(got: Uint8Array, expected: Uint8Array): void {
  expect(got.length).toBe(expected.length);
  const first = got.findIndex((value, i) => value !== expected[i]);
  expect([first, got[first]]).toEqual([-1, undefined]);
}

describe('resizeLanczos', () => {
  it.each([
    [1, 1, 1, 1],
    [1, 1, 5, 3],
    [2, 1, 1, 2],
    [7, 5, 3, 2],
    [3, 200, 64, 9],
    [33, 17, 33, 17], // unchanged
    [100, 50, 201, 133], // larger
    [1000, 10, 1, 1],
    [13, 900, 5, 1],
    [30000, 4, 31, 3], // a strip of input is two rows
    [5, 7000, 3, 11], // few rows of output out of many strips
    [160, 120, 64, 64],
    [48, 36, 64, 48],
  ])('%i×%i to %i×%i', (width, height, toWidth, toHeight) => {
    const image = rgbImage(width, height, bytes(width * height * 3));
    const across = lanczosAxis(width, toWidth);
    const down = lanczosAxis(height, toHeight);
    const expected = reference.resampleRgb(image.data, width, across, down);
    same(resizeLanczos(image, toWidth, toHeight).data, expected);
  });

  it('of a window is that part of the whole', () => {
    const image = rgbImage(90, 70, bytes(90 * 70 * 3));
    const whole = resizeLanczos(image, 41, 37);
    for (const [left, top, right, bottom] of [
      [0, 0, 41, 37],
      [5, 3, 6, 4],
      [17, 20, 41, 37],
      [0, 11, 23, 36],
    ] as const) {
      const part = resizeLanczos(image, 41, 37, { left, top, right, bottom });
      same(part.data, cropImage(whole, { left, top, right, bottom }).data);
    }
  });

  it('takes a picture of 40 megapixels', () => {
    const image = rgbImage(10000, 4000, new Uint8Array(10000 * 4000 * 3).fill(200));
    const small = resizeLanczos(image, 64, 64);
    expect(new Set(small.data)).toEqual(new Set([200]));
  });

  it('of the centred square is the same as cutting it out first', () => {
    for (const [width, height] of [
      [91, 70],
      [70, 91],
    ] as const) {
      const image = rgbImage(width, height, bytes(width * height * 3));
      const [left, top] = [Math.floor((width - 70) / 2), Math.floor((height - 70) / 2)];
      const square = cropImage(image, { left, top, right: left + 70, bottom: top + 70 });
      const { image: fitted } = fits.crop(image, { width: 32, height: 32 }, [0, 0, 0]);
      same(fitted.data, resizeLanczos(square, 32, 32).data);
    }
  });
});

describe('imageLevels', () => {
  it.each([
    [4, 4, 3],
    [8, 8, 1],
    [64, 64, 3],
    [256, 256, 1],
    [1024, 1024, 3],
    [128, 96, 3],
    [96, 128, 1],
    [7 * 64, 2 * 64, 3],
    [5 * 32, 3 * 32, 1],
  ])('%i×%i, %i channels', (width, height, channels) => {
    const image = bytes(channels * width * height);
    const size = { width, height };
    const [whole, ...levels] = imageLevels(image, channels, size);
    expect(whole).toBe(image);
    const expected = reference.halvings(image, channels, levelSizes(size)!.slice(1));
    expect(levels.length).toBe(expected.length);
    levels.forEach((level, i) => same(level, expected[i]!));
  });

  it('round halves to even at every depth', () => {
    // 4^depth pixels that sum to q * 4^depth + 4^depth / 2 - 1, exactly a half, and one more.
    for (const depth of [1, 2, 3, 4]) {
      const side = 2 ** depth;
      const sizes = Array.from({ length: depth }, (_, i) => ({
        width: side / 2 ** (i + 1),
        height: side / 2 ** (i + 1),
      }));
      for (const quotient of [0, 1, 2, 253, 254]) {
        for (const [extra, up] of [
          [-1, 0],
          [0, quotient % 2],
          [1, 1],
        ] as const) {
          const image = new Uint8Array(side * side).fill(quotient);
          for (let i = 0; i < (side * side) / 2 + extra; i++) image[i]!++;
          expect(halvings(image, 1, sizes).at(-1)).toEqual(Uint8Array.of(quotient + up));
        }
      }
    }
  });
});

describe('rgbPlanes', () => {
  it.each([0, 1, 15, 16, 17, 1000, 65536, 65537, 140000])('of %i pixels', (pixels) => {
    const data = bytes(pixels * 3);
    same(rgbPlanes(data), reference.rgbPlanes(data));
  });
});

describe('reducedLuma', () => {
  it.each([
    [1, 1, 128],
    [5, 3, 128],
    [64, 64, 16],
    [37, 21, 8],
    [21, 39, 5],
    [256, 256, 128],
    [512, 384, 128],
  ])('of %i×%i, at most %i', (width, height, longest) => {
    const image = rgbImage(width, height, bytes(width * height * 3));
    const got = reducedLuma(image, longest);
    const expected = reference.reducedLuma(image, longest);
    expect([got.width, got.height]).toEqual([expected.width, expected.height]);
    same(new Uint8Array(got.data.buffer), new Uint8Array(expected.data.buffer));
  });
});
