/** Faces small in the picture: looked for in its parts. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LandmarkDetector } from '../src/faces/index.js';
import { searchFaces } from '../src/faces/search.js';
import { cutOut, squareAround, tilesOf } from '../src/faces/tiles.js';
import type { Pixels } from '../src/faces/turn.js';
import { fixtures, testData } from './faces-support.js';

describe('tiles', () => {
  it.each([
    [1920, 1440, 6 + 35],
    [1000, 1000, 9 + 49], // the most there can be
    [300, 300, 9],
    [3000, 100, 3 + 7],
    [190, 60, 0],
  ])('of a picture of %i x %i pixels are %i', (width, height, count) => {
    expect(tilesOf({ width, height })).toHaveLength(count);
  });

  it('each lies in the picture, half over its neighbour, and all cover it', () => {
    const size = { width: 853, height: 1280 };
    const tiles = tilesOf(size).filter(({ width }) => width === 320);
    const starts = (axis: 'x' | 'y') => [...new Set(tiles.map((tile) => tile[axis]))];
    for (const [axis, length] of [
      ['x', size.width],
      ['y', size.height],
    ] as const) {
      const along = starts(axis);
      expect(along[0]).toBe(0);
      expect(along.at(-1)! + 320).toBe(length);
      for (let i = 1; i < along.length; i++) expect(along[i]! - along[i - 1]!).toBeLessThanOrEqual(161);
    }
  });

  it('a square about a point stays in the picture', () => {
    const size = { width: 100, height: 40 };
    expect(squareAround([50, 20], 20, size)).toEqual({ x: 40, y: 10, width: 20, height: 20 });
    expect(squareAround([98, 1], 20, size)).toEqual({ x: 80, y: 0, width: 20, height: 20 });
    expect(squareAround([50, 20], 60, size)).toEqual({ x: 20, y: 0, width: 60, height: 40 });
    expect(squareAround([50, 20], 0, size)).toMatchObject({ width: 1, height: 1 });
  });

  it('a part is cut out with its own pixels', () => {
    const values = Uint32Array.from({ length: 12 }, (_, i) => i);
    const picture = { data: new Uint8ClampedArray(values.buffer), width: 4, height: 3 };
    const part = cutOut(picture, { x: 1, y: 1, width: 2, height: 2 });
    expect([...new Uint32Array(part.data.buffer)]).toEqual([5, 6, 9, 10]);
  });
});

/** Gray of the pixels whose eyes are seen, where a look is one whose side they are a twentieth of and more. */
function eyesAt(x: number, y: number, eyes: number): Float64Array {
  const [dx, dy] = [eyes / 2, eyes / 2];
  return Float64Array.from([x - dx, y - dy, x + dx, y - dy, x, y, x - dx, y + dy, x + dx, y + dy]);
}

/**
 * A detector of the marks painted into a picture: a red byte is the eye distance of the face about it. Sees what MediaPipe
 * would, eyes from a twentieth of the longer side on; marks with green only beside the middle of the picture.
 */
function lookForMarks({ data, width, height }: Pixels): Float64Array[] {
  const found: Float64Array[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [red, green] = [data[(y * width + x) * 4]!, data[(y * width + x) * 4 + 1]!];
      const middle = Math.hypot(x - width / 2, y - height / 2) < width / 20;
      if (red >= Math.max(width, height) / 20 && !(green > 0 && middle)) found.push(eyesAt(x, y, red));
    }
  return found;
}

function painted(marks: readonly { x: number; y: number; eyes: number; doubtful?: boolean }[]): Pixels {
  const [width, height] = [1200, 800];
  const data = new Uint8ClampedArray(width * height * 4);
  for (const { x, y, eyes, doubtful } of marks) {
    data[(y * width + x) * 4] = eyes;
    data[(y * width + x) * 4 + 1] = doubtful ? 255 : 0;
  }
  return { data, width, height };
}

