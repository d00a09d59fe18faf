/**
 * Structural similarity of two planes a and b, from their sum s = a + b and difference d = a - b: four filtered planes
 * instead of five, since E[a²] + E[b²] = (E[s²] + E[d²]) / 2 and E[ab] = (E[s²] - E[d²]) / 4.
 *
 * float32 holds s and d of all five scales exactly (at most nine bits before the point, eight behind it). A variance
 * E[s²] - E[s]² would lose its digits on bright images, so the middle of the range of a tile of 64x16 places is subtracted
 * before anything is squared, which leaves variances as they are. What has been filtered is combined in float64.
 */

/** The four float32 of four int16 in the lower half. */
function widened(values: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(values));
}

/** uint8 planes to their sums and differences. `count`: a multiple of 8. */
export function sumAndDifference(a: usize, b: usize, count: i32, sums: usize, differences: usize): void {
  for (let i = 0; i < count; i += 8, a += 8, b += 8, sums += 32, differences += 32) {
    const x = i16x8.extend_low_i8x16_u(v128.load64_zero(a));
    const y = i16x8.extend_low_i8x16_u(v128.load64_zero(b));
    const sum = i16x8.add(x, y);
    const difference = i16x8.sub(x, y);
    v128.store(sums, widened(sum));
    v128.store(sums, widened(i64x2.shuffle(sum, sum, 1, 0)), 16);
    v128.store(differences, widened(difference));
    v128.store(differences, widened(i64x2.shuffle(difference, difference, 1, 0)), 16);
  }
}

/** Means of 2x2. `width`, `height`: of the smaller plane. In place is allowed. */
export function halveFloats(source: usize, target: usize, width: i32, height: i32): void {
  const stride = (<usize>width) << 3;
  const quarter = f32x4.splat(0.25);
  for (let y = 0; y < height; y++, source += stride << 1) {
    let x = 0;
    for (; x + 4 <= width; x += 4, target += 16) {
      const at = source + ((<usize>x) << 3);
      const left = f32x4.add(v128.load(at), v128.load(at + stride));
      const right = f32x4.add(v128.load(at, 16), v128.load(at + stride, 16));
      const sum = f32x4.add(i32x4.shuffle(left, right, 0, 2, 4, 6), i32x4.shuffle(left, right, 1, 3, 5, 7));
      v128.store(target, f32x4.mul(sum, quarter));
    }
    for (; x < width; x++, target += 4) {
      const at = source + ((<usize>x) << 3);
      const sum = load<f32>(at) + load<f32>(at, 4) + load<f32>(at + stride) + load<f32>(at + stride, 4);
      store<f32>(target, sum * 0.25);
    }
  }
}

const FULL_SIZE: i32 = 11;
/** Places of a tile. Its sources are FULL_SIZE - 1 more each way. */
const ACROSS: i32 = 64;
const DOWN: i32 = 16;
/** Bytes from row to row in a tile: of 74 values, and room for what is read and written in fours beyond them. */
const ROW: usize = 80 << 2;
const TILE: usize = <usize>(DOWN + FULL_SIZE - 1) * ROW;

/** The middle between the least and the largest of `width` x `height` values. */
function middle(source: usize, stride: usize, width: i32, height: i32): f32 {
  let least = v128.load32_splat(source);
  let largest = least;
  for (; height > 0; height--, source += stride) {
    const end = source + ((<usize>width) << 2);
    let at = source;
    for (; at + 16 <= end; at += 16) {
      const values = v128.load(at);
      least = f32x4.pmin(least, values);
      largest = f32x4.pmax(largest, values);
    }
    for (; at < end; at += 4) {
      const value = v128.load32_splat(at);
      least = f32x4.pmin(least, value);
      largest = f32x4.pmax(largest, value);
    }
  }
  least = f32x4.pmin(least, i32x4.shuffle(least, least, 2, 3, 0, 1));
  largest = f32x4.pmax(largest, i32x4.shuffle(largest, largest, 2, 3, 0, 1));
  least = f32x4.pmin(least, i32x4.shuffle(least, least, 1, 0, 3, 2));
  largest = f32x4.pmax(largest, i32x4.shuffle(largest, largest, 1, 0, 3, 2));
  return (f32x4.extract_lane(least, 0) + f32x4.extract_lane(largest, 0)) * 0.5;
}

