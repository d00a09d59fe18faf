/** The fast mode beside the reference mode; FFHQ's quad; turned and mirrored pictures. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alignFace, computeQuad, rgbImage, type AlignOptions, type RgbImage } from '../src/faces/index.js';
import { chainTable, cubicTable, type SamplingTable, type Taps } from '../src/faces/sampling-table.js';
import * as reference from '../src/kernels/sample-reference.js';
import { sampleGrid } from '../src/kernels/sample.js';
import { fixtures, maxDifference, readRgb, testData } from './faces-support.js';
import { bytes } from './kernels/samples.js';
import { psnr } from './psnr.js';

/** Vitest compares long arrays element by element, which takes seconds. */
function same(got: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.compare(got, expected)).toBe(0);
}

/** Edges of all directions, gradients and fine stripes, as smooth as a photograph. */
function scene(width: number, height: number): RgbImage {
  const image = rgbImage(width, height);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, o += 3) {
      const ring = Math.tanh((Math.hypot(x - width / 2, y - height / 2) - height / 4) / 1.5);
      image.data[o] = 128 + 60 * Math.sin(x / 7) + 40 * ring;
      image.data[o + 1] = 128 + 60 * Math.sin(y / 5 + x / 11) - 40 * ring;
      image.data[o + 2] = 40 + (150 * x) / width + (40 * y) / height + 20 * Math.sin((x + y) / 3);
    }
  }
  return image;
}

/** Points of a face in LANDMARK order, eyes `eyes` pixels apart, turned by `degrees` about (x, y). */
function face(x: number, y: number, eyes: number, degrees = 0): number[] {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const upright: [number, number][] = [
    [-0.5, -0.4],
    [0.5, -0.4],
    [0.03, 0.1],
    [-0.38, 0.62],
    [0.38, 0.6],
  ];
  return upright.flatMap(([u, v]) => [x + eyes * (u * c - v * s), y + eyes * (u * s + v * c)]);
}

function both(image: RgbImage, points: readonly number[], options: AlignOptions) {
  return {
    slow: alignFace(image, points, { ...options, mode: 'reference' }),
    fast: alignFace(image, points, { ...options, mode: 'fast' }),
  };
}

describe('the sampling kernel is its slow twin, byte for byte', () => {
  const image = rgbImage(37, 29, bytes(37 * 29 * 3));
  const turned = { jacobian: [0.61, -0.35, 0.35, 0.61], upscale: 2, reduced: [1, 1] } as const;
  const tables: [Taps, SamplingTable][] = [
    [4, cubicTable()],
    [6, chainTable(turned, 6)],
    [8, chainTable(turned, 8)],
    [10, chainTable({ ...turned, upscale: 1, reduced: [1.5, 1.4] }, 10)],
  ];
  it.each(tables)('%i taps', (_, table) => {
    for (const grid of [
      { origin: [3.2, 25.7], jacobian: [0.61, -0.35, 0.35, 0.61] },
      { origin: [-20, -31], jacobian: [0.5, 0.9, -0.9, 0.5] }, // far out on all sides
      { origin: [60, 10], jacobian: [-0.01, 0, 0, 0.02] }, // beside the picture
    ] as const) {
      for (const rounding of ['nearest', 'down'] as const) {
        const out = rgbImage(70, 65);
        sampleGrid(image, grid, table, rounding, out);
        same(out.data, reference.sampleGrid(image, grid, table, rounding, 70, 65).data);
      }
    }
  });
  it('makes the tiles that are wanted and leaves the others alone', () => {
    const out = rgbImage(130, 70);
    const grid = { origin: [1, 1], jacobian: [0.2, 0, 0, 0.3] } as const;
    sampleGrid(image, grid, cubicTable(), 'nearest', out, ({ left, top }) => left === 64 && top === 0);
    const whole = reference.sampleGrid(image, grid, cubicTable(), 'nearest', 130, 70);
    const expected = whole.data.map((v, i) => {
      const [x, y] = [Math.floor(i / 3) % 130, Math.floor(i / 390)];
      return x >= 64 && x < 128 && y < 64 ? v : 0;
    });
    same(out.data, expected);
  });
});

describe('sampling tables', () => {
  it('keep a level: every phase has the sum 2^14', () => {
    const chain = { jacobian: [0.9, 0.2, -0.2, 0.9], upscale: 1, reduced: [1, 1] } as const;
    for (const table of [cubicTable(), ...([6, 8, 10] as const).map((taps) => chainTable(chain, taps))]) {
      const square = table.taps ** 2;
      for (let phase = 0; phase < table.phases ** 2; phase++) {
        const weights = table.weights.subarray(phase * square, (phase + 1) * square);
        expect(weights.reduce((a, b) => a + b, 0)).toBe(1 << 14);
      }
    }
  });
  it('are the Lanczos kernel itself for a large enlargement', () => {
    const lanczos = (x: number) => {
      const a = Math.PI * x;
      return Math.abs(x) >= 3 ? 0 : (3 * Math.sin(a) * Math.sin(a / 3)) / a ** 2;
    };
    const chain = { jacobian: [0.01, 0, 0, 0.01], upscale: 64, reduced: [1, 1] } as const;
    const { weights, phases } = chainTable(chain, 6);
    const phase = 8 * phases + 20; // 8 / 32 of a pixel down, 20 / 32 to the right
    for (let i = 0; i < 36; i++) {
      const expected = lanczos((i % 6) - 2 - 20 / 32) * lanczos(Math.floor(i / 6) - 2 - 8 / 32);
      expect(Math.abs(weights[phase * 36 + i]! / 16384 - expected)).toBeLessThan(0.01);
    }
  });
});

