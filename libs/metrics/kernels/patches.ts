/** Descriptors: 7x7 patches of all channels, stored (patch, channel, x, y), and what their normalisation needs. */

const SIDE = 7;
const AREA = 49;

/** Floats from one column to the next of a turned plane: whole vectors. */
function columnStride(height: i32): usize {
  return (<usize>((height + 3) & -4)) << 2;
}

/** Bytes of `channels` planes with columns in place of rows. */
export function turnedBytes(width: i32, height: i32, channels: i32): i32 {
  return <i32>(<usize>(((width + 3) & -4) * channels) * columnStride(height));
}

/**
 * `channels` planes of width x height to columns that lie one after the other, turnedBytes long. Takes four rows at a time,
 * and so reads up to three beyond the last one.
 */
export function turn(source: usize, width: i32, height: i32, channels: i32, target: usize): void {
  const row = (<usize>width) << 2;
  const column = columnStride(height);
  const plane = <usize>((width + 3) & -4) * column;
  for (let channel = 0; channel < channels; channel++, source += <usize>height * row, target += plane)
    for (let y = 0; y < height; y += 4)
      for (let x = 0; x < width; x += 4) {
        const from = source + <usize>y * row + ((<usize>x) << 2);
        const a = v128.load(from);
        const b = v128.load(from + row);
        const c = v128.load(from + 2 * row);
        const d = v128.load(from + 3 * row);
        const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
        const cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
        const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
        const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
        const to = target + <usize>x * column + ((<usize>y) << 2);
        v128.store(to, i64x2.shuffle(ab, cd, 0, 2));
        v128.store(to + column, i64x2.shuffle(ab, cd, 1, 3));
        v128.store(to + 2 * column, i64x2.shuffle(abHigh, cdHigh, 0, 2));
        v128.store(to + 3 * column, i64x2.shuffle(abHigh, cdHigh, 1, 3));
      }
}

/** Patches around (xs[i], ys[i]), int32, of planes that `turn` has made. */
export function cutPatches(
  turned: usize,
  width: i32,
  height: i32,
  channels: i32,
  xs: usize,
  ys: usize,
  count: i32,
  target: usize,
): void {
  const stride = columnStride(height);
  const plane = <usize>((width + 3) & -4) * stride;
  for (let i = 0; i < count; i++, xs += 4, ys += 4) {
    const left = load<i32>(xs) - (SIDE >> 1);
    const top = load<i32>(ys) - (SIDE >> 1);
    let corner = turned + <usize>left * stride + ((<usize>top) << 2);
    for (let channel = 0; channel < channels; channel++, corner += plane)
      // Seven values in two vectors, of which the fourth is in both.
      for (let from = corner, x = 0; x < SIDE; x++, from += stride, target += 4 * SIDE) {
        v128.store(target, v128.load(from));
        v128.store(target, v128.load(from, 12), 12);
      }
  }
}

/**
 * Of the 49 values that begin every row, `stride` bytes apart: their sum, their summed squares around their mean, the
 * least and the greatest, four float64 at `target`. Sums are of what is left of the values without the first one, whose
 * square is among those that are summed: so no more digits cancel than the number of values has.
 */
export function moments(source: usize, rows: i32, stride: usize, target: usize): void {
  const first = <f64>load<f32>(source);
  const pivot = f64x2.splat(first);
  let lowSums = f64x2.splat(0);
  let highSums = lowSums;
  let lowSquares = lowSums;
  let highSquares = lowSums;
  // Plain comparisons: the minimum that knows NaN and signed zeros takes many instructions.
  let least = v128.load(source);
  let greatest = least;
  for (let i = 0, row = source; i < rows; i++, row += stride) {
    for (let at: usize = 0; at < 4 * (AREA - 1); at += 16) {
      const values = v128.load(row + at);
      least = f32x4.pmin(least, values);
      greatest = f32x4.pmax(greatest, values);
      const low = f64x2.sub(f64x2.promote_low_f32x4(values), pivot);
      const high = f64x2.sub(f64x2.promote_low_f32x4(i64x2.shuffle(values, values, 1, 0)), pivot);
      lowSums = f64x2.add(lowSums, low);
      highSums = f64x2.add(highSums, high);
      lowSquares = f64x2.add(lowSquares, f64x2.mul(low, low));
      highSquares = f64x2.add(highSquares, f64x2.mul(high, high));
    }
    const last = v128.load32_splat(row + 4 * (AREA - 1));
    least = f32x4.pmin(least, last);
    greatest = f32x4.pmax(greatest, last);
    const one = f64x2.replace_lane(f64x2.sub(f64x2.promote_low_f32x4(last), pivot), 1, 0);
    lowSums = f64x2.add(lowSums, one);
    lowSquares = f64x2.add(lowSquares, f64x2.mul(one, one));
  }
  const sums = f64x2.add(lowSums, highSums);
  const squares = f64x2.add(lowSquares, highSquares);
  const sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  const square = f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1);
  const count = <f64>rows * AREA;
  least = f32x4.pmin(least, i64x2.shuffle(least, least, 1, 0));
  greatest = f32x4.pmax(greatest, i64x2.shuffle(greatest, greatest, 1, 0));
  store<f64>(target, sum + count * first);
  store<f64>(target, square - sum * (sum / count), 8);
  store<f64>(target, min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)), 16);
  store<f64>(target, max(f32x4.extract_lane(greatest, 0), f32x4.extract_lane(greatest, 1)), 24);
}
