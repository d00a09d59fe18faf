import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOnnxRuntime } from '@pggan/onnx';
import { afterAll, describe, expect, it } from 'vitest';
import { enhanceBy } from '../../src/enhance/enhancer.js';
import { mirroredLine, tileSpans } from '../../src/enhance/tiles.js';
import { cropImage } from '../../src/faces/lanczos.js';
import {
  alignFace,
  alignFaceWith,
  lanczosEnhancer,
  OnnxEnhancer,
  onnxEnhancerHash,
  resizeLanczos,
  rgbImage,
  type RgbImage,
} from '../../src/index.js';
import { reachOf } from '../../src/onnx/reach.js';
import { onnxFault } from '../../src/onnx/fault.js';
import { fixtures, maxDifference, readRgb, testData } from '../faces-support.js';
import { psnr } from '../psnr.js';
import { darkener, globalModel, noise, upscaler } from '../onnx/models.js';

const scratch = mkdtempSync(join(tmpdir(), 'pggan-enhance-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A model file with its description beside it. */
function file(name: string, model: Uint8Array | string, description?: unknown): string {
  const path = join(scratch, `${name}.onnx`);
  writeFileSync(path, model);
  if (description !== undefined)
    writeFileSync(
      join(scratch, `${name}.json`),
      typeof description === 'string' ? description : JSON.stringify(description),
    );
  return path;
}

async function enhanced(path: string, image: RgbImage): Promise<RgbImage> {
  const enhancer = await OnnxEnhancer.open(path);
  try {
    return await enhancer.enhance(image);
  } finally {
    await enhancer.close();
  }
}

const speckled = (width: number, height: number) =>
  rgbImage(
    width,
    height,
    Uint8Array.from(noise(width * height * 3, 5), (v) => (v + 1) * 127.5),
  );

/** Every pixel as a square. */
function repeated({ data, width, height }: RgbImage, factor: number): RgbImage {
  const out = rgbImage(width * factor, height * factor);
  for (let y = 0; y < out.height; y++)
    for (let x = 0; x < out.width; x++) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * 3;
      out.data.set(data.subarray(from, from + 3), (y * out.width + x) * 3);
    }
  return out;
}

function meanDifference(a: RgbImage, b: RgbImage): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
  return sum / a.data.length;
}

describe('tiles', () => {
  it.each([
    [100, { most: 100, overlap: 8, step: 1 }, 1],
    [101, { most: 100, overlap: 8, step: 1 }, 2],
    [1000, { most: 100, overlap: 8, step: 1 }, 12],
    [997, { most: 100, overlap: 49, step: 1 }, 450],
    [1024, { most: 64, overlap: 6, step: 8 }, 21],
  ])('of %i pixels keep each pixel once and see enough around it: %j', (length, limits, count) => {
    const spans = tileSpans(length, limits);
    expect(spans).toHaveLength(count);
    expect(spans[0]!.keepFrom).toBe(0);
    expect(spans.at(-1)!.keepTo).toBe(length);
    spans.forEach((span, i) => {
      expect(span.to - span.from).toBe(limits.most);
      expect(span.from % limits.step).toBe(0);
      expect(span.keepFrom).toBeLessThan(span.keepTo);
      if (i > 0) {
        expect(span.keepFrom).toBe(spans[i - 1]!.keepTo);
        expect(span.keepFrom - span.from).toBeGreaterThanOrEqual(limits.overlap);
        expect(spans[i - 1]!.to - span.keepFrom).toBeGreaterThanOrEqual(limits.overlap);
      }
    });
  });

  it('a line goes on in its mirror images', () => {
    expect([...mirroredLine(3, 11, 4)]).toEqual([0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]);
    expect([...mirroredLine(1, 4, 1)]).toEqual([0, 0, 0, 0]);
    expect([...mirroredLine(4, 4, 0)]).toEqual([0, 1, 2, 3]);
  });
});

describe('how far a model looks', () => {
  it.each([
    ['one pixel', upscaler(), 0],
    ['3x3, 5x5 and 1x1', upscaler({ kernels: [3, 5, 1] }), 3],
    ['everywhere', globalModel(), null],
    ['what is no model', Buffer.from('no model'), null],
  ])('%s', (_, model, reach) => {
    expect(reachOf(model)).toBe(reach);
  });
});

