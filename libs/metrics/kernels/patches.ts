/** Descriptors: 7x7 patches of all channels, stored (patch, channel, x, y), and what their normalisation needs. */

const SIDE = 7;
const AREA = 49;

/** Patches around (xs[i], ys[i]), int32, of `channels` planes that lie one after the other. */
export function cutPatches(
  level: usize,
  width: i32,
  height: i32,
  channels: i32,
  xs: usize,
  ys: usize,
  count: i32,
  target: usize,
): void {
  const stride = (<usize>width) << 2;
  const plane = stride * <usize>height;
  for (let i = 0; i < count; i++, xs += 4, ys += 4) {
    const left = load<i32>(xs) - (SIDE >> 1);
    const top = load<i32>(ys) - (SIDE >> 1);
    let corner = level + <usize>top * stride + ((<usize>left) << 2);
    for (let channel = 0; channel < channels; channel++, corner += plane) {
      for (let x: usize = 0; x < <usize>SIDE; x++) {
        let from = corner + (x << 2);
        for (let y: usize = 0; y < <usize>SIDE; y++, from += stride, target += 4)
          store<f32>(target, load<f32>(from));
      }
    }
  }
}

/**
 * Of the 49 values that begin every row, `stride` bytes apart: their sum, their summed squares around their mean, the
 * least and the greatest, four float64 at `target`.
 */
export function moments(source: usize, rows: i32, stride: usize, target: usize): void {
  let sums = f64x2.splat(0);
  let least = v128.load(source);
  let greatest = least;
  for (let i = 0, row = source; i < rows; i++, row += stride) {
    for (let at: usize = 0; at < 4 * (AREA - 1); at += 16) {
      const values = v128.load(row + at);
      least = f32x4.min(least, values);
      greatest = f32x4.max(greatest, values);
      sums = f64x2.add(sums, f64x2.promote_low_f32x4(values));
      sums = f64x2.add(sums, f64x2.promote_low_f32x4(i64x2.shuffle(values, values, 1, 0)));
    }
    const last = v128.load32_splat(row + 4 * (AREA - 1));
    least = f32x4.min(least, last);
    greatest = f32x4.max(greatest, last);
    sums = f64x2.add(sums, f64x2.replace_lane(f64x2.promote_low_f32x4(last), 1, 0));
  }
  const sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  const mean = f64x2.splat(sum / (<f64>rows * AREA));
  let squares = f64x2.splat(0);
  for (let i = 0, row = source; i < rows; i++, row += stride) {
    for (let at: usize = 0; at < 4 * (AREA - 1); at += 16) {
      const values = v128.load(row + at);
      const low = f64x2.sub(f64x2.promote_low_f32x4(values), mean);
      const high = f64x2.sub(f64x2.promote_low_f32x4(i64x2.shuffle(values, values, 1, 0)), mean);
      squares = f64x2.add(squares, f64x2.mul(low, low));
      squares = f64x2.add(squares, f64x2.mul(high, high));
    }
    const last = f64x2.sub(f64x2.promote_low_f32x4(v128.load32_splat(row + 4 * (AREA - 1))), mean);
    squares = f64x2.add(squares, f64x2.replace_lane(f64x2.mul(last, last), 1, 0));
  }
  least = f32x4.min(least, i64x2.shuffle(least, least, 1, 0));
  greatest = f32x4.max(greatest, i64x2.shuffle(greatest, greatest, 1, 0));
  store<f64>(target, sum);
  store<f64>(target, f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1), 8);
  store<f64>(target, min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)), 16);
  store<f64>(target, max(f32x4.extract_lane(greatest, 0), f32x4.extract_lane(greatest, 1)), 24);
}
