import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { rgbImage, type RgbImage } from '../src/faces/index.js';

export const fixtures = resolve(import.meta.dirname, 'fixtures/dataprep');

/** The photographs and the model file that may not be committed; tests that need them are skipped where it is absent. */
export const testData =
  process.env['PGGAN_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../../shared/data');

/** The values of a C-ordered NumPy file of 'u1' or 'f4'. */
export function readNpy(path: string): Uint8Array | Float32Array {
  const file = readFileSync(path);
  const start = 10 + file.readUInt16LE(8);
  const body = Uint8Array.prototype.slice.call(file, start);
  return file.toString('latin1', 10, start).includes('f4') ? new Float32Array(body.buffer) : body;
}

/** A picture file as upright RGB. */
export async function readRgb(path: string): Promise<RgbImage> {
  const { data, info } = await sharp(path)
    .rotate()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return rgbImage(info.width, info.height, new Uint8Array(data));
}

/** Largest absolute difference of two equally long lists. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  return worst;
}
