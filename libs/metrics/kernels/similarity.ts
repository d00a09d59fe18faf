/**
 * Structural similarity of two planes a and b in float64, from their sum s = a + b and difference d = a - b: four filtered
 * planes instead of five, since E[a²] + E[b²] = (E[s²] + E[d²]) / 2 and E[ab] = (E[s²] - E[d²]) / 4.
 */

/** The four float64 of four int16 in the lower half. */
function widened(values: v128, target: usize): void {
  const integers = i32x4.extend_low_i16x8_s(values);
  v128.store(target, f64x2.convert_low_i32x4_s(integers));
  v128.store(target, f64x2.convert_low_i32x4_s(i64x2.shuffle(integers, integers, 1, 0)), 16);
}

/** uint8 planes to their sums and differences. `count`: a multiple of 8. */
export function sumAndDifference(a: usize, b: usize, count: i32, sums: usize, differences: usize): void {
  for (let i = 0; i < count; i += 8, a += 8, b += 8, sums += 64, differences += 64) {
    const x = i16x8.extend_low_i8x16_u(v128.load64_zero(a));
    const y = i16x8.extend_low_i8x16_u(v128.load64_zero(b));
    const sum = i16x8.add(x, y);
    const difference = i16x8.sub(x, y);
    widened(sum, sums);
    widened(i64x2.shuffle(sum, sum, 1, 0), sums + 32);
    widened(difference, differences);
    widened(i64x2.shuffle(difference, difference, 1, 0), differences + 32);
  }
}

/** Means of 2x2. `width`, `height`: of the smaller plane. In place is allowed. */
export function halveDoubles(source: usize, target: usize, width: i32, height: i32): void {
  const stride = (<usize>width) << 4;
  const quarter = f64x2.splat(0.25);
  for (let y = 0; y < height; y++, source += stride << 1) {
    let x = 0;
    for (; x + 2 <= width; x += 2, target += 16) {
      const at = source + ((<usize>x) << 4);
      const left = f64x2.add(v128.load(at), v128.load(at + stride));
      const right = f64x2.add(v128.load(at, 16), v128.load(at + stride, 16));
      const sum = f64x2.add(i64x2.shuffle(left, right, 0, 2), i64x2.shuffle(left, right, 1, 3));
      v128.store(target, f64x2.mul(sum, quarter));
    }
    for (; x < width; x++, target += 8) {
      const at = source + ((<usize>x) << 4);
      const sum = load<f64>(at) + load<f64>(at, 8) + load<f64>(at + stride) + load<f64>(at + stride, 8);
      store<f64>(target, sum * 0.25);
    }
  }
}

function squares(source: usize, target: usize, count: i32): void {
  for (let i = 0; i < count; i += 2, source += 16, target += 16) {
    const values = v128.load(source);
    v128.store(target, f64x2.mul(values, values));
  }
}

/**
 * Weighted sums of `size` values `step` bytes apart, under a symmetric window, from each of `count` neighbours on. Works
 * in pairs, and so writes one beyond an odd count.
 */
function filterLine(source: usize, step: usize, window: usize, size: i32, target: usize, count: i32): void {
  if (size === FULL_SIZE) {
    filterFull(source, step, window, target, count);
    return;
  }
  for (const end = target + ((<usize>count) << 3); target < end; source += 16, target += 16) {
    let sum = f64x2.splat(0);
    let near = source;
    let far = source + <usize>(size - 1) * step;
    let weight = window;
    for (; near < far; near += step, far -= step, weight += 8)
      sum = f64x2.add(sum, f64x2.mul(f64x2.add(v128.load(near), v128.load(far)), v128.load64_splat(weight)));
    if (near === far) sum = f64x2.add(sum, f64x2.mul(v128.load(near), v128.load64_splat(weight)));
    v128.store(target, sum);
  }
}

const FULL_SIZE: i32 = 11;

