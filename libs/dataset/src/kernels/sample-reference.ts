/** The sampling kernel once more, slow and obvious: tests compare the fast one with it, byte for byte. */
import { rgbImage, type RgbImage } from '../faces/image.js';
import type { Grid, SamplingTable } from '../faces/sampling-table.js';
import { fixedGrid } from './sample.js';

/** As `sampleGrid`, of a whole `width` x `height` result. */
export function sampleGrid(
  source: RgbImage,
  grid: Grid,
  table: SamplingTable,
  rounding: 'nearest' | 'down',
  width: number,
  height: number,
): RgbImage {
  const { taps, phases, weights } = table;
  const { x, y, xu, yu, xv, yv } = fixedGrid(grid, table);
  const unit = 2 ** 20;
  const pixel = (column: number, row: number, channel: number) => {
    const inX = Math.min(Math.max(column, 0), source.width - 1);
    const inY = Math.min(Math.max(row, 0), source.height - 1);
    return source.data[(inY * source.width + inX) * 3 + channel]!;
  };
  const out = rgbImage(width, height);
  for (let to = 0; to < out.data.length; to++) {
    const [u, v, channel] = [Math.floor(to / 3) % width, Math.floor(to / 3 / width), to % 3];
    const px = (x + u * xu + v * xv) / unit;
    const py = (y + u * yu + v * yv) / unit;
    const [left, top] = [Math.floor(px), Math.floor(py)];
    const phase = Math.floor((py - top) * phases) * phases + Math.floor((px - left) * phases);
    let sum = rounding === 'nearest' ? 1 << 13 : 0;
    for (let k = 0; k < taps * taps; k++) {
      const [column, row] = [left + (k % taps), top + Math.floor(k / taps)];
      sum += weights[phase * taps * taps + k]! * pixel(column, row, channel);
    }
    out.data[to] = Math.min(Math.max(sum >> 14, 0), 255);
  }
  return out;
}
