/** Power spectrum of a square of numbers whose side is a power of two. */

/**
 * Transforms of one size. Rows are real, so that two of them go through one complex transform; of the
 * result only the half with non-negative horizontal frequencies is kept: the other half mirrors it.
 */
export class PowerSpectrum {
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;
  readonly #reversed: Uint16Array;
  readonly #re: Float64Array; // (size/2 + 1) columns of `size`
  readonly #im: Float64Array;

  /** `size`: a power of two from 4 to 32768. Keeps 16 bytes per number of half the square. */
  constructor(readonly size: number) {
    const half = size / 2;
    this.#cosines = Float64Array.from({ length: half }, (_, i) => Math.cos((2 * Math.PI * i) / size));
    this.#sines = Float64Array.from({ length: half }, (_, i) => -Math.sin((2 * Math.PI * i) / size));
    this.#reversed = new Uint16Array(size);
    for (let i = 1; i < size; i++) this.#reversed[i] = (this.#reversed[i >> 1]! >> 1) | (i & 1 ? half : 0);
    this.#re = new Float64Array((half + 1) * size);
    this.#im = new Float64Array((half + 1) * size);
  }

  /**
   * Squared magnitudes of the transform of `rows` (size × size, from the top): [u * size + v] for u = 0…size/2
   * waves across and v = 0…size−1 waves down, v above size/2 standing for v − size. Not scaled. The array is the
   * spectrum's own, good until the next call.
   */
  of(rows: Float64Array): Float64Array {
    const { size } = this;
    const half = size / 2;
    const [re, im] = [this.#re, this.#im];
    const [lineRe, lineIm] = [new Float64Array(size), new Float64Array(size)];
    for (let y = 0; y < size; y += 2) {
      lineRe.set(rows.subarray(y * size, (y + 1) * size));
      lineIm.set(rows.subarray((y + 1) * size, (y + 2) * size));
      this.#transform(lineRe, lineIm);
      // The even part of the line's transform is that of row y, the odd part i times that of row y + 1.
      for (let u = 0; u <= half; u++) {
        const mirror = (size - u) % size;
        const at = u * size + y;
        re[at] = (lineRe[u]! + lineRe[mirror]!) / 2;
        im[at] = (lineIm[u]! - lineIm[mirror]!) / 2;
        re[at + 1] = (lineIm[u]! + lineIm[mirror]!) / 2;
        im[at + 1] = (lineRe[mirror]! - lineRe[u]!) / 2;
      }
    }
    for (let at = 0; at < re.length; at += size) {
      const [columnRe, columnIm] = [re.subarray(at, at + size), im.subarray(at, at + size)];
      this.#transform(columnRe, columnIm);
      for (let v = 0; v < size; v++) columnRe[v] = columnRe[v]! * columnRe[v]! + columnIm[v]! * columnIm[v]!;
    }
    return re;
  }

  /** In place; pairs of radix-2 stages are done as one of radix 4, which reads and writes half as often. */
  #transform(re: Float64Array, im: Float64Array): void {
    const { size } = this;
    this.#reorder(re, im);
    let span = 1; // length of the transforms that are finished
    if (Math.log2(size) % 2 === 1) {
      for (let i = 0; i < size; i += 2) {
        const [a, b, c, d] = [re[i]!, im[i]!, re[i + 1]!, im[i + 1]!];
        re[i] = a + c;
        im[i] = b + d;
        re[i + 1] = a - c;
        im[i + 1] = b - d;
      }
      span = 2;
    }
    for (; span < size; span *= 4) this.#joinFour(re, im, span);
  }

  #reorder(re: Float64Array, im: Float64Array): void {
    const reversed = this.#reversed;
    for (let i = 0; i < reversed.length; i++) {
      const j = reversed[i]!;
      if (j <= i) continue;
      const [a, b] = [re[i]!, im[i]!];
      re[i] = re[j]!;
      im[i] = im[j]!;
      re[j] = a;
      im[j] = b;
    }
  }

  #joinFour(re: Float64Array, im: Float64Array, span: number): void {
    const [cosines, sines] = [this.#cosines, this.#sines];
    const { size } = this;
    const step = size / (4 * span);
    for (let start = 0; start < size; start += 4 * span) {
      for (let k = 0, turn = 0; k < span; k++, turn += step) {
        const p = start + k;
        const q = p + span;
        const r = q + span;
        const s = r + span;
        const c = cosines[turn]!;
        const d = sines[turn]!;
        const cc = cosines[2 * turn]!;
        const dd = sines[2 * turn]!;
        const qa = re[q]! * cc - im[q]! * dd;
        const qb = re[q]! * dd + im[q]! * cc;
        const sa = re[s]! * cc - im[s]! * dd;
        const sb = re[s]! * dd + im[s]! * cc;
        const pa = re[p]! + qa;
        const pb = im[p]! + qb;
        const ma = re[p]! - qa;
        const mb = im[p]! - qb;
        const ra = re[r]! + sa;
        const rb = im[r]! + sb;
        const na = re[r]! - sa;
        const nb = im[r]! - sb;
        const ea = ra * c - rb * d;
        const eb = ra * d + rb * c;
        const oa = na * c - nb * d;
        const ob = na * d + nb * c;
        re[p] = pa + ea;
        im[p] = pb + eb;
        re[r] = pa - ea;
        im[r] = pb - eb;
        // A quarter turn further: times −i.
        re[q] = ma + ob;
        im[q] = mb - oa;
        re[s] = ma - ob;
        im[s] = mb + oa;
      }
    }
  }
}