describe('an ONNX model as enhancer', () => {
  it('enlarges RGB pictures of any size', async () => {
    const path = file('plain', upscaler());
    const image = speckled(13, 7);
    expect(await enhanced(path, image)).toEqual(repeated(image, 2));
  });

  it('gives the channels in the order and the range of its description', async () => {
    const image = speckled(9, 9);
    // Only red gets through, and only if it comes last.
    const description = { channels: 'bgr', range: [0, 255], factor: 3 };
    const path = file('bgr', upscaler({ factor: 3 }), description);
    expect(await enhanced(path, image)).toEqual(repeated(image, 3));
  });

  it('enlarges luma only, and keeps the colours of Lanczos', async () => {
    const gray = rgbImage(
      20,
      20,
      speckled(20, 20).data.map((_, i, all) => all[i - (i % 3)]!),
    );
    const path = file('luma', upscaler({ planes: 1, factor: 3, size: 24 }));
    expect(await enhanced(path, gray)).toEqual(repeated(gray, 3));

    const colours = resizeLanczos(speckled(5, 5), 40, 40);
    const out = await enhanced(path, colours);
    const lanczos = resizeLanczos(colours, 120, 120);
    const differences = (image: RgbImage) => image.data.map((v, i) => v - image.data[i - (i % 3)]! + 128);
    const inRange = out.data.map((v) => (v > 0 && v < 255 ? 1 : 0));
    const [a, b] = [differences(out), differences(lanczos)];
    // Both are rounded to levels.
    a.forEach((value, i) => {
      if (inRange[i] && inRange[i - (i % 3)]) expect(Math.abs(value - b[i]!)).toBeLessThanOrEqual(1);
    });
  });

  it('of one size takes smaller and larger pictures', async () => {
    const path = file('fixed', upscaler({ size: 24 }), { overlap: 4 });
    for (const [width, height] of [
      [24, 24],
      [3, 70],
      [61, 25],
      [1, 1],
    ] as const) {
      const image = speckled(width, height);
      expect(await enhanced(path, image)).toEqual(repeated(image, 2));
    }
  });

  it('of a certain grid gets pictures filled up to it', async () => {
    const image = speckled(45, 70);
    const path = file('grid', upscaler(), { multiple: 8, tile: 32 });
    expect(await enhanced(path, image)).toEqual(repeated(image, 2));
  });

  it.each([1, 3] as const)('gives the same in tiles as at once, %i plane(s)', async (planes) => {
    const image = speckled(90, 61);
    const model = upscaler({ planes, kernels: [5, 3, 3] });
    const whole = await enhanced(file(`whole${planes}`, model, { tile: 90 }), image);
    const tiled = await enhanced(file(`tiled${planes}`, model, { tile: 32 }), image);
    // Sums are the same, in another order perhaps: a level may be rounded to the other side.
    expect(maxDifference(tiled.data, whole.data)).toBeLessThanOrEqual(1);
    const short = await enhanced(file(`short${planes}`, model, { tile: 30, overlap: 0 }), image);
    expect(maxDifference(short.data, whole.data)).toBeGreaterThan(1);
  });

  it('leaves pictures without colours without', async () => {
    const gray = rgbImage(
      16,
      16,
      speckled(16, 16).data.map((_, i, all) => all[i - (i % 3)]!),
    );
    const { data } = await enhanced(file('tint', upscaler({ kernels: [3, 3] })), gray);
    expect(data.every((value, i) => value === data[i - (i % 3)])).toBe(true);
    expect(new Set(data).size).toBeGreaterThan(20);
  });

  it('has a hash of model and description', async () => {
    const plain = await onnxEnhancerHash(file('hash', upscaler()));
    expect(plain).toMatch(/^[0-9a-f]{64}$/);
    expect(await onnxEnhancerHash(file('hash-copy', upscaler()))).toBe(plain);
    expect(await onnxEnhancerHash(file('hash-description', upscaler(), { tile: 64 }))).not.toBe(plain);
    expect(await onnxEnhancerHash(file('hash-model', upscaler({ factor: 3 })))).not.toBe(plain);
    const enhancer = await OnnxEnhancer.open(join(scratch, 'hash.onnx'));
    expect(enhancer).toMatchObject({ hash: plain, factor: 2, name: 'hash.onnx x2' });
    await enhancer.close();
  });

  it.each([
    ['missing', 'model-missing', undefined, undefined, /missing\.onnx.*no such file.*--enhancer/],
    [
      'page',
      'model-invalid',
      '<!doctype html>',
      undefined,
      /page\.onnx \(15 bytes\): expected an ONNX model/,
    ],
    ['cut', 'model-invalid', upscaler().subarray(0, 120), undefined, /cut\.onnx.*ONNX Runtime refuses/],
    ['swapped', 'model-invalid', upscaler(), { channels: 'luma' }, /channels "luma".*3 plane/],
    ['black', 'model-invalid', upscaler(), { range: [1, 1] }, /expected two different numbers, got 1 twice/],
    ['factor', 'model-invalid', upscaler(), { factor: 4 }, /expected an enlargement by 4.*got 2/],
    ['key', 'model-invalid', upscaler(), { tiles: 4 }, /key\.json: the description: expected no key "tiles"/],
    ['type', 'model-invalid', upscaler(), { tile: 'big' }, /type\.json: tile: expected number, got "big"/],
    ['json', 'model-invalid', upscaler(), '{', /json\.json: expected a JSON description/],
    ['narrow', 'model-invalid', upscaler({ size: 24 }), { overlap: 12 }, /24x24 pixels have no middle/],
  ])('refuses what is none: %s', async (name, code, model, description, message) => {
    const path = model === undefined ? join(scratch, `${name}.onnx`) : file(name, model, description);
    const attempt = OnnxEnhancer.open(path);
    await expect(attempt).rejects.toMatchObject({ name: 'DatasetError', code });
    await expect(attempt).rejects.toThrow(message);
  });

  it('says how to install ONNX Runtime where it is not', () => {
    expect(() => loadOnnxRuntime(onnxFault, 'onnxruntime-not-installed')).toThrowError(
      expect.objectContaining({
        code: 'runtime-missing',
        message: expect.stringContaining('npm install onnxruntime-node'),
      }),
    );
  });
});

