import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { hammingDistance, imageLevels, perceptualHash } from '../../src/index.js';
import { likeness, lumaOf, type PictureShape } from '../../src/similarity/luma.js';
import { countBits, PictureHasher } from '../../src/similarity/perceptual-hash.js';
import { mirrorOf, wavePicture } from './pictures.js';

const square: PictureShape = { channels: 3, width: 32, height: 32 };

/** The definition in double precision: signs of the lowest 64 terms of the cosine transform, without the mean. */
function slowHash(image: Uint8Array, { channels, width, height }: PictureShape): bigint {
  const { values: luma } = lumaOf(image, { channels, width, height });
  const order: [number, number][] = [];
  for (let v = 0; v < height; v++) for (let u = 0; u < width; u++) if (u + v > 0) order.push([u, v]);
  order.sort(([a, b], [c, d]) => a * a + b * b - c * c - d * d || b - d);
  let hash = 0n;
  order.slice(0, 64).forEach(([u, v], i) => {
    let sum = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        sum +=
          luma[y * width + x]! *
          Math.cos(((x + 0.5) * u * Math.PI) / width) *
          Math.cos(((y + 0.5) * v * Math.PI) / height);
    if (sum / (256 * width * height) > 1 / 16) hash |= 1n << BigInt(i);
  });
  return hash;
}

describe('perceptualHash', () => {
  it.each([
    { channels: 3, width: 32, height: 32 },
    { channels: 1, width: 32, height: 32 },
    { channels: 3, width: 32, height: 24 },
    { channels: 1, width: 16, height: 12 },
    { channels: 1, width: 8, height: 8 },
    { channels: 3, width: 4, height: 3 },
    { channels: 1, width: 64, height: 64 },
  ] satisfies PictureShape[])('agrees with its definition for $channels x $height x $width', (shape) => {
    for (let seed = 0; seed < 5; seed++) {
      const image = wavePicture(seed, shape.channels, shape.width, shape.height);
      // Whole-number waves are a 1/4096 away from the cosines: a term near the limit may fall to either side.
      expect(hammingDistance(perceptualHash(image, shape), slowHash(image, shape))).toBeLessThanOrEqual(1);
    }
  });

  it('is the same number everywhere', () => {
    const hashes = [1, 2].map((seed) => perceptualHash(wavePicture(seed, 3, 32, 32), square).toString(16));
    expect(hashes).toMatchInlineSnapshot(`
      [
        "3b8a269fe8c2e4ae",
        "1108400a541c7732",
      ]
    `);
  });

  it('hardly changes with brightness, contrast, size and a little noise', () => {
    const random = new RandomState(3);
    for (let seed = 0; seed < 10; seed++) {
      const large = wavePicture(seed, 3, 64, 64);
      const image = imageLevels(large, 3, { width: 64, height: 64 })[1]!;
      const hash = perceptualHash(image, square);
      const distance = (other: Uint8Array, shape = square) =>
        hammingDistance(hash, perceptualHash(other, shape));
      expect(distance(image.map((value) => value * 0.7 + 20))).toBeLessThanOrEqual(3);
      expect(distance(image.map((value) => Math.min(255, value + random.randint(6))))).toBeLessThanOrEqual(6);
      expect(distance(large, { channels: 3, width: 64, height: 64 })).toBeLessThanOrEqual(3);
    }
  });

  it('differs in about half of the bits for different pictures', () => {
    const hashes = Array.from({ length: 40 }, (_, seed) =>
      perceptualHash(wavePicture(seed, 3, 32, 32), square),
    );
    const distances = hashes.flatMap((a, i) => hashes.slice(0, i).map((b) => hammingDistance(a, b)));
    expect(Math.min(...distances)).toBeGreaterThan(8);
    const mean = distances.reduce((a, b) => a + b) / distances.length;
    expect(mean).toBeGreaterThan(22);
    expect(mean).toBeLessThan(36);
  });

  it('gives the hash of the mirrored picture as well', () => {
    for (const shape of [square, { channels: 1, width: 16, height: 12 } as const]) {
      const hasher = new PictureHasher(shape);
      const image = wavePicture(5, shape.channels, shape.width, shape.height);
      const mirrored = mirrorOf(image, shape.width);
      const { plain, mirrored: other } = hasher.hash(lumaOf(image, shape));
      expect(plain).not.toBe(other);
      expect(hasher.hash(lumaOf(mirrored, shape))).toEqual({ plain: other, mirrored: plain });
    }
  });

  it('of an even area, even a noisy one, is zero', () => {
    const random = new RandomState(1);
    expect(perceptualHash(new Uint8Array(3072).fill(200), square)).toBe(0n);
    expect(
      perceptualHash(
        new Uint8Array(3072).map(() => 100 + random.randint(2)),
        square,
      ),
    ).toBe(0n);
  });
});

describe('hammingDistance', () => {
  it('counts bits', () => {
    expect(hammingDistance(0n, 0xffffffffffffffffn)).toBe(64);
    expect(hammingDistance(0b1010n << 40n, 0b0110n << 40n)).toBe(2);
    expect(countBits(0xffffffff)).toBe(32);
    expect(countBits(-1)).toBe(32);
    expect(countBits(0x80000001)).toBe(2);
  });
});

describe('likeness', () => {
  const luma = (image: Uint8Array) => lumaOf(image, square);
  const image = wavePicture(1, 3, 32, 32);

  it('is 1 for the same picture in another light, less for another picture', () => {
    expect(likeness(luma(image), luma(image))).toBeCloseTo(1, 10);
    expect(likeness(luma(image), luma(image.map((value) => value / 2 + 40)))).toBeGreaterThan(0.999);
    expect(likeness(luma(image), luma(image.map((value) => 255 - value)))).toBeCloseTo(-1, 10);
    expect(Math.abs(likeness(luma(image), luma(wavePicture(2, 3, 32, 32))))).toBeLessThan(0.6);
  });

  it('reads the first picture from right to left when asked to', () => {
    expect(likeness(luma(mirrorOf(image, 32)), luma(image), true)).toBeCloseTo(1, 10);
    expect(likeness(luma(mirrorOf(image, 32)), luma(image))).toBeLessThan(0.9);
  });

  it('compares even areas by their grey', () => {
    const even = (grey: number) => luma(new Uint8Array(3072).fill(grey));
    expect(likeness(even(10), even(15))).toBe(1);
    expect(likeness(even(10), even(250))).toBe(0);
    expect(likeness(even(128), luma(image))).toBe(0);
  });
});
