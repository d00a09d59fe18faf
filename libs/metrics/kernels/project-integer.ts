/**
 * Products of rows with directions in whole numbers of 16 bits, summed in 32, in tiles of eight rows and four directions.
 * Every operand of a tile is one vector load: rows come in groups of eight, pair of components by pair, and directions in
 * panels of four likewise. The result has a line per direction.
 */

/** int16 per channel of a descriptor: 49 values and a zero, so that they pair up. */
const PAIRS = 25;
const AREA = 49;
const GROUP = 8;
const PANEL = 4;
/** Bytes of a channel in a group of rows. */
const GROUP_BYTES = 4 * GROUP * PAIRS;

/** Adding 1.5 * 2^23 leaves a float's nearest whole number in its low bits. */
const ROUNDING: f32 = 12582912;
const ROUNDING_BITS: i32 = 0x4b400000;

/** Four float32 to int32, rounded. */
function rounded(values: v128, offset: v128, scale: v128): v128 {
  const scaled = f32x4.mul(f32x4.sub(values, offset), scale);
  return i32x4.sub(f32x4.add(scaled, f32x4.splat(ROUNDING)), i32x4.splat(ROUNDING_BITS));
}

/** (value - offset) * scale of a row as int16, 50 a channel. */
function quantise(row: usize, channels: i32, offsets: usize, scales: usize, target: usize): void {
  for (let channel: usize = 0; channel < <usize>channels; channel++, row += 4 * AREA, target += 4 * PAIRS) {
    const offset = v128.load32_splat(offsets + (channel << 2));
    const scale = v128.load32_splat(scales + (channel << 2));
    for (let at: usize = 0; at < 48; at += 8) {
      const low = rounded(v128.load(row + (at << 2)), offset, scale);
      const high = rounded(v128.load(row + (at << 2), 16), offset, scale);
      v128.store(target + (at << 1), i16x8.narrow_i32x4_s(low, high));
    }
    const last = rounded(v128.load32_splat(row + 4 * 48), offset, scale);
    store<i32>(target + 96, i32x4.extract_lane(last, 0) & 0xffff);
  }
}

/** Four pairs of four rows as four rows of four pairs, 32 bytes from one to the next. */
function transpose(rows: usize, stride: usize, target: usize): void {
  const a = v128.load(rows);
  const b = v128.load(rows + stride);
  const c = v128.load(rows + 2 * stride);
  const d = v128.load(rows + 3 * stride);
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(target, i64x2.shuffle(ab, cd, 0, 2));
  v128.store(target, i64x2.shuffle(ab, cd, 1, 3), 32);
  v128.store(target, i64x2.shuffle(abHigh, cdHigh, 0, 2), 64);
  v128.store(target, i64x2.shuffle(abHigh, cdHigh, 1, 3), 96);
}

/**
 * Rows of float32 to groups of eight rows of int16, [group, channel, pair of components, 8, 2]: (value - offset) * scale,
 * rounded. `offsets` and `scales` have a float32 per channel. The last group is filled with whatever lies there. `scratch`:
 * 8 x 76 pairs of int16; a pair of a group is written beyond the target's end.
 */
export function packRows(
  rows: usize,
  count: i32,
  channels: i32,
  offsets: usize,
  scales: usize,
  target: usize,
  scratch: usize,
): void {
  const pairs = channels * PAIRS;
  const bytes = <usize>channels * (4 * AREA);
  const stride = (<usize>((pairs + 3) & -4)) << 2;
  for (let first = 0; first < count; first += GROUP, target += <usize>channels * GROUP_BYTES) {
    for (let i: usize = 0; i < <usize>GROUP; i++, rows += bytes)
      quantise(rows, channels, offsets, scales, scratch + i * stride);
    for (let pair: usize = 0; pair < <usize>pairs; pair += 4) {
      const from = scratch + (pair << 2);
      transpose(from, stride, target + (pair << 5));
      transpose(from + 4 * stride, stride, target + (pair << 5) + 16);
    }
  }
}

/** A channel's sums to what is there already. */
function addScaled(sums: v128, factor: v128, target: usize): void {
  v128.store(target, f32x4.add(v128.load(target), f32x4.mul(f32x4.convert_i32x4_s(sums), factor)));
}

/**
 * Groups of rows times `panels` panels of directions, [panel, channel, pair of components, 4, 2]. `factors` has for every
 * panel and channel the four float32 that turn sums to projections, and `constants` for every panel four to begin with.
 * Sums of a channel must fit 32 bits. `stride`: bytes from a direction's line to the next.
 */
export function projectInteger(
  rows: usize,
  groups: i32,
  channels: i32,
  panels: usize,
  count: i32,
  factors: usize,
  constants: usize,
  target: usize,
  stride: usize,
): void {
  for (let group = 0; group < groups; group++, rows += <usize>channels * GROUP_BYTES, target += 4 * GROUP) {
    let w = panels;
    let f = factors;
    let out = target;
    for (let panel: usize = 0; panel < <usize>count; panel++, out += stride << 2) {
      for (let i: usize = 0, line = out; i < <usize>PANEL; i++, line += stride) {
        const constant = v128.load32_splat(constants + (panel << 4) + (i << 2));
        v128.store(line, constant);
        v128.store(line, constant, 16);
      }
      let x = rows;
      for (let channel = 0; channel < channels; channel++, f += 4 * PANEL) {
        let a0 = i32x4.splat(0),
          a1 = a0,
          b0 = a0,
          b1 = a0,
          c0 = a0,
          c1 = a0,
          d0 = a0,
          d1 = a0;
        for (const end = x + GROUP_BYTES; x < end; x += 4 * GROUP, w += 4 * PANEL) {
          const low = v128.load(x);
          const high = v128.load(x, 16);
          let v = v128.load32_splat(w);
          a0 = i32x4.add(a0, i32x4.dot_i16x8_s(low, v));
          a1 = i32x4.add(a1, i32x4.dot_i16x8_s(high, v));
          v = v128.load32_splat(w, 4);
          b0 = i32x4.add(b0, i32x4.dot_i16x8_s(low, v));
          b1 = i32x4.add(b1, i32x4.dot_i16x8_s(high, v));
          v = v128.load32_splat(w, 8);
          c0 = i32x4.add(c0, i32x4.dot_i16x8_s(low, v));
          c1 = i32x4.add(c1, i32x4.dot_i16x8_s(high, v));
          v = v128.load32_splat(w, 12);
          d0 = i32x4.add(d0, i32x4.dot_i16x8_s(low, v));
          d1 = i32x4.add(d1, i32x4.dot_i16x8_s(high, v));
        }
        let line = out;
        let factor = v128.load32_splat(f);
        addScaled(a0, factor, line);
        addScaled(a1, factor, line + 16);
        line += stride;
        factor = v128.load32_splat(f, 4);
        addScaled(b0, factor, line);
        addScaled(b1, factor, line + 16);
        line += stride;
        factor = v128.load32_splat(f, 8);
        addScaled(c0, factor, line);
        addScaled(c1, factor, line + 16);
        line += stride;
        factor = v128.load32_splat(f, 12);
        addScaled(d0, factor, line);
        addScaled(d1, factor, line + 16);
      }
    }
  }
}
