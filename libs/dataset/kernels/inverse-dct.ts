/**
 * From the coefficients of a block to pixels, with the arithmetic of libjpeg's accurate integer inverse DCT (Loeffler,
 * Ligtenberg and Moschytz; 13-bit constants, two more bits kept between the passes).
 */
import { pair, zipHigh, zipHigh32, zipHigh64, zipLow, zipLow32, zipLow64 } from './pairs';

/** Coefficients of one block, int16 in natural order, dequantised; then room for what comes after the last one. */
export const block = memory.data(144, 16);

/**
 * One pass of the inverse DCT over eight lines at a time: the int16 vectors at `block` are the inputs 0 to 7 of all
 * lines. They are replaced by the outputs, transposed. The published algorithm's 11 multiplications are written as sums
 * of products of pairs; with 13-bit constants:
 *
 * 0.298631336 2446, 0.390180644 3196, 0.541196100 4433, 0.765366865 6270, 0.899976223 7373, 1.175875602 9633,
 * 1.501321110 12299, 1.847759065 15137, 1.961570560 16069, 2.053119869 16819, 2.562915447 20995, 3.072711026 25172
 */
function pass(shift: i32): void {
  const in0 = v128.load(block);
  const in1 = v128.load(block, 16);
  const in2 = v128.load(block, 32);
  const in3 = v128.load(block, 48);
  const in4 = v128.load(block, 64);
  const in5 = v128.load(block, 80);
  const in6 = v128.load(block, 96);
  const in7 = v128.load(block, 112);
  const half = i32x4.splat(1 << (shift - 1));

  let a = zipLow(in0, in4);
  let b = zipLow(in2, in6);
  let c = zipLow(in1, in3);
  let d = zipLow(in5, in7);
  let sum = i32x4.add(i32x4.dot_i16x8_s(a, pair(8192, 8192)), half);
  let difference = i32x4.add(i32x4.dot_i16x8_s(a, pair(8192, -8192)), half);
  let even = i32x4.dot_i16x8_s(b, pair(4433 + 6270, 4433));
  let uneven = i32x4.dot_i16x8_s(b, pair(4433, 4433 - 15137));
  const low0 = i32x4.add(sum, even);
  const low3 = i32x4.sub(sum, even);
  const low1 = i32x4.add(difference, uneven);
  const low2 = i32x4.sub(difference, uneven);
  const odd0 = i32x4.add(
    i32x4.dot_i16x8_s(c, pair(12299 - 7373 - 3196 + 9633, 9633)),
    i32x4.dot_i16x8_s(d, pair(9633 - 3196, 9633 - 7373)),
  );
  const odd1 = i32x4.add(
    i32x4.dot_i16x8_s(c, pair(9633, 25172 - 20995 - 16069 + 9633)),
    i32x4.dot_i16x8_s(d, pair(9633 - 20995, 9633 - 16069)),
  );
  const odd2 = i32x4.add(
    i32x4.dot_i16x8_s(c, pair(9633 - 3196, 9633 - 20995)),
    i32x4.dot_i16x8_s(d, pair(16819 - 20995 - 3196 + 9633, 9633)),
  );
  const odd3 = i32x4.add(
    i32x4.dot_i16x8_s(c, pair(9633 - 7373, 9633 - 16069)),
    i32x4.dot_i16x8_s(d, pair(9633, 2446 - 7373 - 16069 + 9633)),
  );

  a = zipHigh(in0, in4);
  b = zipHigh(in2, in6);
  c = zipHigh(in1, in3);
  d = zipHigh(in5, in7);
  sum = i32x4.add(i32x4.dot_i16x8_s(a, pair(8192, 8192)), half);
  difference = i32x4.add(i32x4.dot_i16x8_s(a, pair(8192, -8192)), half);
  even = i32x4.dot_i16x8_s(b, pair(4433 + 6270, 4433));
  uneven = i32x4.dot_i16x8_s(b, pair(4433, 4433 - 15137));
  const high0 = i32x4.add(sum, even);
  const high3 = i32x4.sub(sum, even);
  const high1 = i32x4.add(difference, uneven);
  const high2 = i32x4.sub(difference, uneven);
  const odd4 = i32x4.add(
    i32x4.dot_i16x8_s(c, pair(12299 - 7373 - 3196 + 9633, 9633)),
    i32x4.dot_i16x8_s(d, pair(9633 - 3196, 9633 - 7373)),
  );
  const odd5 = i32x4.add(
    i32x4.dot_i16x8_s(c, pair(9633, 25172 - 20995 - 16069 + 9633)),
    i32x4.dot_i16x8_s(d, pair(9633 - 20995, 9633 - 16069)),
  );
  const odd6 = i32x4.add(
    i32x4.dot_i16x8_s(c, pair(9633 - 3196, 9633 - 20995)),
    i32x4.dot_i16x8_s(d, pair(16819 - 20995 - 3196 + 9633, 9633)),
  );
  const odd7 = i32x4.add(
    i32x4.dot_i16x8_s(c, pair(9633 - 7373, 9633 - 16069)),
    i32x4.dot_i16x8_s(d, pair(9633, 2446 - 7373 - 16069 + 9633)),
  );

  const out0 = narrow(i32x4.add(low0, odd0), i32x4.add(high0, odd4), shift);
  const out1 = narrow(i32x4.add(low1, odd1), i32x4.add(high1, odd5), shift);
  const out2 = narrow(i32x4.add(low2, odd2), i32x4.add(high2, odd6), shift);
  const out3 = narrow(i32x4.add(low3, odd3), i32x4.add(high3, odd7), shift);
  const out4 = narrow(i32x4.sub(low3, odd3), i32x4.sub(high3, odd7), shift);
  const out5 = narrow(i32x4.sub(low2, odd2), i32x4.sub(high2, odd6), shift);
  const out6 = narrow(i32x4.sub(low1, odd1), i32x4.sub(high1, odd5), shift);
  const out7 = narrow(i32x4.sub(low0, odd0), i32x4.sub(high0, odd4), shift);

  const a0 = zipLow(out0, out1);
  const a1 = zipLow(out2, out3);
  const a2 = zipLow(out4, out5);
  const a3 = zipLow(out6, out7);
  const b0 = zipLow32(a0, a1);
  const b1 = zipHigh32(a0, a1);
  const b2 = zipLow32(a2, a3);
  const b3 = zipHigh32(a2, a3);
  v128.store(block, zipLow64(b0, b2));
  v128.store(block, zipHigh64(b0, b2), 16);
  v128.store(block, zipLow64(b1, b3), 32);
  v128.store(block, zipHigh64(b1, b3), 48);
  const c0 = zipHigh(out0, out1);
  const c1 = zipHigh(out2, out3);
  const c2 = zipHigh(out4, out5);
  const c3 = zipHigh(out6, out7);
  const d0 = zipLow32(c0, c1);
  const d1 = zipHigh32(c0, c1);
  const d2 = zipLow32(c2, c3);
  const d3 = zipHigh32(c2, c3);
  v128.store(block, zipLow64(d0, d2), 64);
  v128.store(block, zipHigh64(d0, d2), 80);
  v128.store(block, zipLow64(d1, d3), 96);
  v128.store(block, zipHigh64(d1, d3), 112);
}

