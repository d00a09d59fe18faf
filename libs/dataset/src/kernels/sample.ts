/** Drives the kernel that samples a picture along a turned grid. */
import type { RgbImage } from '../faces/image.js';
import type { Grid, SamplingTable } from '../faces/sampling-table.js';
import { workspace } from './instance.js';

/** Side of the part of the result that is made at a time: what it needs of the source fits the processor's cache. */
const tileSide = 64;
const positionBits = 20;
const weightBits = 14;

/** A rectangle of the result; right and bottom are exclusive. */
export interface Tile {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The grid in whole numbers of 2^-20 pixels, so that the order in which samples are made does not matter. */
export function fixedGrid({ origin, jacobian }: Grid, { taps, phases }: SamplingTable) {
  const unit = 2 ** positionBits;
  const fixed = (value: number) => Math.round(value * unit);
  // To the nearest phase by adding half of one, and on to the first tap.
  const shift = 0.5 / phases - (taps / 2 - 1);
  const [xu, yu, xv, yv] = jacobian.map(fixed) as [number, number, number, number];
  return { x: fixed(origin[0] + shift), y: fixed(origin[1] + shift), xu, yu, xv, yv };
}

/**
 * Sample `source` along `grid` into `target`, or only into those tiles of it that `wanted` chooses. Beyond its edges a
 * picture continues with its outermost pixels. Sums are rounded, or cut to whole levels as the bilinear warp of Pillow
 * does it.
 */
export function sampleGrid(
  source: RgbImage,
  grid: Grid,
  table: SamplingTable,
  rounding: 'nearest' | 'down',
  target: RgbImage,
  wanted: (tile: Tile) => boolean = () => true,
): void {
  const { taps, weights } = table;
  const fixed = fixedGrid(grid, table);
  const { xu, yu, xv, yv } = fixed;
  const whole = (value: number) => Math.floor(value / 2 ** positionBits);
  // Pixels a tile reaches across the source, taps included.
  const side = tileSide - 1;
  const reach = (u: number, v: number) => whole(side * (Math.abs(u) + Math.abs(v))) + 2 + taps;
  const { kernels, memory, at } = workspace(
    weights.byteLength,
    reach(xu, xv) * reach(yu, yv) * 3,
    tileSide * tileSide * 3,
  );
  const [tableAt, sourceAt, outAt] = at;
  const sampleRow = kernels[`sampleRow${taps}`];
  memory.set(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength), tableAt);

  for (let top = 0; top < target.height; top += tileSide) {
    for (let left = 0; left < target.width; left += tileSide) {
      const right = Math.min(left + tileSide, target.width);
      const bottom = Math.min(top + tileSide, target.height);
      if (!wanted({ left, top, right, bottom })) continue;
      const [width, height] = [right - left, bottom - top];
      const x = fixed.x + left * xu + top * xv;
      const y = fixed.y + left * yu + top * yv;
      const firstX = whole(x + Math.min(0, (width - 1) * xu) + Math.min(0, (height - 1) * xv));
      const lastX = whole(x + Math.max(0, (width - 1) * xu) + Math.max(0, (height - 1) * xv));
      const firstY = whole(y + Math.min(0, (width - 1) * yu) + Math.min(0, (height - 1) * yv));
      const lastY = whole(y + Math.max(0, (width - 1) * yu) + Math.max(0, (height - 1) * yv));
      const columns = lastX - firstX + taps;
      const rows = lastY - firstY + taps;
      copyClamped(source, firstX, firstY, columns, rows, memory, sourceAt);
      const half = rounding === 'nearest' ? 1 << (weightBits - 1) : 0;
      const tileX = x - firstX * 2 ** positionBits;
      const tileY = y - firstY * 2 ** positionBits;
      for (let row = 0; row < height; row++) {
        const from = outAt + row * width * 3;
        sampleRow(
          sourceAt,
          columns * 3,
          tableAt,
          tileX + row * xv,
          tileY + row * yv,
          xu,
          yu,
          width,
          from,
          half,
        );
        target.data.set(memory.subarray(from, from + width * 3), ((top + row) * target.width + left) * 3);
      }
    }
  }
}

/** `columns` x `rows` pixels from (left, top) on, which may lie outside, into `memory` from byte `to` on. */
function copyClamped(
  { data, width, height }: RgbImage,
  left: number,
  top: number,
  columns: number,
  rows: number,
  memory: Uint8Array,
  to: number,
): void {
  // Columns before, inside and after the picture.
  const before = Math.min(columns, Math.max(0, -left));
  const after = Math.min(columns, Math.max(0, left + columns - width));
  const inside = Math.max(0, columns - before - after);
  for (let y = top; y < top + rows; y++, to += columns * 3) {
    const row = Math.min(height - 1, Math.max(0, y)) * width * 3;
    if (inside > 0) {
      const from = row + (left + before) * 3;
      memory.set(data.subarray(from, from + inside * 3), to + before * 3);
    }
    repeatPixel(data, row, memory, to, before);
    repeatPixel(data, row + (width - 1) * 3, memory, to + (columns - after) * 3, after);
  }
}

/** The pixel at `from`, `count` times. */
function repeatPixel(data: Uint8Array, from: number, memory: Uint8Array, to: number, count: number): void {
  for (let end = to + count * 3; to < end; to += 3) {
    memory[to] = data[from]!;
    memory[to + 1] = data[from + 1]!;
    memory[to + 2] = data[from + 2]!;
  }
}
