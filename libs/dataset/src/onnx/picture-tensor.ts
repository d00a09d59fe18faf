/** Between interleaved 8-bit RGB and the planes of numbers that models take and give. */
import type { RgbImage } from '../faces/image.js';

/** ITU-R 601, the Y of JPEG's YCbCr. */
const [red, green, blue] = [0.299, 0.587, 0.114];

/** How a model takes pictures. */
export interface Layout {
  readonly planes: 1 | 3;
  readonly order: 'rgb' | 'bgr' | 'luma';
  readonly range: readonly [black: number, white: number];
}

/** Part of a picture, as lists of its columns and rows in the order wanted. */
export interface Part {
  readonly columns: Int32Array;
  readonly rows: Int32Array;
}

/** The part as planes, CHW. */
export function toTensor({ data, width }: RgbImage, { columns, rows }: Part, layout: Layout): Float32Array {
  const { order, planes, range } = layout;
  const size = columns.length * rows.length;
  const out = new Float32Array(planes * size);
  const unit = (range[1] - range[0]) / 255;
  const [first, last] = order === 'bgr' ? [2, 0] : [0, 2];
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * width + column) * 3;
      if (order === 'luma') {
        const luma = data[from]! * red + data[from + 1]! * green + data[from + 2]! * blue;
        out[to] = luma * unit + range[0];
      } else {
        out[to] = data[from + first]! * unit + range[0];
        out[to + size] = data[from + 1]! * unit + range[0];
        out[to + 2 * size] = data[from + last]! * unit + range[0];
      }
      to++;
    }
  }
  return out;
}

/** A window of the model's result and where it belongs, in pixels of the result. */
export interface Placed {
  readonly fromX: number;
  readonly fromY: number;
  readonly toX: number;
  readonly toY: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Write a window of the planes `values` (`stride` wide) into the picture, rounded to whole levels. Luma shifts all three
 * channels of what is there already: their colour differences stay.
 * @returns whether all values are numbers
 */
export function fromTensor(
  values: Float32Array,
  stride: number,
  { data, width: outWidth }: RgbImage,
  { fromX, fromY, toX, toY, width, height }: Placed,
  { order, planes, range }: Layout,
): boolean {
  const size = values.length / planes;
  const unit = 255 / (range[1] - range[0]);
  const level = (value: number) => (value - range[0]) * unit;
  const [first, last] = order === 'bgr' ? [2 * size, 0] : [0, 2 * size];
  let checksum = 0;
  for (let y = 0; y < height; y++) {
    let from = (fromY + y) * stride + fromX;
    let to = ((toY + y) * outWidth + toX) * 3;
    for (let x = 0; x < width; x++, from++, to += 3) {
      if (order === 'luma') {
        const there = data[to]! * red + data[to + 1]! * green + data[to + 2]! * blue;
        const shift = level(values[from]!) - there;
        checksum += shift;
        for (let c = to; c < to + 3; c++) data[c] = clipped(data[c]! + shift);
      } else {
        const r = level(values[from + first]!);
        const g = level(values[from + size]!);
        const b = level(values[from + last]!);
        checksum += r + g + b;
        data[to] = clipped(r);
        data[to + 1] = clipped(g);
        data[to + 2] = clipped(b);
      }
    }
  }
  // Infinities of both signs make it NaN too; one alone leaves it infinite.
  return Number.isFinite(checksum);
}

function clipped(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.floor(value + 0.5);
}

/** Whether all three channels are equal everywhere. */
export function isGray({ data }: RgbImage): boolean {
  for (let i = 0; i < data.length; i += 3)
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  return true;
}

/** Take the colours out, in place. */
export function makeGray({ data }: RgbImage): void {
  for (let i = 0; i < data.length; i += 3)
    data.fill(clipped(data[i]! * red + data[i + 1]! * green + data[i + 2]! * blue), i, i + 3);
}
