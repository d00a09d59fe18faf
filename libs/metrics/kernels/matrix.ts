/** Products of float64 matrices, packed into strips of four rows or columns that stay in the processor's caches. */

const TILE: i32 = 4;
const DEPTH: i32 = 256;

/** Bytes of scratch for a product of m x k and k x n. */
export function multiplyScratch(m: i32, n: i32): i32 {
  return (((m + TILE) & -TILE) + ((n + TILE) & -TILE)) * DEPTH * 8 + TILE * TILE * 8;
}

/** `lines` lines of `depth` values to strips of four lines, depth-wise, the last strip filled with zeros. */
function pack(source: usize, line: usize, step: usize, lines: i32, depth: i32, target: usize): void {
  for (let first = 0; first < lines; first += TILE)
    for (let k = 0; k < depth; k++)
      for (let i = first; i < first + TILE; i++, target += 8)
        store<f64>(target, i < lines ? load<f64>(source + <usize>i * line + <usize>k * step) : 0);
}

function tile(a: usize, b: usize, depth: i32, target: usize, stride: usize): void {
  let a0 = v128.load(target),
    a1 = v128.load(target, 16);
  let row = target + stride;
  let b0 = v128.load(row),
    b1 = v128.load(row, 16);
  row += stride;
  let c0 = v128.load(row),
    c1 = v128.load(row, 16);
  row += stride;
  let d0 = v128.load(row),
    d1 = v128.load(row, 16);
  for (const end = a + ((<usize>depth) << 5); a < end; a += 32, b += 32) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    let v = v128.load64_splat(a);
    a0 = f64x2.add(a0, f64x2.mul(v, left));
    a1 = f64x2.add(a1, f64x2.mul(v, right));
    v = v128.load64_splat(a, 8);
    b0 = f64x2.add(b0, f64x2.mul(v, left));
    b1 = f64x2.add(b1, f64x2.mul(v, right));
    v = v128.load64_splat(a, 16);
    c0 = f64x2.add(c0, f64x2.mul(v, left));
    c1 = f64x2.add(c1, f64x2.mul(v, right));
    v = v128.load64_splat(a, 24);
    d0 = f64x2.add(d0, f64x2.mul(v, left));
    d1 = f64x2.add(d1, f64x2.mul(v, right));
  }
  v128.store(target, a0);
  v128.store(target, a1, 16);
  row = target + stride;
  v128.store(row, b0);
  v128.store(row, b1, 16);
  row += stride;
  v128.store(row, c0);
  v128.store(row, c1, 16);
  row += stride;
  v128.store(row, d0);
  v128.store(row, d1, 16);
}

/**
 * c += a b, of m x k and k x n. Strides in bytes: from one row and from one column of `a` and `b` to the next, so that
 * either may be transposed; rows of `c` lie side by side, n values each. With `lower`, tiles above the diagonal are left
 * out. `scratch`: multiplyScratch(m, n) bytes.
 */
export function multiply(
  a: usize,
  aRow: usize,
  aColumn: usize,
  b: usize,
  bRow: usize,
  bColumn: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  lower: bool,
  scratch: usize,
): void {
  const strips = scratch;
  const columns = strips + <usize>((m + TILE) & -TILE) * (DEPTH * 8);
  const edge = columns + <usize>((n + TILE) & -TILE) * (DEPTH * 8);
  const stride = (<usize>n) << 3;
  for (let first = 0; first < k; first += DEPTH) {
    const depth = min(DEPTH, k - first);
    pack(a + <usize>first * aColumn, aRow, aColumn, m, depth, strips);
    pack(b + <usize>first * bRow, bColumn, bRow, n, depth, columns);
    const strip = (<usize>depth) << 5;
    for (let i = 0; i < m; i += TILE) {
      const left = strips + <usize>(i >> 2) * strip;
      for (let j = 0; j < n && !(lower && j > i); j += TILE) {
        const right = columns + <usize>(j >> 2) * strip;
        const target = c + <usize>i * stride + ((<usize>j) << 3);
        if (i + TILE <= m && j + TILE <= n) {
          tile(left, right, depth, target, stride);
          continue;
        }
        memory.fill(edge, 0, TILE * TILE * 8);
        tile(left, right, depth, edge, TILE * 8);
        for (let y = i; y < min(m, i + TILE); y++)
          for (let x = j; x < min(n, j + TILE); x++) {
            const at = c + <usize>y * stride + ((<usize>x) << 3);
            store<f64>(at, load<f64>(at) + load<f64>(edge + <usize>(((y - i) * TILE + (x - j)) << 3)));
          }
      }
    }
  }
}

function dot(a: usize, b: usize, count: i32): f64 {
  let first = f64x2.splat(0);
  let second = first;
  let i = 0;
  for (; i + 4 <= count; i += 4, a += 32, b += 32) {
    first = f64x2.add(first, f64x2.mul(v128.load(a), v128.load(b)));
    second = f64x2.add(second, f64x2.mul(v128.load(a, 16), v128.load(b, 16)));
  }
  first = f64x2.add(first, second);
  let sum = f64x2.extract_lane(first, 0) + f64x2.extract_lane(first, 1);
  for (; i < count; i++, a += 8, b += 8) sum += load<f64>(a) * load<f64>(b);
  return sum;
}

/**
 * Cholesky factor of a positive semidefinite n x n matrix, of which the lower triangle is read: a = l l', the columns of `l`
 * in the order of their pivots, its rows as they were; n values a row. Ends where the largest remaining diagonal element is
 * `tolerance` times the first one: the rank. `diagonal`: n float64 of scratch.
 */
