import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gaussianHalfKernel, blurGrid, BlurReader } from '../src/faces/gaussian.js';
import { edgeMirrorIndex, mirrorIndex, roundHalfEven } from '../src/faces/rounding.js';
import { warpQuad } from '../src/faces/warp.js';
import { alignFace, computeQuad, resizeLanczos, rgbImage, type RgbImage } from '../src/faces/index.js';
import { fixtures, maxDifference, readRgb } from './faces-support.js';

/** (y * 16 + x) * 37 mod 256, its negative and its transpose: an asymmetric 16 x 16 picture. */
const pattern: RgbImage = rgbImage(16, 16);
for (let y = 0; y < 16; y++) {
  for (let x = 0; x < 16; x++) {
    const v = ((y * 16 + x) * 37) % 256;
    pattern.data.set([v, 255 - v, ((x * 16 + y) * 37) % 256], (y * 16 + x) * 3);
  }
}
const channelSums = ({ data }: RgbImage) =>
  [0, 1, 2].map((c) => data.reduce((sum, v, i) => (i % 3 === c ? sum + v : sum), 0));

describe('rounding and mirroring as in NumPy and SciPy', () => {
  it('rounds halves to the even number', () => {
    expect([0.5, 1.5, 2.5, 3.49, 204.5].map(roundHalfEven)).toEqual([0, 2, 2, 3, 204]);
  });
  it('mirrors about the end sample, or about the edge', () => {
    const around = Array.from({ length: 15 }, (_, i) => i - 5);
    expect(around.map((i) => mirrorIndex(i, 4))).toEqual([1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2, 3]);
    expect(around.map((i) => edgeMirrorIndex(i, 4))).toEqual([3, 3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0, 0, 1]);
    expect(around.map((i) => mirrorIndex(i, 1)).every((i) => i === 0)).toBe(true);
  });
});

describe('Lanczos', () => {
  it('is Pillow 13 for a shrink and an enlargement', () => {
    const small = resizeLanczos(pattern, 5, 7);
    expect([...small.data.subarray(0, 12)]).toEqual([
      108, 147, 110, 125, 130, 127, 104, 151, 126, 134, 121, 128,
    ]);
    expect(channelSums(resizeLanczos(pattern, 23, 19))).toEqual([55716, 55725, 55713]);
  });
  it('computes a window with the bytes of the whole', () => {
    const whole = resizeLanczos(pattern, 40, 9);
    const window = { left: 7, top: 2, right: 31, bottom: 8 };
    const part = resizeLanczos(pattern, 40, 9, window);
    for (let y = 0; y < 6; y++) {
      const row = ((y + 2) * 40 + 7) * 3;
      expect(part.data.subarray(y * 72, y * 72 + 72)).toEqual(whole.data.subarray(row, row + 72));
    }
  });
});

describe('quad warp', () => {
  it("is Pillow 13's bilinear QUAD transform, black outside", () => {
    const quad = Float32Array.of(2.5, 1.0, 0.3, 12.2, 13.9, 15.5, 17.0, -1.0);
    const out = warpQuad(pattern, quad, 8, 8);
    expect([...out.data.subarray(0, 12)]).toEqual([171, 83, 65, 110, 144, 142, 85, 169, 74, 84, 170, 159]);
    expect(channelSums(out)).toEqual([8244, 8013, 8023]);
  });
});

describe('Gaussian blur', () => {
  const index = Int32Array.from({ length: 16 }, (_, i) => i);
  const blurred = (sigma: number, y: number, x: number) => {
    const reader = new BlurReader(blurGrid({ image: pattern, columns: index, rows: index }, sigma));
    const row = new Float32Array(48);
    reader.seek(y);
    reader.fill(row, 0, 16);
    return [...row.subarray(x * 3, x * 3 + 3)];
  };

  it('is the direct sum of SciPy below sigma 3.5', () => {
    expect(maxDifference(blurred(3, 0, 0), [115.416, 139.584, 115.416])).toBeLessThan(1e-3);
    expect(maxDifference(blurred(3, 7, 12), [126.712, 128.288, 130.69])).toBeLessThan(1e-3);
  });
  it.each([
    [7, 7, 12, [127.317, 127.683, 129.083]],
    [20, 0, 0, [127.498, 127.502, 127.498]],
  ])('stays within a tenth of a level at sigma %d', (sigma, y, x, expected) => {
    expect(maxDifference(blurred(sigma, y, x), expected)).toBeLessThan(0.1);
  });
  it.each([
    [3.5, 1],
    [4.5, 0.5],
    [6, 0.25],
    [13, 0.25],
    [41, 0.25],
  ])('at sigma %d stays within %d levels of the direct sum on black and white noise', (sigma, tolerance) => {
    const width = 240;
    let seed = 1;
    const noise = rgbImage(width, 1);
    noise.data.forEach((_, i) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      noise.data[i] = i < 400 ? (seed >>> 31) * 255 : Math.floor(i / 21) % 2 ? 255 : 0;
    });
    const columns = Int32Array.from({ length: width }, (_, i) => i);
    const reader = new BlurReader(blurGrid({ image: noise, columns, rows: Int32Array.of(0) }, sigma));
    const row = new Float32Array(width * 3);
    reader.seek(0);
    reader.fill(row, 0, width);
    const half = gaussianHalfKernel(sigma);
    const direct = Float64Array.from(row, (_, i) => {
      let sum = 0;
      for (let t = 1 - half.length; t < half.length; t++) {
        const x = edgeMirrorIndex(Math.floor(i / 3) + t, width);
        sum += half[Math.abs(t)]! * noise.data[x * 3 + (i % 3)]!;
      }
      return sum;
    });
    expect(maxDifference(row, direct)).toBeLessThan(tolerance);
  });
});

