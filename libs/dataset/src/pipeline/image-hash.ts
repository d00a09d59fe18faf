/** What an image of a dataset looks like, in 64 bits and in a few pixels: for finding those that show the same. */
import { imageLevels } from '../records/levels.js';
import { levelSizes } from '../records/image-size.js';
import { lumaOf, type Luma, type PictureShape } from '../similarity/luma.js';
import { PictureHasher } from '../similarity/perceptual-hash.js';
import type { StageOptions } from './options.js';

export type ImageForm = Pick<StageOptions, 'size' | 'channels'>;

/** 32 pixels a side show what is the same picture; `nearImages` looks at these as well. */
const comparedSide = 32;

/** The largest level below 64 pixels a side, of a uint8 CHW image. */
function reduced(
  pixels: Uint8Array,
  { size, channels }: ImageForm,
): { image: Uint8Array; shape: PictureShape } {
  const sizes = levelSizes(size)!;
  const place = sizes.findIndex(({ width, height }) => Math.max(width, height) < 2 * comparedSide);
  const image = place === 0 ? pixels : imageLevels(pixels, channels, size)[place]!;
  return { image, shape: { channels, ...sizes[place]! } };
}

let lastHasher: PictureHasher | undefined; // images come in one size

/** Perceptual hash, 16 hexadecimal digits. */
export function imageHash(pixels: Uint8Array, form: ImageForm): string {
  const { image, shape } = reduced(pixels, form);
  const same = lastHasher?.shape.width === shape.width && lastHasher.shape.height === shape.height;
  const hasher = same ? lastHasher! : (lastHasher = new PictureHasher(shape));
  return hasher.hash(lumaOf(image, shape)).plain.toString(16).padStart(16, '0');
}

/** For comparing two images, see `likeness`. */
export function reducedLumaOf(pixels: Uint8Array, form: ImageForm): Luma {
  const { image, shape } = reduced(pixels, form);
  return lumaOf(image, shape);
}
