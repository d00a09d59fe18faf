/**
 * Products of rows with directions, in tiles of four rows and eight directions. Directions come in panels of eight: for
 * every component the eight values side by side. The result has a line per direction: that is how it is sorted.
 */

/** A tile's four rows of four directions as four directions of four rows. */
function storeTransposed(a: v128, b: v128, c: v128, d: v128, target: usize, stride: usize): void {
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(target, i64x2.shuffle(ab, cd, 0, 2));
  v128.store(target + stride, i64x2.shuffle(ab, cd, 1, 3));
  v128.store(target + 2 * stride, i64x2.shuffle(abHigh, cdHigh, 0, 2));
  v128.store(target + 3 * stride, i64x2.shuffle(abHigh, cdHigh, 1, 3));
}

/** (value - mean) * factor, componentwise: `means` and `factors` have a value per component and three to spare. */
export function normaliseRows(
  rows: usize,
  count: i32,
  components: i32,
  means: usize,
  factors: usize,
  target: usize,
): void {
  const bytes = (<usize>components) << 2;
  // Whole vectors: what is written beyond a row is written again by the next.
  for (let i = 0; i < count; i++, rows += bytes, target += bytes)
    for (let at: usize = 0; at < bytes; at += 16) {
      const centred = f32x4.sub(v128.load(rows + at), v128.load(means + at));
      v128.store(target + at, f32x4.mul(centred, v128.load(factors + at)));
    }
}

/** `count` rows of `components` float32, in fours, times `panels` panels of directions. `stride`: bytes of a line. */
export function projectFloat(
  rows: usize,
  count: i32,
  components: i32,
  panel: usize,
  panels: i32,
  target: usize,
  stride: usize,
): void {
  const bytes = (<usize>components) << 2;
  for (let p = 0; p < panels; p++, panel += bytes << 3, target += stride << 3) {
    let row = rows;
    for (let i = 0; i < count; i += 4, row += bytes << 2) {
      let a0 = f32x4.splat(0),
        a1 = a0,
        b0 = a0,
        b1 = a0,
        c0 = a0,
        c1 = a0,
        d0 = a0,
        d1 = a0;
      let x = row;
      const end = row + bytes;
      for (let w = panel; x < end; x += 4, w += 32) {
        const left = v128.load(w);
        const right = v128.load(w, 16);
        let v = v128.load32_splat(x);
        a0 = f32x4.add(a0, f32x4.mul(v, left));
        a1 = f32x4.add(a1, f32x4.mul(v, right));
        v = v128.load32_splat(x + bytes);
        b0 = f32x4.add(b0, f32x4.mul(v, left));
        b1 = f32x4.add(b1, f32x4.mul(v, right));
        v = v128.load32_splat(x + 2 * bytes);
        c0 = f32x4.add(c0, f32x4.mul(v, left));
        c1 = f32x4.add(c1, f32x4.mul(v, right));
        v = v128.load32_splat(x + 3 * bytes);
        d0 = f32x4.add(d0, f32x4.mul(v, left));
        d1 = f32x4.add(d1, f32x4.mul(v, right));
      }
      const out = target + ((<usize>i) << 2);
      storeTransposed(a0, b0, c0, d0, out, stride);
      storeTransposed(a1, b1, c1, d1, out + 4 * stride, stride);
    }
  }
}

/** int16 per channel of a descriptor: 49 values and a zero, so that they pair up. */
const PAIRS = 25;
const AREA = 49;

/** Four float32 to int16, rounded, in the lower half. */
function rounded(values: v128, offset: v128, scale: v128): v128 {
  const scaled = f32x4.nearest(f32x4.mul(f32x4.sub(values, offset), scale));
  return i32x4.trunc_sat_f32x4_s(scaled);
}

/** (value - offset) * scale as int16: `offsets` and `scales` have a float32 per channel. 50 int16 a channel. */
export function quantiseRows(
  rows: usize,
  count: i32,
  channels: i32,
  offsets: usize,
  scales: usize,
  target: usize,
): void {
  for (let i = 0; i < count; i++) {
    for (
      let channel: usize = 0;
      channel < <usize>channels;
      channel++, rows += 4 * AREA, target += 4 * PAIRS
    ) {
      const offset = v128.load32_splat(offsets + (channel << 2));
      const scale = v128.load32_splat(scales + (channel << 2));
      for (let at: usize = 0; at < 48; at += 8) {
        const low = rounded(v128.load(rows + (at << 2)), offset, scale);
        const high = rounded(v128.load(rows + (at << 2), 16), offset, scale);
        v128.store(target + (at << 1), i16x8.narrow_i32x4_s(low, high));
      }
      const last = rounded(v128.load32_splat(rows + 4 * 48), offset, scale);
      store<i32>(target + 96, i32x4.extract_lane(last, 0) & 0xffff);
    }
  }
}

