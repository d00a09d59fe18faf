/** Brightness of a picture or of a part of it, as measured by the scores. */
import { wholeOf, type PixelBox, type RgbImage } from '../faces/image.js';

export interface LumaPlane {
  readonly data: Float32Array; // 0…255, rows from the top
  readonly width: number;
  readonly height: number;
}

/** ITU-R 601 luma. `box` lies inside the picture; it may be empty. */
export function lumaPlane(image: RgbImage, box: PixelBox = wholeOf(image)): LumaPlane {
  const { left, top, right, bottom } = box;
  const [width, height] = [right - left, bottom - top];
  const pixels = image.data;
  const data = new Float32Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, at = ((top + y) * image.width + left) * 3; x < width; x++, at += 3, to++)
      data[to] = 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!;
  }
  return { data, width, height };
}
