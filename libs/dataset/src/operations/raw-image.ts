/** An image of a dataset, for sharp. */
import sharp, { type Sharp } from 'sharp';
import { fromPlanes } from '../pipeline/pixels.js';
import type { ImageSize } from '../records/image-size.js';

/** `pixels`: uint8 CHW. */
export function rawImage(pixels: Uint8Array, channels: 1 | 3, { width, height }: ImageSize): Sharp {
  if (channels === 1) return sharp(pixels, { raw: { width, height, channels } });
  const { data } = fromPlanes(pixels, channels, width, height);
  return sharp(data, { raw: { width, height, channels } });
}