describe('enlargement to the size wanted', () => {
  it.each([
    [2, 2, false, 1],
    [2, 8, false, 3],
    [3, 2, false, 1],
    [3, 4, false, 1],
    [3, 8, false, 2],
    [8, 2, false, 1],
    [2, 1, false, 0],
    [2, 1, true, 1],
    [1, 1, false, 1],
    [1, 4, false, 1],
  ])('by x%i to x%i, artefacts %s: %i passes', async (factor, wanted, removeArtefacts, passes) => {
    let calls = 0;
    const lanczos = lanczosEnhancer(factor);
    const enhancer = {
      ...lanczos,
      enhance(image: RgbImage) {
        calls++;
        return lanczos.enhance(image);
      },
    };
    const image = speckled(6, 5);
    const { width, height } = await enhanceBy(image, wanted, { enhancer, removeArtefacts });
    expect([width, height, calls]).toEqual([6 * wanted, 5 * wanted, passes]);
  });
});

describe('alignment with an enhancer', async () => {
  const image = await readRgb(join(fixtures, 'astronaut.png'));
  const points = [203, 113, 246, 107, 226, 133, 212, 154, 248, 149]; // about
  const small = resizeLanczos(image, 128, 128);
  const fewer = points.map((value) => value / 4);

  it('by Lanczos gives the bytes of the alignment without one', async () => {
    const [width, height] = [image.width, image.height];
    for (const [face, picture] of [
      [points, image],
      [fewer, small],
    ] as const) {
      const plain = alignFace(picture, face, { outputSize: 64 });
      const factor = plain.stages.upscale.factor;
      const enhancer = lanczosEnhancer(Math.max(2, factor));
      const same = await alignFaceWith(picture, face, { outputSize: 64, enhancer });
      expect(same.stages).toEqual(plain.stages);
      expect(same.image).toEqual(plain.image);
    }
    expect([width, height]).toEqual([512, 512]);
  });

  it.each(['celeba-hq', 'ffhq'] as const)('enlarges in both modes: %s', async (quad) => {
    const enhancer = await OnnxEnhancer.open(file(`align-${quad}`, upscaler()));
    const options = { outputSize: 128, quad, enhancer } as const;
    const reference = await alignFaceWith(small, fewer, options);
    const fast = await alignFaceWith(small, fewer, { ...options, mode: 'fast' });
    const plain = alignFace(small, fewer, { outputSize: 128, quad });
    await enhancer.close();
    expect(reference.stages.upscale.factor).toBe(4);
    expect(fast.stages).toEqual(reference.stages);
    // Squares instead of Lanczos are seen, and both modes see them.
    expect(meanDifference(reference.image, plain.image)).toBeGreaterThan(1);
    expect(meanDifference(fast.image, reference.image)).toBeLessThan(0.5);
  });

  it('cleans every face by a model that keeps the size, and on request by one that does not', async () => {
    const cleaner = await OnnxEnhancer.open(file('dark', darkener()));
    const size = { outputSize: 32 } as const;
    const plain = alignFace(image, points, size);
    expect(plain.stages.upscale.factor).toBe(1);
    const half = rgbImage(
      32,
      32,
      plain.image.data.map((value) => Math.round(value / 2)),
    );
    const cleaned = await alignFaceWith(image, points, { ...size, enhancer: cleaner });
    expect(meanDifference(cleaned.image, half)).toBeLessThan(1);
    await cleaner.close();

    const enhancer = await OnnxEnhancer.open(file('noise', upscaler({ kernels: [3] })));
    expect((await alignFaceWith(image, points, { ...size, enhancer })).image).toEqual(plain.image);
    const asked = await alignFaceWith(image, points, { ...size, enhancer, removeArtefacts: true });
    expect(meanDifference(asked.image, plain.image)).toBeGreaterThan(5);
    await enhancer.close();
  });
});