export function pivotedCholesky(a: usize, n: i32, l: usize, diagonal: usize, tolerance: f64): i32 {
  const stride = (<usize>n) << 3;
  for (let i = 0; i < n; i++)
    store<f64>(diagonal + ((<usize>i) << 3), load<f64>(a + <usize>i * (stride + 8)));
  let least: f64 = 0;
  for (let rank = 0; rank < n; rank++) {
    let pivot = 0;
    let largest = -Infinity;
    for (let i = 0; i < n; i++) {
      const value = load<f64>(diagonal + ((<usize>i) << 3));
      if (value > largest) {
        largest = value;
        pivot = i;
      }
    }
    if (rank === 0) least = tolerance * largest;
    if (!(largest > least)) return rank;
    const root = Math.sqrt(largest);
    const pivotRow = l + <usize>pivot * stride;
    for (let i = 0; i < n; i++) {
      const at = diagonal + ((<usize>i) << 3);
      const row = l + <usize>i * stride;
      const entry = row + ((<usize>rank) << 3);
      // Rows that were pivots are done.
      if (load<f64>(at) === -Infinity) {
        store<f64>(entry, 0);
      } else if (i === pivot) {
        store<f64>(entry, root);
      } else {
        const element = load<f64>(a + <usize>max(i, pivot) * stride + ((<usize>min(i, pivot)) << 3));
        const value = (element - dot(row, pivotRow, rank)) / root;
        store<f64>(entry, value);
        store<f64>(at, load<f64>(at) - value * value);
      }
    }
    store<f64>(diagonal + ((<usize>pivot) << 3), -Infinity);
  }
  return n;
}

/** row[j] * v[j] summed over j < count, while result[j] += row[j] * factor. */
function dotAndAdd(row: usize, v: usize, result: usize, factor: f64, count: i32): f64 {
  let sums = f64x2.splat(0);
  const factors = f64x2.splat(factor);
  let j = 0;
  for (; j + 2 <= count; j += 2, row += 16, v += 16, result += 16) {
    const values = v128.load(row);
    sums = f64x2.add(sums, f64x2.mul(values, v128.load(v)));
    v128.store(result, f64x2.add(v128.load(result), f64x2.mul(values, factors)));
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  if (j < count) {
    sum += load<f64>(row) * load<f64>(v);
    store<f64>(result, load<f64>(result) + load<f64>(row) * factor);
  }
  return sum;
}

/** row[j] -= v * w[j] + w * v[j] */
function subtractBoth(row: usize, vs: usize, ws: usize, v: f64, w: f64, count: i32): void {
  const left = f64x2.splat(v);
  const right = f64x2.splat(w);
  let j = 0;
  for (; j + 2 <= count; j += 2, row += 16, vs += 16, ws += 16) {
    const product = f64x2.add(f64x2.mul(left, v128.load(ws)), f64x2.mul(right, v128.load(vs)));
    v128.store(row, f64x2.sub(v128.load(row), product));
  }
  if (j < count) store<f64>(row, load<f64>(row) - (v * load<f64>(ws) + w * load<f64>(vs)));
}

/**
 * A symmetric n x n matrix, of which the lower triangle is read and overwritten, to tridiagonal form with the same
 * eigenvalues by Householder reflections: n diagonal elements, and n - 1 beside them. `scratch`: 2 n float64.
 */
export function tridiagonalise(a: usize, n: i32, diagonal: usize, beside: usize, scratch: usize): void {
  const stride = (<usize>n) << 3;
  for (let k = 0; k + 1 < n; k++) {
    const count = n - k - 1;
    const v = scratch;
    const p = scratch + stride;
    const corner = a + <usize>(k + 1) * (stride + 8);
    store<f64>(diagonal + ((<usize>k) << 3), load<f64>(corner - stride - 8));
    for (let i = 0; i < count; i++)
      store<f64>(v + ((<usize>i) << 3), load<f64>(corner - 8 + <usize>i * stride));
    const first = load<f64>(v);
    const rest = dot(v + 8, v + 8, count - 1);
    if (rest === 0) {
      store<f64>(beside + ((<usize>k) << 3), first);
      continue;
    }
    const length = Math.sqrt(first * first + rest);
    const reflected = first > 0 ? -length : length;
    store<f64>(beside + ((<usize>k) << 3), reflected);
    store<f64>(v, first - reflected);
    const beta = 2 / ((first - reflected) * (first - reflected) + rest);
    memory.fill(p, 0, (<usize>count) << 3);
    for (let i = 0; i < count; i++) {
      const row = corner + <usize>i * stride;
      const value = load<f64>(v + ((<usize>i) << 3));
      const at = p + ((<usize>i) << 3);
      const sum = dotAndAdd(row, v, p, value, i) + load<f64>(row + ((<usize>i) << 3)) * value;
      store<f64>(at, load<f64>(at) + sum);
    }
    const half = 0.5 * beta * beta * dot(p, v, count);
    for (let i = 0; i < count; i++) {
      const at = p + ((<usize>i) << 3);
      store<f64>(at, beta * load<f64>(at) - half * load<f64>(v + ((<usize>i) << 3)));
    }
    for (let i = 0; i < count; i++) {
      const row = corner + <usize>i * stride;
      subtractBoth(row, v, p, load<f64>(v + ((<usize>i) << 3)), load<f64>(p + ((<usize>i) << 3)), i + 1);
    }
  }
  store<f64>(diagonal + ((<usize>(n - 1)) << 3), load<f64>(a + <usize>(n - 1) * (stride + 8)));
}
