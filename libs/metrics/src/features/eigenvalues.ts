/** Eigenvalues of a symmetric tridiagonal matrix: the QL algorithm with implicit shifts. */

/**
 * `diagonal`: n values; `beside`: n - 1. In no particular order. Backward stable: errors are some units in the last place of the
 * largest eigenvalue.
 */
export function tridiagonalEigenvalues(diagonal: Float64Array, beside: Float64Array): Float64Array {
  const d = diagonal.slice();
  const n = d.length;
  const e = new Float64Array(n);
  e.set(beside.subarray(0, n - 1));
  for (let l = 0; l < n; l++) {
    for (;;) {
      // The block from l to m has no element beside the diagonal that is negligible.
      let m = l;
      while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++;
      if (m === l) break;
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      let r = Math.hypot(g, 1);
      g = d[m]! - d[l]! + e[l]! / (g + (g >= 0 ? r : -r));
      let [sine, cosine, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = sine * e[i]!;
        const b = cosine * e[i]!;
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          // The rotation falls apart: the block splits here.
          d[i + 1]! -= p;
          e[m] = 0;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = d[i + 1]! - p;
        r = (d[i]! - g) * sine + 2 * cosine * b;
        p = sine * r;
        d[i + 1] = g + p;
        g = cosine * r - b;
      }
      if (i >= l) continue;
      d[l]! -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
  return d;
}