const models = join(testData, 'models/super-resolution');
const absent = !existsSync(models);
const why = absent ? ' (skipped: no models in PGGAN_TEST_DATA)' : '';

describe.skipIf(absent)(`published models${why}`, () => {
  const rgb = join(models, '2xNomosUni_compact_otf_medium.onnx');
  const luma = join(models, 'super_resolution.onnx');

  const sharpOne = () =>
    readRgb(join(fixtures, 'astronaut.png')).then((whole) =>
      cropImage(whole, { left: 160, top: 60, right: 304, bottom: 204 }),
    );

  /** Without the rim, moved by (dx, dy). */
  function inside(image: RgbImage, dx = 0, dy = 0): Uint8Array {
    const [right, bottom] = [image.width - 6 + dx, image.height - 6 + dy];
    return cropImage(image, { left: 6 + dx, top: 6 + dy, right, bottom }).data;
  }

  /** Mean difference of neighbours. */
  function detail({ data }: RgbImage): number {
    let sum = 0;
    for (let i = 3; i < data.length; i++) sum += Math.abs(data[i]! - data[i - 3]!);
    return sum / data.length;
  }

  // Both are made for the eye: on squared differences from the photograph Lanczos wins.
  it.each([
    ['x3 on luma of one size', luma, 3],
    ['x2 on RGB', rgb, 2],
  ])(
    '%s: the picture stays what and where it was, with the detail of the photograph',
    async (_, path, factor) => {
      const photograph = await sharpOne();
      const side = 144 / factor;
      const reduced = resizeLanczos(photograph, side, side);
      const large = await enhanced(path, reduced);
      expect(psnr(inside(reduced), inside(resizeLanczos(large, side, side)))).toBeGreaterThan(28);
      const inPlace = psnr(inside(photograph), inside(large));
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ] as const)
        expect(psnr(inside(photograph), inside(large, dx, dy))).toBeLessThan(inPlace - 1.5);
      const lost = (image: RgbImage) => Math.abs(detail(photograph) - detail(image));
      expect(lost(large)).toBeLessThan(lost(resizeLanczos(reduced, 144, 144)) * 0.6);
    },
  );

  it('x2 RGB: in tiles the same as at once', async () => {
    const image = cropImage(await readRgb(join(fixtures, 'astronaut.png')), {
      left: 150,
      top: 60,
      right: 290,
      bottom: 170,
    });
    const model = readFileSync(rgb);
    expect(reachOf(model)).toBeGreaterThanOrEqual(18);
    const whole = await enhanced(rgb, image);
    const tiled = await enhanced(file('nomos-tiled', model, { tile: 80 }), image);
    expect(maxDifference(tiled.data, whole.data)).toBeLessThanOrEqual(1);
  });
});