describe('the fast mode on a generated picture', () => {
  const image = scene(300, 260);
  it.each([
    ['upright', face(150, 130, 40)],
    ['tilted', face(150, 130, 40, 28)],
    ['at 45 degrees', face(150, 130, 36, 45)],
    ['on its side', face(150, 130, 40, 90)],
    ['on its head', face(150, 130, 40, 180)],
    ['small', face(120, 140, 12, -10)],
    ['partly outside, left', face(30, 130, 40, 5)],
    ['partly outside, above', face(150, 25, 44, -20)],
    ['partly outside, in a corner', face(270, 235, 40, 15)],
    ['larger than the picture', face(150, 130, 90, 3)],
  ])('%s: over 40 dB from the reference at 64, 128 and 256, by both quads', (_, points) => {
    for (const quad of ['celeba-hq', 'ffhq'] as const) {
      for (const outputSize of [64, 128, 256]) {
        const { slow, fast } = both(image, points, { outputSize, quad });
        expect([fast.image.width, fast.image.height]).toEqual([outputSize, outputSize]);
        expect(fast.stages).toEqual(slow.stages);
        expect(psnr(slow.image.data, fast.image.data)).toBeGreaterThan(40);
      }
    }
  });

  it('is above 40 dB at 512 and 1024 as well, the rim included', () => {
    for (const outputSize of [512, 1024]) {
      const { slow, fast } = both(image, face(60, 130, 40, 9), { outputSize });
      expect(Math.max(...fast.stages.pad.padding)).toBeGreaterThan(0);
      expect(psnr(slow.image.data, fast.image.data)).toBeGreaterThan(40);
    }
  });

  it('keeps a picture of one level, padding and all', () => {
    const flat = rgbImage(60, 40, new Uint8Array(60 * 40 * 3).fill(77));
    const points = [5, 5, 25, 5, 15, 15, 8, 25, 22, 25];
    for (const outputSize of [8, 64, 512]) {
      const { image, stages } = alignFace(flat, points, { outputSize, mode: 'fast' });
      expect(Math.max(...stages.pad.padding)).toBeGreaterThan(0);
      expect(new Set(image.data)).toEqual(new Set([77]));
    }
  });

  it('takes pictures of a single pixel, row or column', () => {
    for (const [width, height] of [
      [1, 1],
      [1, 50],
      [50, 1],
    ] as const) {
      const picture = rgbImage(width, height, new Uint8Array(width * height * 3).fill(200));
      for (const quad of ['celeba-hq', 'ffhq'] as const) {
        const { slow, fast } = both(picture, face(width / 2, height / 2, 3), { outputSize: 32, quad });
        expect(maxDifference(slow.image.data, fast.image.data)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('gives the same bytes every time and leaves the picture alone', () => {
    const before = Uint8Array.from(image.data);
    const once = alignFace(image, face(30, 130, 40), { outputSize: 128, mode: 'fast' }).image.data;
    alignFace(image, face(150, 130, 12), { outputSize: 256, mode: 'fast' });
    same(alignFace(image, face(30, 130, 40), { outputSize: 128, mode: 'fast' }).image.data, once);
    same(image.data, before);
  });
});

describe("FFHQ's quad", () => {
  it('is half a pixel from the one of CelebA-HQ, in double precision', () => {
    const points = face(150, 130, 40, 12);
    const ffhq = computeQuad(points, { outputSize: 256, quad: 'ffhq' });
    const celeba = computeQuad(points, { outputSize: 256 });
    expect(ffhq.quad).toBeInstanceOf(Float64Array);
    expect(celeba.quad).toBeInstanceOf(Float32Array);
    const shifted = Array.from(ffhq.quad, (v) => v + 0.5);
    expect(maxDifference(celeba.quad, shifted)).toBeLessThan(1e-4);
    expect(ffhq.zoom).toBeCloseTo(celeba.zoom, 6);
  });

  it('has the numbers of the formulas', () => {
    // Eyes at (10, 20) and (30, 20), mouth at (20, 40): x = (20, 0) - rot90((0, 20)) = (40, 0), |x| = max(40, 36).
    const { quad, center, zoom } = computeQuad([10, 20, 30, 20, 20, 30, 14, 40, 26, 40], {
      outputSize: 64,
      quad: 'ffhq',
    });
    expect(center).toEqual([20, 22]);
    expect([...quad]).toEqual([-20, -18, -20, 62, 60, 62, 60, -18]);
    expect(zoom).toBe(0.8);
  });

  it('enlarges in the warp, where CelebA-HQ has a step of its own', () => {
    const image = scene(300, 260);
    const small = face(150, 130, 12);
    const { stages } = alignFace(image, small, { outputSize: 128, quad: 'ffhq' });
    expect([stages.upscale.factor, stages.upscale.width]).toEqual([1, stages.crop.width]);
    expect(alignFace(image, small, { outputSize: 128 }).stages.upscale.factor).toBe(4);
  });
});

/** A picture turned by quarters or mirrored: where a place (x, y) from its corner goes. */
interface Turn {
  readonly name: string;
  readonly size: (width: number, height: number) => [number, number];
  readonly place: (x: number, y: number, width: number, height: number) => [number, number];
  readonly mirrored: boolean;
}
const turns: readonly Turn[] = [
  { name: 'turned right', size: (w, h) => [h, w], place: (x, y, _, h) => [h - y, x], mirrored: false },
  { name: 'on its head', size: (w, h) => [w, h], place: (x, y, w, h) => [w - x, h - y], mirrored: false },
  { name: 'turned left', size: (w, h) => [h, w], place: (x, y, w) => [y, w - x], mirrored: false },
  { name: 'mirrored', size: (w, h) => [w, h], place: (x, y, w) => [w - x, y], mirrored: true },
];

function turnImage(image: RgbImage, turn: Turn): RgbImage {
  const out = rgbImage(...turn.size(image.width, image.height));
  for (let y = 0, o = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++, o += 3) {
      const [toX, toY] = turn.place(x + 0.5, y + 0.5, image.width, image.height);
      out.data.set(image.data.subarray(o, o + 3), (Math.floor(toY) * out.width + Math.floor(toX)) * 3);
    }
  }
  return out;
}

/** `shift`: how far from the picture's corner the quad's convention sees a point whose coordinate is 0. */
function turnPoints(points: readonly number[], { width, height }: RgbImage, turn: Turn, shift: number) {
  const moved = [0, 1, 2, 3, 4].map((i) =>
    turn.place(points[i * 2]! + shift, points[i * 2 + 1]! + shift, width, height).map((v) => v - shift),
  );
  // Left is left as seen in the picture.
  const order = turn.mirrored ? [1, 0, 2, 4, 3] : [0, 1, 2, 3, 4];
  return order.flatMap((i) => moved[i]!);
}

describe('a picture turned or mirrored with its points gives the same portrait, or its mirror image', () => {
  const image = scene(256, 240);
  const cases = turns.flatMap((turn) =>
    [
      { quad: 'ffhq', shift: 0.5 } as const,
      { quad: 'celeba-hq', shift: 1 } as const, // half a pixel in the quad, another in the warp
    ].flatMap((kind) =>
      (['reference', 'fast'] as const).map((mode) => ({ ...kind, mode, turn, name: turn.name })),
    ),
  );
  it.each(cases)('$name, $quad, $mode: over 45 dB', ({ turn, quad, shift, mode }) => {
    for (const points of [face(128, 120, 38, 7), face(40, 120, 40, -11)]) {
      const options = { outputSize: 128, quad, mode };
      const straight = alignFace(image, points, options).image;
      const turned = alignFace(turnImage(image, turn), turnPoints(points, image, turn, shift), options).image;
      const expected = turn.mirrored ? turnImage(straight, turn) : straight;
      expect(psnr(turned.data, expected.data)).toBeGreaterThan(45);
    }
  });
});

describe('the fast mode on photographs under CC0', () => {
  const { cases } = JSON.parse(readFileSync(`${fixtures}/dataprep.json`, 'utf8')) as {
    cases: { case: number; source: string; note: string; landmarks: number[][] }[];
  };
  it.each(cases)('case $case ($note): above 40 dB at 64 and 256', async ({ source, landmarks }) => {
    const picture = await readRgb(`${fixtures}/${source.replace('.jpg', '.png')}`);
    for (const outputSize of [64, 256]) {
      const { slow, fast } = both(picture, landmarks.flat(), { outputSize });
      expect(psnr(slow.image.data, fast.image.data)).toBeGreaterThan(40);
    }
  });
});

const index = join(testData, 'faces-index.csv');
describe.skipIf(!existsSync(index))('the fast mode on the photographs of PGGAN_TEST_DATA', () => {
  it.each([64, 128])('is above 40 dB at %i, on the average above 48', async (outputSize) => {
    const portraits = readFileSync(index, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','))
      .filter((cells) => Number(cells[5]) > 0)
      .filter(([file], i) => i % (file!.includes('/us-congress-small/') ? 120 : 2) === 0);
    expect(portraits.length).toBeGreaterThan(20);
    const values: number[] = [];
    for (const cells of portraits) {
      const picture = await readRgb(join(testData, cells[0]!));
      const { slow, fast } = both(picture, cells.slice(8, 18).map(Number), { outputSize });
      values.push(psnr(slow.image.data, fast.image.data));
    }
    expect(Math.min(...values)).toBeGreaterThan(40);
    expect(values.reduce((a, b) => a + b, 0) / values.length).toBeGreaterThan(48);
  });
});
