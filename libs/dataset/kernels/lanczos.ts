/**
 * Both passes of the fixed-point resampling. A sum of 8-bit pixels times 23-bit weights is taken apart so that the
 * processor's 16-bit multiply-and-add serves: weight = high * 2^15 + low, both 16 bits signed, and
 * sum = (sum of high * pixel) * 2^15 + (sum of low * pixel), everything modulo 2^32 as in the plain code.
 *
 * Weights come in pairs of taps, 8 bytes each: low of both, high of both (int16); an odd last tap has a partner of
 * weight zero, for which whatever lies in memory is multiplied.
 */

const SPLIT: i32 = 15;
const FRACTION: i32 = 22;
const HALF: i32 = 1 << (FRACTION - 1);

/** Sums of four samples, of which `low` began at HALF, to their rounded values, as int32. */
function finish(low: v128, high: v128): v128 {
  return i32x4.shr_s(i32x4.add(low, i32x4.shl(high, SPLIT)), FRACTION);
}

/**
 * Horizontal pass over pairs of rows of RGB pixels. Output: one row per pair, for every sample the value of the upper
 * and of the lower row side by side as int16, which is what the vertical pass multiplies.
 *
 * starts: int32 per output pixel, byte where its taps begin; pairs: int32 per output pixel, pairs of taps;
 * weights: `weightStride` bytes per output pixel. Reads up to 16 bytes beyond the taps, writes up to 4 beyond the row.
 */
export function resampleRowPairs(
  source: usize,
  stride: usize,
  rowPairs: i32,
  target: usize,
  targetStride: usize,
  width: i32,
  starts: usize,
  pairs: usize,
  weights: usize,
  weightStride: usize,
): void {
  // Two pixels RGBRGB to int16 r r g g b b 0 0; swizzle gives zero for an index out of range.
  const near = i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  const far = i8x16(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  // Bytes rgb. of the upper and, from 4 on, of the lower row to int16 pairs.
  const beside = i8x16(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, -1, -1, -1, -1);
  for (let y = 0; y < rowPairs; y++) {
    let out = target;
    for (let i = 0; i < width; i++, out += 12) {
      let upper = source + <usize>load<i32>(starts + ((<usize>i) << 2));
      let w = weights + <usize>i * weightStride;
      const count = load<i32>(pairs + ((<usize>i) << 2));
      let upperLow = i32x4.splat(HALF);
      let upperHigh = i32x4.splat(0);
      let lowerLow = i32x4.splat(HALF);
      let lowerHigh = i32x4.splat(0);
      for (let k = count >> 1; k > 0; k--) {
        const a = v128.load(upper);
        const b = v128.load(upper + stride);
        let low = v128.load32_splat(w);
        let high = v128.load32_splat(w, 4);
        let x = i8x16.swizzle(a, near);
        upperLow = i32x4.add(upperLow, i32x4.dot_i16x8_s(x, low));
        upperHigh = i32x4.add(upperHigh, i32x4.dot_i16x8_s(x, high));
        x = i8x16.swizzle(b, near);
        lowerLow = i32x4.add(lowerLow, i32x4.dot_i16x8_s(x, low));
        lowerHigh = i32x4.add(lowerHigh, i32x4.dot_i16x8_s(x, high));
        low = v128.load32_splat(w, 8);
        high = v128.load32_splat(w, 12);
        x = i8x16.swizzle(a, far);
        upperLow = i32x4.add(upperLow, i32x4.dot_i16x8_s(x, low));
        upperHigh = i32x4.add(upperHigh, i32x4.dot_i16x8_s(x, high));
        x = i8x16.swizzle(b, far);
        lowerLow = i32x4.add(lowerLow, i32x4.dot_i16x8_s(x, low));
        lowerHigh = i32x4.add(lowerHigh, i32x4.dot_i16x8_s(x, high));
        upper += 12;
        w += 16;
      }
      if (count & 1) {
        const low = v128.load32_splat(w);
        const high = v128.load32_splat(w, 4);
        let x = i8x16.swizzle(v128.load(upper), near);
        upperLow = i32x4.add(upperLow, i32x4.dot_i16x8_s(x, low));
        upperHigh = i32x4.add(upperHigh, i32x4.dot_i16x8_s(x, high));
        x = i8x16.swizzle(v128.load(upper + stride), near);
        lowerLow = i32x4.add(lowerLow, i32x4.dot_i16x8_s(x, low));
        lowerHigh = i32x4.add(lowerHigh, i32x4.dot_i16x8_s(x, high));
      }
      const both = i16x8.narrow_i32x4_s(finish(upperLow, upperHigh), finish(lowerLow, lowerHigh));
      v128.store(out, i8x16.swizzle(i8x16.narrow_i16x8_u(both, both), beside));
    }
    source += stride << 1;
    target += targetStride;
  }
}

/**
 * One row of the vertical pass: `count` pairs of rows from `source` on, as the horizontal pass leaves them. Reads and
 * writes whole blocks of 16 samples.
 */
export function resampleColumns(
  source: usize,
  stride: usize,
  count: i32,
  weights: usize,
  target: usize,
  samples: i32,
): void {
  for (let x = 0; x < samples; x += 16, source += 64, target += 16) {
    let low0 = i32x4.splat(HALF);
    let low1 = i32x4.splat(HALF);
    let low2 = i32x4.splat(HALF);
    let low3 = i32x4.splat(HALF);
    let high0 = i32x4.splat(0);
    let high1 = i32x4.splat(0);
    let high2 = i32x4.splat(0);
    let high3 = i32x4.splat(0);
    let row = source;
    let w = weights;
    for (let k = 0; k < count; k++, row += stride, w += 8) {
      const low = v128.load32_splat(w);
      const high = v128.load32_splat(w, 4);
      let v = v128.load(row);
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(v, low));
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(v, high));
      v = v128.load(row, 16);
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(v, low));
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(v, high));
      v = v128.load(row, 32);
      low2 = i32x4.add(low2, i32x4.dot_i16x8_s(v, low));
      high2 = i32x4.add(high2, i32x4.dot_i16x8_s(v, high));
      v = v128.load(row, 48);
      low3 = i32x4.add(low3, i32x4.dot_i16x8_s(v, low));
      high3 = i32x4.add(high3, i32x4.dot_i16x8_s(v, high));
    }
    const left = i16x8.narrow_i32x4_s(finish(low0, high0), finish(low1, high1));
    const right = i16x8.narrow_i32x4_s(finish(low2, high2), finish(low3, high3));
    v128.store(target, i8x16.narrow_i16x8_u(left, right));
  }
}
