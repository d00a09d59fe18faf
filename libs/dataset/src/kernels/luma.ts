/** Luma of a picture, reduced, for measuring. */
import type { RgbImage } from '../faces/image.js';
import { workspace } from './instance.js';

export interface Luma {
  readonly data: Float32Array; // 0…255, height × width
  readonly width: number;
  readonly height: number;
}

/** ITU-R 601 luma, halved by 2×2 means (an odd last row or column is left out) until no side is longer than `longest`. */
export function reducedLuma({ data, width, height }: RgbImage, longest: number): Luma {
  const pixels = width * height;
  const { kernels, memory, at } = workspace(data.length, pixels * 4, pixels);
  const [source, luma, half] = at;
  memory.set(data, source);
  kernels.luma(source, luma, pixels);
  let [from, to] = [luma, half];
  while (Math.max(width, height) > longest) {
    const stride = width;
    [width, height] = [width >> 1, height >> 1];
    kernels.halveLuma(from, stride, to, width, height);
    [from, to] = [to, from];
  }
  const reduced = new Float32Array(width * height);
  reduced.set(new Float32Array(memory.buffer, from, reduced.length));
  return { data: reduced, width, height };
}
