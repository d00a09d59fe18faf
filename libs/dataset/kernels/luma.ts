/** Luma for measuring, with the arithmetic of the plain code: double precision, kept as single. */

/** 0.299, 0.587 and 0.114 times red, green and blue of two pixels each (int32). */
function weigh(red: v128, green: v128, blue: v128): v128 {
  return f64x2.add(
    f64x2.add(
      f64x2.mul(f64x2.convert_low_i32x4_s(red), f64x2.splat(0.299)),
      f64x2.mul(f64x2.convert_low_i32x4_s(green), f64x2.splat(0.587)),
    ),
    f64x2.mul(f64x2.convert_low_i32x4_s(blue), f64x2.splat(0.114)),
  );
}

/** Two pairs of doubles to four singles. */
function single(low: v128, high: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** RGB pixels to float32. Reads up to 16 bytes beyond the last whole pixels. */
export function luma(source: usize, target: usize, pixels: usize): void {
  const red = i8x16(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1);
  const green = i8x16(1, -1, -1, -1, 4, -1, -1, -1, 7, -1, -1, -1, 10, -1, -1, -1);
  const blue = i8x16(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1);
  // The last vector may hold less than four pixels: target has room for it.
  for (let i: usize = 0; i < pixels; i += 4, source += 12) {
    const v = v128.load(source);
    const r = i8x16.swizzle(v, red);
    const g = i8x16.swizzle(v, green);
    const b = i8x16.swizzle(v, blue);
    const left = weigh(r, g, b);
    const right = weigh(i64x2.shuffle(r, r, 1, 0), i64x2.shuffle(g, g, 1, 0), i64x2.shuffle(b, b, 1, 0));
    v128.store(target + (i << 2), single(left, right));
  }
}

/** Means of 2x2 samples of rows of `stride` floats; `width`, `height`: of the result. */
export function halveLuma(source: usize, stride: i32, target: usize, width: i32, height: i32): void {
  const rowBytes = (<usize>stride) << 2;
  for (let y = 0; y < height; y++, source += rowBytes << 1, target += (<usize>width) << 2) {
    let x = 0;
    for (; x + 2 <= width; x += 2) {
      const at = source + ((<usize>x) << 3);
      const upper = v128.load(at);
      const lower = v128.load(at + rowBytes);
      const sum = f64x2.add(
        f64x2.add(
          f64x2.add(
            f64x2.promote_low_f32x4(i32x4.shuffle(upper, upper, 0, 2, 1, 3)),
            f64x2.promote_low_f32x4(i32x4.shuffle(upper, upper, 1, 3, 0, 2)),
          ),
          f64x2.promote_low_f32x4(i32x4.shuffle(lower, lower, 0, 2, 1, 3)),
        ),
        f64x2.promote_low_f32x4(i32x4.shuffle(lower, lower, 1, 3, 0, 2)),
      );
      const mean = f32x4.demote_f64x2_zero(f64x2.mul(sum, f64x2.splat(0.25)));
      v128.store64_lane(target + ((<usize>x) << 2), mean, 0);
    }
    if (x < width) {
      const at = source + ((<usize>x) << 3);
      const sum =
        <f64>load<f32>(at) +
        <f64>load<f32>(at, 4) +
        <f64>load<f32>(at + rowBytes) +
        <f64>load<f32>(at + rowBytes, 4);
      store<f32>(target + ((<usize>x) << 2), <f32>(sum / 4));
    }
  }
}
