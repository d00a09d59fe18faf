/**
 * Products of rows with directions in float32, in tiles of four rows and eight directions. Directions come in panels of
 * eight: for every component the eight values side by side. The result has a line per direction: that is how it is sorted.
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
