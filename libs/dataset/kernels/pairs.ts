/** Vectors of pairs. */

/** a0 b0 a1 b1 a2 b2 a3 b3, of int16. */
export function zipLow(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

export function zipHigh(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

export function zipLow32(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 0, 4, 1, 5);
}

export function zipHigh32(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 2, 6, 3, 7);
}

export function zipLow64(a: v128, b: v128): v128 {
  return i64x2.shuffle(a, b, 0, 2);
}

export function zipHigh64(a: v128, b: v128): v128 {
  return i64x2.shuffle(a, b, 1, 3);
}

/** Two factors, for pairs of int16. */
export function pair(a: i32, b: i32): v128 {
  return i32x4.splat((a & 0xffff) | (b << 16));
}