function narrow(low: v128, high: v128, shift: i32): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(low, shift), i32x4.shr_s(high, shift));
}

/**
 * Above this sum of a column's coefficients the first pass might leave 16 bits, where implementations differ. What
 * encoders write is far below.
 */
const COLUMN_LIMIT: i16 = 5700;

/**
 * Pixels of `block` to a plane; `flat`: it has nothing but a mean. Returns whether all is within the range in which
 * implementations agree.
 */
export function writeBlock(target: usize, stride: usize, flat: bool): bool {
  if (flat) {
    const mean = ((<i32>load<i16>(block) + 4) >> 3) + 128;
    const pixels = i8x16.splat(<i8>max(0, min(255, mean)));
    for (let y = 0; y < 8; y++, target += stride) v128.store64_lane(target, pixels, 0);
    return true;
  }
  let sum = i16x8.abs(v128.load(block));
  for (let i: usize = 16; i < 128; i += 16) sum = i16x8.add_sat_u(sum, i16x8.abs(v128.load(block + i)));
  if (v128.any_true(i16x8.gt_u(sum, i16x8.splat(COLUMN_LIMIT)))) return false;
  pass(11);
  pass(18);
  const middle = i8x16.splat(-128);
  for (let i: usize = 0; i < 128; i += 32) {
    const rows = i8x16.narrow_i16x8_s(v128.load(block + i), v128.load(block + i, 16));
    const pixels = v128.xor(rows, middle);
    v128.store64_lane(target, pixels, 0);
    v128.store64_lane(target + stride, pixels, 1);
    target += stride << 1;
  }
  return true;
}