describe('search', () => {
  const large = { x: 600, y: 400, eyes: 70 };
  const small = { x: 100, y: 90, eyes: 20 };
  const other = { x: 1190, y: 790, eyes: 40 };
  const places = (faces: readonly Float64Array[]) => faces.map((p) => [p[4], p[5]]);

  it('whole: only what is large in the picture', () => {
    expect(places(searchFaces(painted([large, small]), 'whole', lookForMarks))).toEqual([[600, 400]]);
    expect(searchFaces(painted([small]), 'whole', lookForMarks)).toEqual([]);
  });

  it('auto: a large face costs one look', () => {
    let looks = 0;
    const faces = searchFaces(painted([large, small]), 'auto', (part) => {
      looks++;
      return lookForMarks(part);
    });
    expect(places(faces)).toEqual([[600, 400]]);
    expect(looks).toBe(1);
  });

  it('auto: small faces are found in their places, each once', () => {
    const faces = searchFaces(painted([small, other]), 'auto', lookForMarks);
    expect(places(faces)).toEqual([
      [1190, 790],
      [100, 90],
    ]);
    expect([...faces[1]!]).toEqual([...eyesAt(100, 90, 20)]);
  });

  it('tiles: small faces beside a large one, whose points are those of the whole picture', () => {
    const shifted = (part: Pixels) =>
      lookForMarks(part).map((points) => (part.width === 1200 ? points : points.map((value) => value + 1)));
    const faces = searchFaces(painted([large, small]), 'tiles', shifted);
    expect([...faces[0]!]).toEqual([...eyesAt(600, 400, 70)]);
    expect(places(faces).slice(1)).toEqual([[101, 91]]);
  });

  it('what is not seen in the middle of a look is no face', () => {
    expect(searchFaces(painted([{ ...small, doubtful: true }]), 'auto', lookForMarks)).toEqual([]);
  });
});

const modelPath = join(testData, 'models/face_landmarker/face_landmarker.task');
const photographs = join(testData, 'faces');
const absent = !existsSync(modelPath) || !existsSync(photographs);
const why = absent ? ' (skipped: no photographs and model in PGGAN_TEST_DATA)' : '';

describe.skipIf(absent)(`search in pictures${why}`, () => {
  const detectors = new Map<string, LandmarkDetector>();
  beforeAll(async () => {
    for (const search of ['whole', 'auto'] as const)
      detectors.set(search, await LandmarkDetector.create({ modelPath, search }));
  });
  afterAll(() => detectors.forEach((detector) => detector.close()));

  async function detect(search: 'whole' | 'auto', picture: Sharp) {
    const { data, info } = await picture
      .rotate()
      .toColourspace('srgb')
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return detectors.get(search)!.detect(new Uint8ClampedArray(data), info.width, info.height);
  }

  it('a portrait gives the very points of the whole picture', async () => {
    const file = join(fixtures, 'astronaut.png');
    const auto = await detect('auto', sharp(file));
    expect(auto).toHaveLength(1);
    expect(auto).toEqual(await detect('whole', sharp(file)));
  });

  it('a group put together of small copies of one portrait: each is found, where it was put', async () => {
    const file = join(fixtures, 'astronaut.png');
    const { width } = await sharp(file).metadata();
    const [alone] = await detect('whole', sharp(file));
    const head = { left: Math.round(width * 0.2), top: 0, width: width / 2, height: width / 2 };
    const places = [
      [60, 40],
      [520, 90],
      [980, 60],
      [250, 520],
      [800, 560],
    ] as const;
    const face = await sharp(file).extract(head).png().toBuffer();
    const input = await sharp(face).resize(160).png().toBuffer();
    const copies: OverlayOptions[] = places.map(([left, top]) => ({ input, left, top }));
    const canvas = { width: 1200, height: 800, channels: 3 as const, background: '#6a7a80' };
    const group = sharp(await sharp({ create: canvas }).composite(copies).png().toBuffer());

    expect(await detect('whole', group.clone())).toEqual([]);
    const found = await detect('auto', group.clone());
    expect(found).toHaveLength(places.length);
    expect(found.every(({ faces }) => faces === places.length)).toBe(true);
    const scale = 160 / head.width;
    for (const [left, top] of places) {
      const expected = alone!.points.map((value, i) =>
        i % 2 ? top + (value - head.top) * scale : left + (value - head.left) * scale,
      );
      const worst = found.map(({ points }) =>
        Math.max(...points.map((value, i) => Math.abs(value - expected[i]!))),
      );
      expect(Math.min(...worst)).toBeLessThan(3); // of 27 pixels between the eyes
    }
  });

  // Counted by eye: all of group-1's 14 that look into the camera, all of obama_and_biden.
  it.each([
    ['human-samples/group-1.jpg', 14],
    ['human-samples/stock-group-1.jpg', 11],
    ['white-house/obama_and_biden.jpg', 3],
  ])(
    '%s: %i faces, none in the whole picture',
    async (file, count) => {
      expect(await detect('whole', sharp(join(photographs, file)))).toEqual([]);
      expect(await detect('auto', sharp(join(photographs, file)))).toHaveLength(count);
    },
    180_000,
  );

  it.each(['astronaut-helmet.png', 'coffee.png'])(
    '%s: no face',
    async (file) => {
      expect(await detect('auto', sharp(join(photographs, 'negatives', file)))).toEqual([]);
    },
    180_000,
  );
});