/** Values less `shift` into one tile, their squares into the next. */
function fillTile(source: usize, stride: usize, width: i32, height: i32, shift: f32, tile: usize): void {
  const less = f32x4.splat(shift);
  for (; height > 0; height--, source += stride, tile += ROW) {
    const end = tile + ((<usize>width) << 2);
    let from = source;
    for (let to = tile; to < end; from += 16, to += 16) {
      const values = f32x4.sub(v128.load(from), less);
      v128.store(to, values);
      v128.store(to + TILE, f32x4.mul(values, values));
    }
  }
}

/**
 * Sums of `size` values `step` bytes apart, under a symmetric window, from each of `count` neighbours on. Works in fours,
 * and so reads and writes beyond other counts.
 */
function filterLine(source: usize, step: usize, window: usize, size: i32, target: usize, count: i32): void {
  for (const end = target + ((<usize>count) << 2); target < end; source += 16, target += 16) {
    let sum = f32x4.splat(0);
    let near = source;
    let far = source + <usize>(size - 1) * step;
    let weight = window;
    for (; near < far; near += step, far -= step, weight += 4)
      sum = f32x4.add(sum, f32x4.mul(f32x4.add(v128.load(near), v128.load(far)), v128.load32_splat(weight)));
    if (near === far) sum = f32x4.add(sum, f32x4.mul(v128.load(near), v128.load32_splat(weight)));
    v128.store(target, sum);
  }
}

/** Of eleven rows of a tile, with the weights at hand. */
function filterRows(source: usize, window: usize, target: usize, count: i32): void {
  const w0 = v128.load32_splat(window);
  const w1 = v128.load32_splat(window, 4);
  const w2 = v128.load32_splat(window, 8);
  const w3 = v128.load32_splat(window, 12);
  const w4 = v128.load32_splat(window, 16);
  const w5 = v128.load32_splat(window, 20);
  for (const end = target + ((<usize>count) << 2); target < end; source += 16, target += 16) {
    let a = f32x4.mul(f32x4.add(v128.load(source), v128.load(source, 10 * ROW)), w0);
    let b = f32x4.mul(f32x4.add(v128.load(source, ROW), v128.load(source, 9 * ROW)), w1);
    a = f32x4.add(a, f32x4.mul(f32x4.add(v128.load(source, 2 * ROW), v128.load(source, 8 * ROW)), w2));
    b = f32x4.add(b, f32x4.mul(f32x4.add(v128.load(source, 3 * ROW), v128.load(source, 7 * ROW)), w3));
    a = f32x4.add(a, f32x4.mul(f32x4.add(v128.load(source, 4 * ROW), v128.load(source, 6 * ROW)), w4));
    b = f32x4.add(b, f32x4.mul(v128.load(source, 5 * ROW), w5));
    v128.store(target, f32x4.add(a, b));
  }
}

/** Of eleven neighbours. */
function filterNeighbours(source: usize, window: usize, target: usize, count: i32): void {
  const w0 = v128.load32_splat(window);
  const w1 = v128.load32_splat(window, 4);
  const w2 = v128.load32_splat(window, 8);
  const w3 = v128.load32_splat(window, 12);
  const w4 = v128.load32_splat(window, 16);
  const w5 = v128.load32_splat(window, 20);
  for (const end = target + ((<usize>count) << 2); target < end; source += 16, target += 16) {
    let a = f32x4.mul(f32x4.add(v128.load(source), v128.load(source, 40)), w0);
    let b = f32x4.mul(f32x4.add(v128.load(source, 4), v128.load(source, 36)), w1);
    a = f32x4.add(a, f32x4.mul(f32x4.add(v128.load(source, 8), v128.load(source, 32)), w2));
    b = f32x4.add(b, f32x4.mul(f32x4.add(v128.load(source, 12), v128.load(source, 28)), w3));
    a = f32x4.add(a, f32x4.mul(f32x4.add(v128.load(source, 16), v128.load(source, 24)), w4));
    b = f32x4.add(b, f32x4.mul(v128.load(source, 20), w5));
    v128.store(target, f32x4.add(a, b));
  }
}

