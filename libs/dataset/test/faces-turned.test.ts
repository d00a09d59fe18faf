/** Faces in pictures that are turned, mirrored or larger: the same portrait, mapped back. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { computeQuad, LandmarkDetector, type FaceLandmarks } from '../src/faces/index.js';
import { quartersOf, turnBack, turnLeft, type Pixels } from '../src/faces/turn.js';
import { decodePicture } from '../src/pipeline/decode.js';
import { testData } from './faces-support.js';

describe('pictures turned by quarters', () => {
  const pixels = (rows: readonly (readonly number[])[]): Pixels => ({
    data: new Uint8ClampedArray(Uint32Array.from(rows.flat()).buffer),
    width: rows[0]!.length,
    height: rows.length,
  });
  const upright = pixels([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  it.each([
    [
      0,
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    [
      1,
      [
        [3, 6],
        [2, 5],
        [1, 4],
      ],
    ],
    [
      2,
      [
        [6, 5, 4],
        [3, 2, 1],
      ],
    ],
    [
      3,
      [
        [4, 1],
        [5, 2],
        [6, 3],
      ],
    ],
  ] as const)('to the left, %i of them', (quarters, rows) => {
    expect(turnLeft(upright, quarters)).toEqual(pixels(rows));
    // The bytes of a picture may lie anywhere in their memory.
    const shifted = new Uint8ClampedArray(upright.data.length + 3);
    shifted.set(upright.data, 3);
    expect(turnLeft({ ...upright, data: shifted.subarray(3) }, quarters)).toEqual(pixels(rows));
  });

  it.each([0, 1, 2, 3] as const)('points go back after %i', (quarters) => {
    const turned = turnLeft(upright, quarters);
    const values = new Uint32Array(turned.data.buffer);
    // The centre of pixel 6 is at (2.5, 1.5).
    const at = values.indexOf(6);
    const centre = [(at % turned.width) + 0.5, Math.floor(at / turned.width) + 0.5];
    expect([...turnBack(centre, quarters, upright)]).toEqual([2.5, 1.5]);
  });

  it.each([
    [10, 0],
    [-44, 0],
    [46, 1],
    [90, 1],
    [180, 2],
    [-180, 2],
    [-90, 3],
    [-134, 3],
  ])('a line at %i degrees takes %i', (degrees, quarters) => {
    expect(quartersOf((degrees * Math.PI) / 180)).toBe(quarters);
  });
});

const modelPath = join(testData, 'models/face_landmarker/face_landmarker.task');
const index = join(testData, 'faces-index.csv');
const absent = !existsSync(modelPath) || !existsSync(index);
const why = absent ? ' (skipped: no photographs and model in PGGAN_TEST_DATA)' : '';

/** Corners of the portrait, after points went through `back`. */
function quadOf(
  points: ArrayLike<number>,
  back: (x: number, y: number) => readonly [number, number],
): number[] {
  const mapped = Array.from({ length: 5 }, (_, i) => back(points[2 * i]!, points[2 * i + 1]!)).flat();
  return Array.from(computeQuad(mapped, { outputSize: 64, quad: 'ffhq' }).quad);
}

/** Largest distance of two corners, in % of the portrait's side. */
function distance(a: readonly number[], b: readonly number[]): number {
  const side = Math.hypot(a[6]! - a[0]!, a[7]! - a[1]!);
  return (
    (Math.max(...[0, 2, 4, 6].map((i) => Math.hypot(a[i]! - b[i]!, a[i + 1]! - b[i + 1]!))) / side) * 100
  );
}

const same = (x: number, y: number) => [x, y] as const;

