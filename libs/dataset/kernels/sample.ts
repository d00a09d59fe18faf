/**
 * A picture sampled along a line in any direction: every sample is the sum of taps x taps pixels around it, weighted
 * according to its place between the pixels, of which a table knows 2^phaseBits in both directions.
 */

/** Fraction bits of positions. */
const POSITION: i32 = 20;
/** Fraction bits of weights. */
const WEIGHT: i32 = 14;

/** RGBRGB... to int16 r r g g b b 0 0, of pixels 0 and 1. */
function near(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
}

/** Of pixels 2 and 3. */
function far(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
}

// Sums of one row of taps. Written out, so that offsets are part of the loads.
function row4(sum: v128, at: usize, w: usize): v128 {
  const a = v128.load(at);
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(near(a), v128.load32_splat(w)));
  return i32x4.add(sum, i32x4.dot_i16x8_s(far(a), v128.load32_splat(w, 4)));
}

function row6(sum: v128, at: usize, w: usize): v128 {
  sum = row4(sum, at, w);
  return i32x4.add(sum, i32x4.dot_i16x8_s(near(v128.load(at, 12)), v128.load32_splat(w, 8)));
}

function row8(sum: v128, at: usize, w: usize): v128 {
  const b = v128.load(at, 12);
  sum = row4(sum, at, w);
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(near(b), v128.load32_splat(w, 8)));
  return i32x4.add(sum, i32x4.dot_i16x8_s(far(b), v128.load32_splat(w, 12)));
}

function row10(sum: v128, at: usize, w: usize): v128 {
  sum = row8(sum, at, w);
  return i32x4.add(sum, i32x4.dot_i16x8_s(near(v128.load(at, 24)), v128.load32_splat(w, 16)));
}

function finish(sum: v128, target: usize): void {
  sum = i32x4.shr_s(sum, WEIGHT);
  sum = i16x8.narrow_i32x4_s(sum, sum);
  v128.store32_lane(target, i8x16.narrow_i16x8_u(sum, sum), 0);
}

/** Number of the phase of a position, `bits` in each direction. */
function phaseOf(x: i32, y: i32, bits: i32): i32 {
  const mask = (1 << bits) - 1;
  return (((y >> (POSITION - bits)) & mask) << bits) + ((x >> (POSITION - bits)) & mask);
}

/**
 * RGB pixels, `stride` bytes a row, to a line of `count` RGB samples. (x, y): the first tap of the first sample, (dx, dy):
 * from one to the next, with 20 fraction bits. table: taps x taps int16 with 14 fraction bits for each phase of x, for
 * each of y. `half`: what a sum begins with, 2^13 to round, 0 to cut. Reads up to 10 bytes beyond the taps, writes one
 * beyond the samples. 5 phase bits.
 */
export function sampleRow4(
  source: usize,
  stride: usize,
  table: usize,
  x: i32,
  y: i32,
  dx: i32,
  dy: i32,
  count: i32,
  target: usize,
  half: i32,
): void {
  const start = i32x4.splat(half);
  const end = target + <usize>(3 * count);
  for (; target < end; target += 3, x += dx, y += dy) {
    const at = source + <usize>(y >> POSITION) * stride + <usize>(3 * (x >> POSITION));
    const w = table + ((<usize>phaseOf(x, y, 5)) << 5);
    let sum = row4(start, at, w);
    sum = row4(sum, at + stride, w + 8);
    sum = row4(sum, at + 2 * stride, w + 16);
    finish(row4(sum, at + 3 * stride, w + 24), target);
  }
}

/** The same with 6 x 6 taps and 5 phase bits. */
export function sampleRow6(
  source: usize,
  stride: usize,
  table: usize,
  x: i32,
  y: i32,
  dx: i32,
  dy: i32,
  count: i32,
  target: usize,
  half: i32,
): void {
  const start = i32x4.splat(half);
  const end = target + <usize>(3 * count);
  for (; target < end; target += 3, x += dx, y += dy) {
    let at = source + <usize>(y >> POSITION) * stride + <usize>(3 * (x >> POSITION));
    const w = table + <usize>(72 * phaseOf(x, y, 5));
    let sum = row6(start, at, w);
    sum = row6(sum, (at += stride), w + 12);
    sum = row6(sum, (at += stride), w + 24);
    sum = row6(sum, (at += stride), w + 36);
    sum = row6(sum, (at += stride), w + 48);
    finish(row6(sum, at + stride, w + 60), target);
  }
}

/** The same with 8 x 8 taps and 4 phase bits. */
export function sampleRow8(
  source: usize,
  stride: usize,
  table: usize,
  x: i32,
  y: i32,
  dx: i32,
  dy: i32,
  count: i32,
  target: usize,
  half: i32,
): void {
  const start = i32x4.splat(half);
  const end = target + <usize>(3 * count);
  for (; target < end; target += 3, x += dx, y += dy) {
    let at = source + <usize>(y >> POSITION) * stride + <usize>(3 * (x >> POSITION));
    let w = table + ((<usize>phaseOf(x, y, 4)) << 7);
    let sum = start;
    for (let k = 0; k < 4; k++, w += 32, at += 2 * stride) {
      sum = row8(sum, at, w);
      sum = row8(sum, at + stride, w + 16);
    }
    finish(sum, target);
  }
}

/** The same with 10 x 10 taps and 4 phase bits. */
export function sampleRow10(
  source: usize,
  stride: usize,
  table: usize,
  x: i32,
  y: i32,
  dx: i32,
  dy: i32,
  count: i32,
  target: usize,
  half: i32,
): void {
  const start = i32x4.splat(half);
  const end = target + <usize>(3 * count);
  for (; target < end; target += 3, x += dx, y += dy) {
    let at = source + <usize>(y >> POSITION) * stride + <usize>(3 * (x >> POSITION));
    let w = table + <usize>(200 * phaseOf(x, y, 4));
    let sum = start;
    for (let k = 0; k < 5; k++, w += 40, at += 2 * stride) {
      sum = row10(sum, at, w);
      sum = row10(sum, at + stride, w + 20);
    }
    finish(sum, target);
  }
}