/** `across` x `down` places of a tile, filtered in both directions in place. */
function filterTile(tile: usize, window: usize, size: i32, across: i32, down: i32, line: usize): void {
  const width = across + size - 1;
  for (; down > 0; down--, tile += ROW) {
    if (size === FULL_SIZE) {
      filterRows(tile, window, line, width);
      filterNeighbours(line, window, tile, across);
    } else {
      filterLine(tile, ROW, window, size, line, width);
      filterLine(line, 4, window, size, tile, across);
    }
  }
}

/** Two float32 as float64. */
function pair(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** Bytes that `similarity` needs to work in: four tiles and a line. */
export function similarityScratch(): usize {
  return 4 * TILE + ROW;
}

/**
 * Sums over all places where the window fits into the plane: of luminance times contrast-structure, and of
 * contrast-structure, added to two float64 at `result`. `window`: `size` float32, symmetric. Up to 12 bytes behind the
 * planes are read.
 */
export function similarity(
  sums: usize,
  differences: usize,
  width: i32,
  height: i32,
  window: usize,
  size: i32,
  c1: f64,
  c2: f64,
  scratch: usize,
  result: usize,
): void {
  const stride = (<usize>width) << 2;
  const sumTile = scratch;
  const differenceTile = scratch + 2 * TILE;
  const line = scratch + 4 * TILE;
  const half = f64x2.splat(0.5);
  const first = f64x2.splat(c1);
  const second = f64x2.splat(c2);
  let products = f64x2.splat(0);
  let structures = f64x2.splat(0);
  const columns = width - size + 1;
  const rows = height - size + 1;
  for (let y = 0; y < rows; y += DOWN) {
    const down = min(DOWN, rows - y);
    for (let x = 0; x < columns; x += ACROSS) {
      const across = min(ACROSS, columns - x);
      const wide = across + size - 1;
      const high = down + size - 1;
      const corner = <usize>y * stride + ((<usize>x) << 2);
      const sumShift = middle(sums + corner, stride, wide, high);
      const differenceShift = middle(differences + corner, stride, wide, high);
      fillTile(sums + corner, stride, wide, high, sumShift, sumTile);
      fillTile(differences + corner, stride, wide, high, differenceShift, differenceTile);
      for (let tile: usize = 0; tile < 4 * TILE; tile += TILE)
        filterTile(scratch + tile, window, size, across, down, line);

      const sumMiddle = f64x2.splat(<f64>sumShift);
      const differenceMiddle = f64x2.splat(<f64>differenceShift);
      for (let row: usize = 0; row < <usize>down * ROW; row += ROW) {
        for (let i = 0; i < across; i += 2) {
          const at = scratch + row + ((<usize>i) << 2);
          const sum = pair(at);
          const difference = pair(at + 2 * TILE);
          const varianceS = f64x2.sub(pair(at + TILE), f64x2.mul(sum, sum));
          const varianceD = f64x2.sub(pair(at + 3 * TILE), f64x2.mul(difference, difference));
          const s = f64x2.add(sum, sumMiddle);
          const d = f64x2.add(difference, differenceMiddle);
          const ss = f64x2.mul(s, s);
          const dd = f64x2.mul(d, d);
          const contrast = f64x2.add(f64x2.mul(f64x2.add(varianceS, varianceD), half), second);
          const covariance = f64x2.add(f64x2.mul(f64x2.sub(varianceS, varianceD), half), second);
          const brightness = f64x2.add(f64x2.mul(f64x2.add(ss, dd), half), first);
          const common = f64x2.add(f64x2.mul(f64x2.sub(ss, dd), half), first);
          // One division for both: structure = covariance / contrast, product = structure * common / brightness.
          const inverse = f64x2.div(f64x2.splat(1), f64x2.mul(contrast, brightness));
          const part = f64x2.mul(covariance, inverse);
          let structure = f64x2.mul(part, brightness);
          let product = f64x2.mul(part, common);
          if (i + 1 === across) {
            structure = f64x2.replace_lane(structure, 1, 0);
            product = f64x2.replace_lane(product, 1, 0);
          }
          structures = f64x2.add(structures, structure);
          products = f64x2.add(products, product);
        }
      }
    }
  }
  store<f64>(result, load<f64>(result) + f64x2.extract_lane(products, 0) + f64x2.extract_lane(products, 1));
  store<f64>(
    result,
    load<f64>(result, 8) + f64x2.extract_lane(structures, 0) + f64x2.extract_lane(structures, 1),
    8,
  );
}
