/**
 * Structural similarity of two planes a and b in float64, from their sum s = a + b and difference d = a - b: four filtered
 * planes instead of five, since E[a²] + E[b²] = (E[s²] + E[d²]) / 2 and E[ab] = (E[s²] - E[d²]) / 4.
 */

/** uint8 planes to their sums and differences. */
export function sumAndDifference(a: usize, b: usize, count: i32, sums: usize, differences: usize): void {
  for (let i = 0; i < count; i++, a++, b++, sums += 8, differences += 8) {
    const x = <f64>load<u8>(a);
    const y = <f64>load<u8>(b);
    store<f64>(sums, x + y);
    store<f64>(differences, x - y);
  }
}

/** Means of 2x2. `width`, `height`: of the smaller plane. In place is allowed. */
export function halveDoubles(source: usize, target: usize, width: i32, height: i32): void {
  const stride = (<usize>width) << 4;
  for (let y = 0; y < height; y++, source += stride << 1)
    for (let x = 0; x < width; x++, target += 8) {
      const at = source + ((<usize>x) << 4);
      const sum = load<f64>(at) + load<f64>(at, 8) + load<f64>(at + stride) + load<f64>(at + stride, 8);
      store<f64>(target, sum * 0.25);
    }
}

function squares(source: usize, target: usize, count: i32): void {
  for (let i = 0; i < count; i += 2, source += 16, target += 16) {
    const values = v128.load(source);
    v128.store(target, f64x2.mul(values, values));
  }
}

/** Two neighbours of a filtered line: `size` vectors from `at` on, `step` bytes apart, under a symmetric window. */
function filtered(at: usize, step: usize, window: usize, size: i32): v128 {
  let sum = f64x2.splat(0);
  let far = at + <usize>(size - 1) * step;
  for (; at < far; at += step, far -= step, window += 8)
    sum = f64x2.add(sum, f64x2.mul(f64x2.add(v128.load(at), v128.load(far)), v128.load64_splat(window)));
  return at === far ? f64x2.add(sum, f64x2.mul(v128.load(at), v128.load64_splat(window))) : sum;
}

/**
 * Sums over all places where the window fits into the plane: of luminance times contrast-structure, and of
 * contrast-structure, added to two float64 at `result`. `window`: `size` float64, symmetric; `scratch`: two planes and
 * four rows of width + 2.
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
  for (let y = 0; y + size <= height; y++) {
    const top = <usize>y * stride;
    for (let at: usize = 0; at < stride; at += 16) {
      v128.store(row + at, filtered(sums + top + at, stride, window, size));
      v128.store(row + rowBytes + at, filtered(differences + top + at, stride, window, size));
      v128.store(row + 2 * rowBytes + at, filtered(sumSquares + top + at, stride, window, size));
      v128.store(row + 3 * rowBytes + at, filtered(differenceSquares + top + at, stride, window, size));
    }
    for (let x = 0; x < columns; x += 2) {
      const at = row + ((<usize>x) << 3);
      const s = filtered(at, 8, window, size);
      const d = filtered(at + rowBytes, 8, window, size);
      const ss = f64x2.mul(s, s);
      const dd = f64x2.mul(d, d);
      const varianceS = f64x2.sub(filtered(at + 2 * rowBytes, 8, window, size), ss);
      const varianceD = f64x2.sub(filtered(at + 3 * rowBytes, 8, window, size), dd);
      let structure = f64x2.div(
        f64x2.add(f64x2.mul(f64x2.sub(varianceS, varianceD), half), second),
        f64x2.add(f64x2.mul(f64x2.add(varianceS, varianceD), half), second),
      );
      let luminance = f64x2.div(
        f64x2.add(f64x2.mul(f64x2.sub(ss, dd), half), first),
        f64x2.add(f64x2.mul(f64x2.add(ss, dd), half), first),
      );
      if (x + 1 === columns) {
        structure = f64x2.replace_lane(structure, 1, 0);
        luminance = f64x2.replace_lane(luminance, 1, 0);
      }
      structures = f64x2.add(structures, structure);
      products = f64x2.add(products, f64x2.mul(luminance, structure));
    }
  }
  store<f64>(result, load<f64>(result) + f64x2.extract_lane(products, 0) + f64x2.extract_lane(products, 1));
  store<f64>(
    result,
    load<f64>(result, 8) + f64x2.extract_lane(structures, 0) + f64x2.extract_lane(structures, 1),
    8,
  );
}