/** Of all but the smallest planes, with the weights at hand. */
function filterFull(source: usize, step: usize, window: usize, target: usize, count: i32): void {
  const w0 = v128.load64_splat(window);
  const w1 = v128.load64_splat(window, 8);
  const w2 = v128.load64_splat(window, 16);
  const w3 = v128.load64_splat(window, 24);
  const w4 = v128.load64_splat(window, 32);
  const w5 = v128.load64_splat(window, 40);
  const step2 = 2 * step;
  const step3 = 3 * step;
  const step4 = 4 * step;
  for (const end = target + ((<usize>count) << 3); target < end; source += 16, target += 16) {
    const far = source + 6 * step;
    let a = f64x2.mul(f64x2.add(v128.load(source), v128.load(far + step4)), w0);
    let b = f64x2.mul(f64x2.add(v128.load(source + step), v128.load(far + step3)), w1);
    a = f64x2.add(a, f64x2.mul(f64x2.add(v128.load(source + step2), v128.load(far + step2)), w2));
    b = f64x2.add(b, f64x2.mul(f64x2.add(v128.load(source + step3), v128.load(far + step)), w3));
    a = f64x2.add(a, f64x2.mul(f64x2.add(v128.load(source + step4), v128.load(far)), w4));
    b = f64x2.add(b, f64x2.mul(v128.load(far - step), w5));
    v128.store(target, f64x2.add(a, b));
  }
}

/**
 * Sums over all places where the window fits into the plane: of luminance times contrast-structure, and of
 * contrast-structure, added to two float64 at `result`. `window`: `size` float64, symmetric; `scratch`: two planes and
 * eight rows of width + 2.
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
  const count = width * height;
  const plane = ((<usize>count) << 3) + 16;
  const sumSquares = scratch;
  const differenceSquares = scratch + plane;
  squares(sums, sumSquares, count);
  squares(differences, differenceSquares, count);
  const stride = (<usize>width) << 3;
  const rowBytes = stride + 16;
  const row = scratch + 2 * plane;
  const half = f64x2.splat(0.5);
  const first = f64x2.splat(c1);
  const second = f64x2.splat(c2);
  let products = f64x2.splat(0);
  let structures = f64x2.splat(0);
  const columns = width - size + 1;
  const done = row + 4 * rowBytes; // filtered in both directions
  for (let y = 0; y + size <= height; y++) {
    const top = <usize>y * stride;
    filterLine(sums + top, stride, window, size, row, width);
    filterLine(differences + top, stride, window, size, row + rowBytes, width);
    filterLine(sumSquares + top, stride, window, size, row + 2 * rowBytes, width);
    filterLine(differenceSquares + top, stride, window, size, row + 3 * rowBytes, width);
    for (let at: usize = 0; at < 4 * rowBytes; at += rowBytes)
      filterLine(row + at, 8, window, size, done + at, columns);
    for (let x = 0; x < columns; x += 2) {
      const at = done + ((<usize>x) << 3);
      const s = v128.load(at);
      const d = v128.load(at + rowBytes);
      const ss = f64x2.mul(s, s);
      const dd = f64x2.mul(d, d);
      const varianceS = f64x2.sub(v128.load(at + 2 * rowBytes), ss);
      const varianceD = f64x2.sub(v128.load(at + 3 * rowBytes), dd);
      const contrast = f64x2.add(f64x2.mul(f64x2.add(varianceS, varianceD), half), second);
      const covariance = f64x2.add(f64x2.mul(f64x2.sub(varianceS, varianceD), half), second);
      const brightness = f64x2.add(f64x2.mul(f64x2.add(ss, dd), half), first);
      const common = f64x2.add(f64x2.mul(f64x2.sub(ss, dd), half), first);
      // One division for both: structure = covariance / contrast, product = structure * common / brightness.
      const inverse = f64x2.div(f64x2.splat(1), f64x2.mul(contrast, brightness));
      const part = f64x2.mul(covariance, inverse);
      let structure = f64x2.mul(part, brightness);
      let product = f64x2.mul(part, common);
      if (x + 1 === columns) {
        structure = f64x2.replace_lane(structure, 1, 0);
        product = f64x2.replace_lane(product, 1, 0);
      }
      structures = f64x2.add(structures, structure);
      products = f64x2.add(products, product);
    }
  }
  store<f64>(result, load<f64>(result) + f64x2.extract_lane(products, 0) + f64x2.extract_lane(products, 1));
  store<f64>(
    result,
    load<f64>(result, 8) + f64x2.extract_lane(structures, 0) + f64x2.extract_lane(structures, 1),
    8,
  );
}
