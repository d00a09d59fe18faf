/**
 * The Laplacian pyramid of float32 planes. The 5x5 binomial filter is applied in two passes of [1 4 6 4 1], with whole
 * weights and one exact division at the end. Borders are mirrored without repeating the edge.
 */

/** uint8 to float32. Works in blocks of 16. */
export function widen(source: usize, target: usize, count: i32): void {
  for (let i = 0; i < count; i += 16, source += 16, target += 64) {
    const bytes = v128.load(source);
    const low = i16x8.extend_low_i8x16_u(bytes);
    const high = i16x8.extend_high_i8x16_u(bytes);
    v128.store(target, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(low)));
    v128.store(target, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(low)), 16);
    v128.store(target, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(high)), 32);
    v128.store(target, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(high)), 48);
  }
}

function mirrored(i: i32, count: i32): i32 {
  return i < 0 ? -i : i >= count ? 2 * count - 2 - i : i;
}

/**
 * Low-pass `source` of width x height, both even, and keep its even rows and columns. `scratch`: width + 16 floats, of
 * which the third is the first of the row.
 */
export function down(source: usize, target: usize, scratch: usize, width: i32, height: i32): void {
  const stride = (<usize>width) << 2;
  const row = scratch + 8;
  const half = width >> 1;
  const four = f32x4.splat(4);
  const six = f32x4.splat(6);
  const scale = f32x4.splat(1.0 / 256);
  for (let y = 0; y < height; y += 2) {
    const a = source + <usize>mirrored(y - 2, height) * stride;
    const b = source + <usize>mirrored(y - 1, height) * stride;
    const c = source + <usize>y * stride;
    const d = source + <usize>mirrored(y + 1, height) * stride;
    const e = source + <usize>mirrored(y + 2, height) * stride;
    // Beyond the row's end whatever lies there is weighed too, and then written over.
    for (let at: usize = 0; at < stride; at += 16) {
      const outer = f32x4.add(v128.load(a + at), v128.load(e + at));
      const inner = f32x4.add(v128.load(b + at), v128.load(d + at));
      const centre = f32x4.mul(v128.load(c + at), six);
      v128.store(row + at, f32x4.add(f32x4.add(outer, centre), f32x4.mul(inner, four)));
    }
    store<f32>(row - 4, load<f32>(row + 4));
    store<f32>(row - 8, load<f32>(row + 8));
    store<f32>(row + stride, load<f32>(row + stride - 8));
    store<f32>(row + stride + 4, load<f32>(row + stride - 12));
    let x = 0;
    for (; x + 4 <= half; x += 4) {
      const at = row + ((<usize>x) << 3) - 8;
      const first = v128.load(at);
      const second = v128.load(at, 16);
      const third = v128.load(at, 32);
      const even = i32x4.shuffle(first, second, 0, 2, 4, 6);
      const odd = i32x4.shuffle(first, second, 1, 3, 5, 7);
      const laterEven = i32x4.shuffle(second, third, 0, 2, 4, 6);
      const laterOdd = i32x4.shuffle(second, third, 1, 3, 5, 7);
      const outer = f32x4.add(even, laterEven);
      const inner = f32x4.add(odd, i32x4.shuffle(odd, laterOdd, 1, 2, 3, 6));
      const centre = f32x4.mul(i32x4.shuffle(even, laterEven, 1, 2, 3, 6), six);
      const sum = f32x4.add(f32x4.add(outer, centre), f32x4.mul(inner, four));
      v128.store(target + ((<usize>x) << 2), f32x4.mul(sum, scale));
    }
    for (; x < half; x++) {
      const at = row + ((<usize>x) << 3);
      const outer = load<f32>(at - 8) + load<f32>(at + 8);
      const inner = load<f32>(at - 4) + load<f32>(at + 4);
      store<f32>(target + ((<usize>x) << 2), (outer + load<f32>(at) * 6 + inner * 4) * <f32>(1.0 / 256));
    }
    target += (<usize>half) << 2;
  }
}

/**
 * Subtract from `level`, width x height, its low-pass `small` of half the size, blown up again: zeros between the
 * pixels, then the same filter times four. Of five weights three fall on pixels of an even place and two of an odd one.
 * `scratch`: width / 2 + 16 floats, of which the second is the first of the row.
 */
export function subtractUp(small: usize, level: usize, scratch: usize, width: i32, height: i32): void {
  const half = width >> 1;
  const rows = height >> 1;
  const stride = (<usize>half) << 2;
  const row = scratch + 4;
  const four = f32x4.splat(4);
  const six = f32x4.splat(6);
  const scale = f32x4.splat(1.0 / 64);
  for (let y = 0; y < height; y++) {
    const i = y >> 1;
    const here = small + <usize>i * stride;
    // Mirroring the row of zeros that would come last repeats the last pixel.
    const next = small + <usize>min(i + 1, rows - 1) * stride;
    if (y & 1) {
      for (let at: usize = 0; at < stride; at += 16)
        v128.store(row + at, f32x4.mul(f32x4.add(v128.load(here + at), v128.load(next + at)), four));
    } else {
      const previous = small + <usize>abs(i - 1) * stride;
      for (let at: usize = 0; at < stride; at += 16) {
        const outer = f32x4.add(v128.load(previous + at), v128.load(next + at));
        v128.store(row + at, f32x4.add(outer, f32x4.mul(v128.load(here + at), six)));
      }
    }
    store<f32>(row - 4, load<f32>(row + 4));
    store<f32>(row + stride, load<f32>(row + stride - 4));
    let x = 0;
    for (; x + 4 <= half; x += 4) {
      const at = row + ((<usize>x) << 2);
      const centre = v128.load(at);
      const right = v128.load(at, 4);
      const even = f32x4.add(f32x4.add(v128.load(at - 4), right), f32x4.mul(centre, six));
      const odd = f32x4.mul(f32x4.add(centre, right), four);
      const out = level + ((<usize>x) << 3);
      const low = f32x4.mul(i32x4.shuffle(even, odd, 0, 4, 1, 5), scale);
      const high = f32x4.mul(i32x4.shuffle(even, odd, 2, 6, 3, 7), scale);
      v128.store(out, f32x4.sub(v128.load(out), low));
      v128.store(out, f32x4.sub(v128.load(out, 16), high), 16);
    }
    for (; x < half; x++) {
      const at = row + ((<usize>x) << 2);
      const centre = load<f32>(at);
      const right = load<f32>(at + 4);
      const out = level + ((<usize>x) << 3);
      store<f32>(out, load<f32>(out) - (load<f32>(at - 4) + right + centre * 6) * <f32>(1.0 / 64));
      store<f32>(out + 4, load<f32>(out + 4) - (centre + right) * 4 * <f32>(1.0 / 64));
    }
    level += (<usize>width) << 2;
  }
}
