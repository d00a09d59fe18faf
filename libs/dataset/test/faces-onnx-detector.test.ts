/** Detection by ONNX models that the tests make: they find their faces at the brightest value of the picture. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OnnxDetector, rgbImage, type RgbImage } from '../src/index.js';
import { maxDifference } from './faces-support.js';
import { brightestDetector, upscaler, type DetectorShape } from './onnx/models.js';

const scratch = mkdtempSync(join(tmpdir(), 'pggan-onnx-faces-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function file(name: string, model: Uint8Array, description?: object): string {
  const path = join(scratch, `${name}.onnx`);
  writeFileSync(path, model);
  if (description) writeFileSync(join(scratch, `${name}.json`), JSON.stringify(description));
  return path;
}

/** Black, with a bright square at (x, y). */
function lamp(width: number, height: number, x: number, y: number, side: number): RgbImage {
  const image = rgbImage(width, height);
  for (let row = y; row < y + side; row++)
    image.data.fill(255, (row * width + x) * 3, (row * width + x + side) * 3);
  return image;
}

/** Eyes `apart` pixels from each other, around the place found. */
const points = (apart: number) => [-apart / 2, 0, apart / 2, 0, 0, 4, -3, 8, 3, 8];
const one: DetectorShape['faces'] = [{ score: 0.75, points: points(10) }];

async function detect(path: string, image: RgbImage, minConfidence?: number) {
  const detector = await OnnxDetector.open(path, { minConfidence });
  try {
    return await detector.detect(image);
  } finally {
    await detector.close();
  }
}

describe('faces by an ONNX model', () => {
  it.each([
    ['of its size', 64, 64, 1],
    ['twice as large', 128, 128, 2],
    ['half as large', 32, 32, 0.5],
    ['wide', 128, 64, 2],
    ['high', 100, 256, 4],
  ])('a picture %s: points come back in its own pixels', async (_, width, height, scale) => {
    const path = file('one', brightestDetector({ side: 64, faces: one }));
    const [x, y] = [Math.round(width * 0.6), Math.round(height * 0.7)];
    // As large as a pixel of the model, on its grid where the scale is whole.
    const side = Math.max(1, scale);
    const at = [x - (x % side), y - (y % side)] as const;
    const found = await detect(path, lamp(width, height, ...at, side));
    expect(found).toMatchObject([{ faces: 1, confidence: 0.75 }]);
    const expected = points(10).map((value, i) => at[i % 2]! + value * scale);
    expect(maxDifference(found[0]!.points, expected)).toBeLessThanOrEqual(scale < 1 ? 0.5 : 0.01 * scale);
  });

  it('the largest comes first; those of little score or of the same box are none', async () => {
    const faces = [
      { score: 0.6, points: points(10) },
      { score: 0.4, points: points(50) },
      { score: 0.9, points: points(20) },
    ];
    const model = brightestDetector({ side: 64, faces });
    const image = lamp(64, 64, 30, 20, 1);
    const eyes = (found: Awaited<ReturnType<typeof detect>>) =>
      found.map(({ points, faces, confidence }) => [
        points[2]! - points[0]!,
        faces,
        Number(confidence!.toFixed(3)),
      ]);
    expect(eyes(await detect(file('three', model), image))).toEqual([
      [20, 2, 0.9],
      [10, 2, 0.6],
    ]);
    expect(eyes(await detect(file('strict', model), image, 0.95))).toEqual([]);
  });

  it('of boxes that overlap the best is kept', async () => {
    const boxes = [
      [0, 0, 10, 10],
      [1, 1, 11, 11],
      [8, 8, 18, 18],
    ];
    const faces = [0.6, 0.8, 0.7].map((score, i) => ({ score, points: points(10 + i), box: boxes[i]! }));
    const model = brightestDetector({ side: 64, faces });
    const found = await detect(
      file('boxes', model, { outputs: { boxes: 'boxes' } }),
      lamp(64, 64, 30, 20, 1),
    );
    expect(found.map(({ confidence }) => Number(confidence!.toFixed(3)))).toEqual([0.7, 0.8]);
    expect(found[0]!.faces).toBe(2);
  });

  it('takes the five points that its description names, and pictures in its range', async () => {
    const description = { points: [1, 0, 2, 4, 3], range: [-1, 1], fill: 255, channels: 'bgr' };
    const model = brightestDetector({ side: 64, faces: one });
    // Beside the picture it is as bright as the lamp, which comes first.
    const [found] = await detect(file('named', model, description), lamp(64, 32, 8, 4, 1));
    expect([...found!.points]).toEqual([13, 4, 3, 4, 8, 8, 11, 12, 5, 12]);
  });

  it.each([
    ['missing', undefined, undefined, 'model-missing', /missing\.onnx.*--face-model/],
    [
      'page',
      Buffer.from('<!doctype html>'),
      undefined,
      'model-invalid',
      /page\.onnx \(15 bytes\).*--face-model/,
    ],
    [
      'upscaler',
      upscaler({ planes: 1 }),
      undefined,
      'model-invalid',
      /\[1, 3, height, width\].*got \[1, 1, \?, \?\]/,
    ],
    ['sizeless', upscaler(), undefined, 'model-invalid', /expected "side" in its description/],
    ['outputs', upscaler(), { side: 64 }, 'model-invalid', /expected an output "points".*got larger/],
    [
      'few',
      brightestDetector({ side: 64, faces: one }),
      { points: [0, 1, 2, 3] },
      'model-invalid',
      /few\.json: points/,
    ],
  ])('refuses %s', async (name, model, description, code, message) => {
    const path = model ? file(name, model, description) : join(scratch, `${name}.onnx`);
    const attempt = OnnxDetector.open(path);
    await expect(attempt).rejects.toMatchObject({ name: 'DatasetError', code });
    await expect(attempt).rejects.toThrow(message);
  });

  it('refuses outputs that do not go together', async () => {
    const model = brightestDetector({ side: 64, faces: one });
    const attempt = detect(file('more', model, { points: [0, 1, 2, 3, 7] }), lamp(64, 64, 1, 1, 1));
    await expect(attempt).rejects.toThrow(
      /output "points": expected at least 16 numbers for each of 1 scores, got 10/,
    );
  });
});
