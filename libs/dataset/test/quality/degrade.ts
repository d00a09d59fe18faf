/** What spoils photographs, as functions of the picture and a seed. Lengths and radii are pixels of the picture. */
import { RandomState } from '@pggan/random';
import sharp, { type Sharp } from 'sharp';
import { rgbImage, type RgbImage } from '../../src/faces/image.js';

export type Degradation = (image: RgbImage, seed: number) => Promise<RgbImage>;

export function toSharp({ data, width, height }: RgbImage): Sharp {
  return sharp(Buffer.from(data.buffer, data.byteOffset, data.length), {
    raw: { width, height, channels: 3 },
  });
}

export async function fromSharp(picture: Sharp): Promise<RgbImage> {
  const { data, info } = await picture
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return rgbImage(info.width, info.height, new Uint8Array(data));
}

export function resized(image: RgbImage, width: number, height: number): Promise<RgbImage> {
  return fromSharp(toSharp(image).resize(Math.max(1, width), Math.max(1, height), { fit: 'fill' }));
}

export const scaled = (image: RgbImage, factor: number) =>
  resized(image, Math.round(image.width * factor), Math.round(image.height * factor));

export const blur =
  (sigma: number): Degradation =>
  (image) =>
    fromSharp(toSharp(image).blur(sigma));

export const jpeg =
  (quality: number): Degradation =>
  async (image) =>
    fromSharp(sharp(await toSharp(image).jpeg({ quality }).toBuffer()));

/** Reduced and enlarged again. */
export const thumbnail =
  (factor: number): Degradation =>
  async (image) => {
    const small = await scaled(image, 1 / factor);
    return fromSharp(toSharp(small).resize(image.width, image.height, { fit: 'fill', kernel: 'cubic' }));
  };

/** Normal numbers, read from a place that the seed decides. */
const table = new RandomState(1).normals(99_991);

/** White, independent in each channel. */
export const noise =
  (sigma: number): Degradation =>
  async ({ data, width, height }, seed) => {
    const start = new RandomState(seed).randint(table.length);
    const noisy = data.map((value, i) =>
      Math.max(0, Math.min(255, Math.round(value + sigma * table[(start + i) % table.length]!))),
    );
    return rgbImage(width, height, noisy);
  };

/** Along a straight line in a direction that the seed decides. */
export const motion =
  (length: number): Degradation =>
  async ({ data, width, height }, seed) => {
    const angle = new RandomState(seed).uniform() * Math.PI;
    const steps = 2 * length;
    const taps = Array.from({ length: steps + 1 }, (_, i) => {
      const along = (i / steps - 0.5) * (length - 1);
      return [along * Math.cos(angle), along * Math.sin(angle)] as const;
    });
    // Each point of the line is shared among the four pixels around it.
    const weights = new Map<string, { x: number; y: number; weight: number }>();
    for (const [x, y] of taps) {
      for (const [right, down] of [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        const tap = { x: Math.floor(x) + right, y: Math.floor(y) + down };
        const weight = (1 - Math.abs(x - tap.x)) * (1 - Math.abs(y - tap.y));
        const key = `${tap.x} ${tap.y}`;
        weights.set(key, { ...tap, weight: (weights.get(key)?.weight ?? 0) + weight / taps.length });
      }
    }
    const moved = new Float32Array(data.length);
    for (const { x: right, y: down, weight } of weights.values()) {
      for (let y = 0; y < height; y++) {
        const to = y * width * 3;
        const from = Math.max(0, Math.min(height - 1, y + down)) * width * 3;
        const shift = from + 3 * right;
        const [first, end] = [Math.max(0, -right) * 3, (width - Math.max(0, right)) * 3];
        for (let i = first; i < end; i++) moved[to + i]! += weight * data[shift + i]!;
        // Beyond the ends the first and the last pixel go on.
        for (let i = 0; i < first; i++) moved[to + i]! += weight * data[from + (i % 3)]!;
        for (let i = end; i < width * 3; i++)
          moved[to + i]! += weight * data[from + (width - 1) * 3 + (i % 3)]!;
      }
    }
    return rgbImage(width, height, new Uint8Array(moved.map(Math.round)));
  };

/** Those that every score is tried on. */
export const degradations = {
  'blur 1': blur(1),
  'blur 2': blur(2),
  'jpeg 30': jpeg(30),
  'jpeg 10': jpeg(10),
  'thumbnail 1/2': thumbnail(2),
  'thumbnail 1/4': thumbnail(4),
  'noise 10': noise(10),
  'noise 20': noise(20),
  'motion 5': motion(5),
  'motion 9': motion(9),
} as const satisfies Record<string, Degradation>;