describe.skipIf(absent)(`faces in changed photographs${why}`, () => {
  let detector: LandmarkDetector;
  beforeAll(async () => {
    detector = await LandmarkDetector.create({ modelPath, search: 'whole' });
  });
  afterAll(() => detector.close());

  /** One photograph with one standing face out of so many, from all folders. */
  const files = absent
    ? []
    : readFileSync(index, 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(','))
        .filter((cells) => cells[5] === '1' && Math.abs(Number(cells[7])) < 30)
        .map((cells) => cells[0]!)
        .filter((file, i) => (file.includes('us-congress-small') ? i % 70 === 0 : i % 4 === 0));

  async function detect(picture: Sharp): Promise<FaceLandmarks[]> {
    const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    return detector.detect(new Uint8ClampedArray(data), info.width, info.height);
  }

  interface Photograph {
    readonly picture: Sharp;
    readonly width: number;
    readonly height: number;
    readonly quad: number[];
  }
  let photographs: Photograph[] = [];
  beforeAll(async () => {
    photographs = await Promise.all(
      files.map(async (file) => {
        const { data, info } = await sharp(join(testData, file))
          .toColourspace('srgb')
          .removeAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true });
        const { width, height } = info;
        const picture = sharp(data, { raw: { width, height, channels: 3 } });
        const [face] = await detect(picture.clone());
        return { picture, width, height, quad: quadOf(face!.points, same) };
      }),
    );
    expect(photographs.length).toBeGreaterThan(15);
  });

  /** Distances of the quads in all photographs in which a face is found still, in %; rising. */
  async function distances(
    change: (photograph: Photograph) => Promise<{
      picture: Sharp;
      back: (x: number, y: number) => readonly [number, number];
      order?: readonly number[]; // where each point comes from
    }>,
  ): Promise<number[]> {
    const found: number[] = [];
    for (const photograph of photographs) {
      const { picture, back, order = [0, 1, 2, 3, 4] } = await change(photograph);
      const [face] = await detect(picture);
      if (!face) continue;
      const points = order.flatMap((i) => [face.points[2 * i]!, face.points[2 * i + 1]!]);
      found.push(distance(photograph.quad, quadOf(points, back)));
    }
    return found.sort((a, b) => a - b);
  }
  const median = (sorted: readonly number[]) => sorted[sorted.length >> 1]!;

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'turned by EXIF orientation %i: the very same portrait',
    async (orientation) => {
      const { picture, quad } = photographs[0]!;
      const stored = picture.clone();
      if ([3, 4].includes(orientation)) stored.rotate(180);
      if ([7, 8].includes(orientation)) stored.rotate(90);
      if ([5, 6].includes(orientation)) stored.rotate(270);
      if ([2, 4, 5, 7].includes(orientation)) stored.flop();
      const bytes = await stored.withMetadata({ orientation }).png({ compressionLevel: 1 }).toBuffer();
      const { image, exifTurn } = await decodePicture(bytes, 1e8);
      expect(exifTurn).toBe(orientation);
      const { data, width, height } = image;
      const [face] = await detect(sharp(data, { raw: { width, height, channels: 3 } }));
      expect(distance(quad, quadOf(face!.points, same))).toBe(0);
    },
  );

  it('mirrored: within 5 % of its side, left and right swapped', async () => {
    const found = await distances(async ({ picture, width }) => ({
      picture: picture.clone().flop(),
      back: (x, y) => [width - x, y],
      order: [1, 0, 2, 4, 3],
    }));
    expect(found).toHaveLength(photographs.length);
    expect(median(found)).toBeLessThan(2);
    expect(found.at(-1)).toBeLessThan(5);
  });

  it.each([-10, 20])('turned by %i degrees: within 5 % of its side', async (degrees) => {
    const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const found = await distances(async ({ picture, width, height }) => {
      const { data, info } = await picture
        .clone()
        .rotate(degrees, { background: '#808080' })
        .raw()
        .toBuffer({ resolveWithObject: true });
      return {
        picture: sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } }),
        back(x, y) {
          const [dx, dy] = [x - info.width / 2, y - info.height / 2];
          return [width / 2 + dx * cos + dy * sin, height / 2 - dx * sin + dy * cos];
        },
      };
    });
    expect(found.length).toBeGreaterThanOrEqual(photographs.length - 2);
    expect(median(found)).toBeLessThan(2);
    expect(found.at(-1)).toBeLessThan(5);
  });

  // The detector sees about two thirds of faces that lie; standing on the head next to none, and those wrongly.
  it.each([
    [90, (x: number, y: number, { height }: Photograph) => [y, height - x] as const],
    [270, (x: number, y: number, { width }: Photograph) => [width - y, x] as const],
  ])('lying, turned by %i degrees: the very same portrait where a face is found', async (degrees, back) => {
    const found = await distances(async (photograph) => ({
      picture: photograph.picture.clone().rotate(degrees),
      back: (x, y) => back(x, y, photograph),
    }));
    expect(found.length).toBeGreaterThan(photographs.length / 2);
    expect(found[Math.floor(found.length * 0.8)]).toBeLessThan(0.001);
  });

  it('enlarged beyond the limit of detection: within 3 % of its side', async () => {
    const small = await LandmarkDetector.create({ modelPath, search: 'whole', maxSide: 500 });
    for (const { picture, width, height, quad } of photographs
      .filter(({ width }) => width < 600)
      .slice(0, 8)) {
      const { data, info } = await picture
        .clone()
        .resize(width * 3, height * 3, { kernel: 'lanczos3' })
        .ensureAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const [face] = small.detect(new Uint8ClampedArray(data), info.width, info.height);
      expect(
        distance(
          quad,
          quadOf(face!.points, (x, y) => [x / 3, y / 3]),
        ),
      ).toBeLessThan(3);
    }
    small.close();
  });
});