/**
 * As projectFloat, of rows from quantiseRows. A panel has for every channel 25 pairs of components, each the pairs of
 * eight directions (int16); `factors` has for every panel and channel the eight float32 that turn sums to projections,
 * and `constants` for every panel eight float32 to begin with. Sums of a channel must fit 32 bits.
 */
export function projectInteger(
  rows: usize,
  count: i32,
  channels: i32,
  panel: usize,
  panels: i32,
  factors: usize,
  constants: usize,
  target: usize,
  stride: usize,
): void {
  const bytes = <usize>channels * (4 * PAIRS);
  for (let p = 0; p < panels; p++) {
    let row = rows;
    for (let i = 0; i < count; i += 4, row += bytes << 2) {
      let fa0 = v128.load(constants),
        fa1 = v128.load(constants, 16);
      let fb0 = fa0,
        fb1 = fa1,
        fc0 = fa0,
        fc1 = fa1,
        fd0 = fa0,
        fd1 = fa1;
      let x = row;
      let w = panel;
      for (let channel: usize = 0; channel < <usize>channels; channel++) {
        let a0 = i32x4.splat(0),
          a1 = a0,
          b0 = a0,
          b1 = a0,
          c0 = a0,
          c1 = a0,
          d0 = a0,
          d1 = a0;
        for (const end = x + 4 * PAIRS; x < end; x += 4, w += 32) {
          const left = v128.load(w);
          const right = v128.load(w, 16);
          let v = v128.load32_splat(x);
          a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v, left));
          a1 = i32x4.add(a1, i32x4.dot_i16x8_s(v, right));
          v = v128.load32_splat(x + bytes);
          b0 = i32x4.add(b0, i32x4.dot_i16x8_s(v, left));
          b1 = i32x4.add(b1, i32x4.dot_i16x8_s(v, right));
          v = v128.load32_splat(x + 2 * bytes);
          c0 = i32x4.add(c0, i32x4.dot_i16x8_s(v, left));
          c1 = i32x4.add(c1, i32x4.dot_i16x8_s(v, right));
          v = v128.load32_splat(x + 3 * bytes);
          d0 = i32x4.add(d0, i32x4.dot_i16x8_s(v, left));
          d1 = i32x4.add(d1, i32x4.dot_i16x8_s(v, right));
        }
        const f = factors + (channel << 5);
        const f0 = v128.load(f);
        const f1 = v128.load(f, 16);
        fa0 = f32x4.add(fa0, f32x4.mul(f32x4.convert_i32x4_s(a0), f0));
        fa1 = f32x4.add(fa1, f32x4.mul(f32x4.convert_i32x4_s(a1), f1));
        fb0 = f32x4.add(fb0, f32x4.mul(f32x4.convert_i32x4_s(b0), f0));
        fb1 = f32x4.add(fb1, f32x4.mul(f32x4.convert_i32x4_s(b1), f1));
        fc0 = f32x4.add(fc0, f32x4.mul(f32x4.convert_i32x4_s(c0), f0));
        fc1 = f32x4.add(fc1, f32x4.mul(f32x4.convert_i32x4_s(c1), f1));
        fd0 = f32x4.add(fd0, f32x4.mul(f32x4.convert_i32x4_s(d0), f0));
        fd1 = f32x4.add(fd1, f32x4.mul(f32x4.convert_i32x4_s(d1), f1));
      }
      const out = target + ((<usize>i) << 2);
      storeTransposed(fa0, fb0, fc0, fd0, out, stride);
      storeTransposed(fa1, fb1, fc1, fd1, out + 4 * stride, stride);
    }
    panel += <usize>channels * (32 * PAIRS);
    factors += (<usize>channels) << 5;
    constants += 32;
    target += stride << 3;
  }
}
