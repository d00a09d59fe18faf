/** The kernels once more, slow and obvious: tests compare the fast ones with these, byte for byte. */
import { FRACTION_BITS, type FixedAxis } from '@pggan/resample';
import type { RgbImage } from '../faces/image.js';
import { roundHalfEven } from '../faces/rounding.js';
import type { ImageSize } from '../records/image-size.js';
import type { Luma } from './luma.js';

const HALF = 1 << (FRACTION_BITS - 1);

function clip8(sum: number): number {
  const v = sum >> FRACTION_BITS;
  return v < 0 ? 0 : v > 255 ? 255 : v;
}

/** Weighted sums along one axis of `samples`, `step` apart, from index `at` on. */
function weigh(samples: Uint8Array, at: number, step: number, axis: FixedAxis, i: number): number {
  let sum = HALF;
  for (let k = 0; k < axis.count[i]!; k++) {
    const sample = samples[at + (axis.start[i]! + k) * step]!;
    sum = (sum + Math.imul(sample, axis.weights[i * axis.taps + k]!)) | 0;
  }
  return clip8(sum);
}

/** `data`: RGB, `width` pixels a row. As `resampleRgb`, of a whole picture. */
export function resampleRgb(data: Uint8Array, width: number, across: FixedAxis, down: FixedAxis): Uint8Array {
  const outWidth = across.start.length;
  const rows = data.length / (width * 3);
  const between = new Uint8Array(rows * outWidth * 3);
  for (let to = 0; to < between.length; to++) {
    const [y, x, channel] = [Math.floor(to / (outWidth * 3)), Math.floor(to / 3) % outWidth, to % 3];
    between[to] = weigh(data, y * width * 3 + channel, 3, across, x);
  }
  const out = new Uint8Array(down.start.length * outWidth * 3);
  for (let to = 0; to < out.length; to++) {
    const [y, column] = [Math.floor(to / (outWidth * 3)), to % (outWidth * 3)];
    out[to] = weigh(between, column, outWidth * 3, down, y);
  }
  return out;
}

/** As `halvings`: means of the unrounded level above, in float32 as the official tool has them. */
export function halvings(image: Uint8Array, channels: number, sizes: readonly ImageSize[]): Uint8Array[] {
  let exact: ArrayLike<number> = image;
  return sizes.map(({ width, height }) => {
    const means = new Float32Array(channels * width * height);
    const stored = new Uint8Array(means.length);
    const above = width * 2;
    for (let row = 0, to = 0; row < channels * height; row++) {
      for (let column = 0, from = row * 2 * above; column < width; column++, from += 2, to++) {
        const sum = exact[from]! + exact[from + 1]! + exact[from + above]! + exact[from + above + 1]!;
        means[to] = sum * 0.25;
        stored[to] = roundHalfEven(sum * 0.25);
      }
    }
    exact = means;
    return stored;
  });
}

/** As `rgbPlanes`. */
export function rgbPlanes(pixels: Uint8Array): Uint8Array {
  const count = pixels.length / 3;
  return Uint8Array.from(pixels, (_, i) => pixels[(i % count) * 3 + Math.floor(i / count)]!);
}

/** As `reducedLuma`. */
export function reducedLuma(image: RgbImage, longest: number): Luma {
  let { width, height } = image;
  let data = Float32Array.from({ length: width * height }, (_, i) => {
    const [red, green, blue] = image.data.subarray(i * 3, i * 3 + 3);
    return 0.299 * red! + 0.587 * green! + 0.114 * blue!;
  });
  while (Math.max(width, height) > longest) {
    const stride = width;
    [width, height] = [width >> 1, height >> 1];
    data = Float32Array.from({ length: width * height }, (_, i) => {
      const at = Math.floor(i / width) * 2 * stride + (i % width) * 2;
      return (data[at]! + data[at + 1]! + data[at + stride]! + data[at + stride + 1]!) / 4;
    });
  }
  return { data, width, height };
}
