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
 * Four rows of RGB pixels to int16, the samples that are multiplied together side by side: for every pair of pixels and
 * every channel one vector, its lanes the rows, each of both pixels' values. Reads up to 16 bytes beyond a row.
 */
function spread(source: usize, stride: usize, target: usize, pixelPairs: i32): void {
  // RGBRGB to r r, g g, b b, nothing; swizzle gives zero for an index out of range.
  const order = i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  const third = source + (stride << 1);
  for (let i = 0; i < pixelPairs; i++, target += 48) {
    const at = <usize>(6 * i);
    const a = i8x16.swizzle(v128.load(source + at), order);
    const b = i8x16.swizzle(v128.load(source + stride + at), order);
    const c = i8x16.swizzle(v128.load(third + at), order);
    const d = i8x16.swizzle(v128.load(third + stride + at), order);
    const upper = i32x4.shuffle(a, b, 0, 4, 1, 5);
    const lower = i32x4.shuffle(c, d, 0, 4, 1, 5);
    v128.store(target, i64x2.shuffle(upper, lower, 0, 2));
    v128.store(target, i64x2.shuffle(upper, lower, 1, 3), 16);
    const blue = i64x2.shuffle(i32x4.shuffle(a, b, 2, 6, 3, 7), i32x4.shuffle(c, d, 2, 6, 3, 7), 0, 2);
    v128.store(target, blue, 32);
  }
}

/**
 * Horizontal pass over groups of four rows of RGB pixels. Output: two rows per group, for every sample the values of two
 * rows side by side as int16, which is what the vertical pass multiplies.
 *
 * starts: int32 per output pixel, the pair of input pixels where its taps begin; pairs: int32 per output pixel, pairs of
 * taps; weights: `weightStride` bytes per output pixel; scratch: 48 bytes per pair of input pixels. Reads up to 16 bytes
 * beyond the input, writes up to 4 beyond a row.
 */
export function resampleRows(
  source: usize,
  stride: usize,
  groups: i32,
  scratch: usize,
  pixelPairs: i32,
  target: usize,
  targetStride: usize,
  width: i32,
  starts: usize,
  pairs: usize,
  weights: usize,
  weightStride: usize,
): void {
  for (let group = 0; group < groups; group++) {
    spread(source, stride, scratch, pixelPairs);
    let out = target;
    for (let i = 0; i < width; i++, out += 12) {
      let x = scratch + <usize>(48 * load<i32>(starts + ((<usize>i) << 2)));
      let w = weights + <usize>i * weightStride;
      const end = w + ((<usize>load<i32>(pairs + ((<usize>i) << 2))) << 3);
      let redLow = i32x4.splat(HALF);
      let greenLow = i32x4.splat(HALF);
      let blueLow = i32x4.splat(HALF);
      let redHigh = i32x4.splat(0);
      let greenHigh = i32x4.splat(0);
      let blueHigh = i32x4.splat(0);
      for (; w < end; w += 8, x += 48) {
        const low = v128.load32_splat(w);
        const high = v128.load32_splat(w, 4);
        let v = v128.load(x);
        redLow = i32x4.add(redLow, i32x4.dot_i16x8_s(v, low));
        redHigh = i32x4.add(redHigh, i32x4.dot_i16x8_s(v, high));
        v = v128.load(x, 16);
        greenLow = i32x4.add(greenLow, i32x4.dot_i16x8_s(v, low));
        greenHigh = i32x4.add(greenHigh, i32x4.dot_i16x8_s(v, high));
        v = v128.load(x, 32);
        blueLow = i32x4.add(blueLow, i32x4.dot_i16x8_s(v, low));
        blueHigh = i32x4.add(blueHigh, i32x4.dot_i16x8_s(v, high));
      }
      const redGreen = i16x8.narrow_i32x4_s(finish(redLow, redHigh), finish(greenLow, greenHigh));
      const blue = finish(blueLow, blueHigh);
      const clipped = i8x16.narrow_i16x8_u(redGreen, i16x8.narrow_i32x4_s(blue, blue));
      // Lanes: red of rows 0 and 1, red of 2 and 3, green, green; blue, blue.
      const rg = i16x8.extend_low_i8x16_u(clipped);
      const b = i16x8.extend_high_i8x16_u(clipped);
      v128.store(out, i32x4.shuffle(rg, b, 0, 2, 4, 4));
      v128.store(out + targetStride, i32x4.shuffle(rg, b, 1, 3, 5, 5));
    }
    source += stride << 2;
    target += targetStride << 1;
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