interface Reference {
  source: string;
  note: string;
  landmarks: number[];
  outputSize: number;
  shrink: [number, number, number, number];
  crop: number[];
  upscale: number;
  pad: number[];
  boxes: number[];
  center: number[];
}
const reference = JSON.parse(
  readFileSync(resolve(import.meta.dirname, 'fixtures/align/reference.json'), 'utf8'),
) as { cases: Reference[] };

describe('alignment at other sizes, against an independent transcription of the recipe', () => {
  it.each(reference.cases)('$source to $outputSize: $note', async (expected) => {
    const { landmarks, outputSize } = expected;
    const picture = await readRgb(`${fixtures}/${expected.source}`);
    const { image, stages } = alignFace(picture, landmarks, { outputSize });
    expect([Math.max(1, expected.shrink[0]), expected.shrink[1], expected.shrink[2]]).toEqual([
      stages.shrink.factor,
      stages.shrink.width,
      stages.shrink.height,
    ]);
    expect(stages.shrink.zoom).toBeCloseTo(expected.shrink[3], 6);
    expect([stages.crop.border, ...stages.crop.box]).toEqual(expected.crop);
    expect(stages.upscale.factor).toBe(Math.max(1, expected.upscale));
    expect([...stages.pad.padding, stages.pad.width, stages.pad.height]).toEqual(expected.pad);
    const side = outputSize / 16;
    const boxes = new Float64Array(16 * 16 * 3);
    image.data.forEach((v, i) => {
      const [x, y] = [Math.floor(i / 3) % outputSize, Math.floor(i / 3 / outputSize)];
      boxes[(Math.floor(y / side) * 16 + Math.floor(x / side)) * 3 + (i % 3)]! += v / side ** 2;
    });
    expect(maxDifference(boxes, expected.boxes)).toBeLessThan(0.5);
    const at = outputSize / 2 - 4;
    const center = Array.from({ length: 192 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % 8, Math.floor(i / 24)];
      return image.data[((at + y) * outputSize + at + x) * 3 + (i % 3)]!;
    });
    expect(maxDifference(center, expected.center)).toBeLessThanOrEqual(1);
  });
});

describe('alignFace', () => {
  const face = [6, 6, 10, 6, 8, 8, 6, 10, 10, 10];

  it('gives the same bytes every time and leaves the picture alone', () => {
    const before = Uint8Array.from(pattern.data);
    const first = alignFace(pattern, face, { outputSize: 32 }).image.data;
    expect(alignFace(pattern, face, { outputSize: 32 }).image.data).toEqual(first);
    expect(pattern.data).toEqual(before);
  });
  it('a grey picture of one level stays that level, padding and all', () => {
    const flat = rgbImage(60, 40, new Uint8Array(60 * 40 * 3).fill(77));
    const { image, stages } = alignFace(flat, [5, 5, 25, 5, 15, 15, 8, 25, 22, 25], { outputSize: 64 });
    expect(Math.max(...stages.pad.padding)).toBeGreaterThan(0);
    expect(new Set(image.data)).toEqual(new Set([77]));
  });
  it('gives an upright portrait of a face on its head', () => {
    const turned = [10, 10, 6, 10, 8, 8, 10, 6, 6, 6];
    const { quad } = computeQuad(turned, { outputSize: 32 });
    expect(quad[1]).toBeGreaterThan(quad[3]!); // the portrait's top-left corner is below its bottom-left one
    expect(quad[0]).toBeGreaterThan(quad[6]!);
  });
  it.each([
    ['a point that is no number', [6, Number.NaN, 10, 6, 8, 8, 6, 10, 10, 10], 'landmarks-unusable'],
    ['all points in one place', Array<number>(10).fill(8), 'landmarks-unusable'],
    ['too few points', [1, 2, 3, 4], 'landmarks-unusable'],
    ['a face outside the picture', face.map((v) => v + 500), 'face-outside-picture'],
    ['a face that dwarfs the picture', face.map((v) => v * 1e6), 'face-outside-picture'],
  ])('refuses %s', (_, points, code) => {
    expect(() => alignFace(pattern, points, { outputSize: 32 })).toThrowError(
      expect.objectContaining({ name: 'DatasetError', code }),
    );
  });
  it.each([0, 48, 2048, 31.5])('refuses output size %d', (outputSize) => {
    expect(() => alignFace(pattern, face, { outputSize })).toThrowError(/power of two from 8 to 1024/);
  });
});
