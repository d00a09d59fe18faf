/**
 * Planes of a JPEG picture to RGB, with the arithmetic of libjpeg's defaults: triangle filters for halved chroma, colour
 * conversion in 16-bit fixed point.
 */
import { pair, zipHigh, zipLow } from './pairs';

/**
 * A row of chroma at twice the width: every output is three parts of its sample and one of the neighbour on its side;
 * where rows are doubled as well, samples are three parts of the `near` row and one of the `far` one. Beyond the ends
 * the last sample is repeated. `sums`: room for int16, 16 bytes in front of it too. Writes whole vectors.
 */
function doubleRow(near: usize, far: usize, rows: bool, samples: i32, sums: usize, target: usize): void {
  for (let x = 0; x < samples; x += 8) {
    const v = v128.load8x8_u(near + <usize>x);
    const w = v128.load8x8_u(far + <usize>x);
    v128.store(sums + ((<usize>x) << 1), rows ? i16x8.add(i16x8.add(v, i16x8.add(v, v)), w) : v);
  }
  store<i16>(sums - 2, load<i16>(sums));
  const end = sums + ((<usize>samples) << 1);
  store<i16>(end, load<i16>(end - 2));
  // Rounding alternates, so that no direction is favoured.
  const left = i16x8.splat(rows ? 8 : 1);
  const right = i16x8.splat(rows ? 7 : 2);
  const shift = rows ? 4 : 2;
  for (let x = 0; x < samples; x += 8) {
    const from = sums + ((<usize>x) << 1);
    const v = v128.load(from);
    const thrice = i16x8.add(v, i16x8.add(v, v));
    const a = i16x8.shr_u(i16x8.add(i16x8.add(thrice, v128.load(from - 2)), left), shift);
    const b = i16x8.shr_u(i16x8.add(i16x8.add(thrice, v128.load(from + 2)), right), shift);
    v128.store(target + ((<usize>x) << 1), v128.or(a, i16x8.shl(b, 8)));
  }
}

/** Products of pairs of chroma and 16-bit fixed-point factors, rounded: eight int16. */
function chroma(low: v128, high: v128, factors: v128): v128 {
  const half = i32x4.splat(32768);
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(low, factors), half), 16),
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(high, factors), half), 16),
  );
}

/**
 * Which bytes of 16 reds, greens and blues go where in 48 bytes of RGB: three vectors of a colour each, 0xff for none.
 * In memory, because the engine makes constants anew in every round of a loop.
 */
const weave = memory.data<u8>([
  0, 0xff, 0xff, 1, 0xff, 0xff, 2, 0xff, 0xff, 3, 0xff, 0xff, 4, 0xff, 0xff, 5, 0xff, 0xff, 6, 0xff, 0xff, 7,
  0xff, 0xff, 8, 0xff, 0xff, 9, 0xff, 0xff, 10, 0xff, 0xff, 11, 0xff, 0xff, 12, 0xff, 0xff, 13, 0xff, 0xff,
  14, 0xff, 0xff, 15, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 1, 0xff, 0xff, 2, 0xff, 0xff, 3, 0xff, 0xff, 4, 0xff,
  0xff, 5, 0xff, 0xff, 6, 0xff, 0xff, 7, 0xff, 0xff, 8, 0xff, 0xff, 9, 0xff, 0xff, 10, 0xff, 0xff, 11, 0xff,
  0xff, 12, 0xff, 0xff, 13, 0xff, 0xff, 14, 0xff, 0xff, 15, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 1, 0xff, 0xff, 2,
  0xff, 0xff, 3, 0xff, 0xff, 4, 0xff, 0xff, 5, 0xff, 0xff, 6, 0xff, 0xff, 7, 0xff, 0xff, 8, 0xff, 0xff, 9,
  0xff, 0xff, 10, 0xff, 0xff, 11, 0xff, 0xff, 12, 0xff, 0xff, 13, 0xff, 0xff, 14, 0xff, 0xff, 15,
]);

/**
 * A row of pixels: R = Y + 1.402 Cr, G = Y - 0.344136 Cb - 0.714136 Cr, B = Y + 1.772 Cb. Factors of one and more are
 * split into what fits 16 bits and whole parts.
 */
function colourRow(y: usize, cb: usize, cr: usize, target: usize, width: i32): void {
  const forRed = pair(0, 91881 - 65536);
  const forGreen = pair(-22554, 65536 - 46802);
  const forBlue = pair(116130 - 131072, 0);
  const middle = i16x8.splat(128);
  const first0 = v128.load(weave, 0);
  const first1 = v128.load(weave, 16);
  const first2 = v128.load(weave, 32);
  const second0 = v128.load(weave, 48);
  const second1 = v128.load(weave, 64);
  const second2 = v128.load(weave, 80);
  const third0 = v128.load(weave, 96);
  const third1 = v128.load(weave, 112);
  const third2 = v128.load(weave, 128);
  for (let x: usize = 0; x < <usize>width; x += 16, target += 48) {
    const y0 = v128.load8x8_u(y + x);
    const y1 = v128.load8x8_u(y + x, 8);
    const b0 = i16x8.sub(v128.load8x8_u(cb + x), middle);
    const b1 = i16x8.sub(v128.load8x8_u(cb + x, 8), middle);
    const r0 = i16x8.sub(v128.load8x8_u(cr + x), middle);
    const r1 = i16x8.sub(v128.load8x8_u(cr + x, 8), middle);
    const low0 = zipLow(b0, r0);
    const high0 = zipHigh(b0, r0);
    const low1 = zipLow(b1, r1);
    const high1 = zipHigh(b1, r1);
    const red = i8x16.narrow_i16x8_u(
      i16x8.add(i16x8.add(y0, r0), chroma(low0, high0, forRed)),
      i16x8.add(i16x8.add(y1, r1), chroma(low1, high1, forRed)),
    );
    const green = i8x16.narrow_i16x8_u(
      i16x8.add(i16x8.sub(y0, r0), chroma(low0, high0, forGreen)),
      i16x8.add(i16x8.sub(y1, r1), chroma(low1, high1, forGreen)),
    );
    const blue = i8x16.narrow_i16x8_u(
      i16x8.add(i16x8.add(y0, i16x8.add(b0, b0)), chroma(low0, high0, forBlue)),
      i16x8.add(i16x8.add(y1, i16x8.add(b1, b1)), chroma(low1, high1, forBlue)),
    );
    v128.store(
      target,
      v128.or(
        v128.or(i8x16.swizzle(red, first0), i8x16.swizzle(green, second0)),
        i8x16.swizzle(blue, third0),
      ),
    );
    v128.store(
      target,
      v128.or(
        v128.or(i8x16.swizzle(red, first1), i8x16.swizzle(green, second1)),
        i8x16.swizzle(blue, third1),
      ),
      16,
    );
    v128.store(
      target,
      v128.or(
        v128.or(i8x16.swizzle(red, first2), i8x16.swizzle(green, second2)),
        i8x16.swizzle(blue, third2),
      ),
      32,
    );
  }
}

/**
 * Rows `first` <= y < `first + rows` of a picture as RGB, from its planes, or of columns that begin at a whole unit.
 * `chromaWidth`, `chromaHeight`: samples of these, not of whole units; equal to the picture's where they are not halved. `scratch`: 4 bytes for every
 * sample of luma and 64 more. Writes up to 45 bytes beyond the last row.
 */
export function convertRows(
  luma: usize,
  lumaStride: usize,
  cb: usize,
  cr: usize,
  chromaStride: usize,
  chromaWidth: i32,
  chromaHeight: i32,
  width: i32,
  height: i32,
  first: i32,
  rows: i32,
  scratch: usize,
  target: usize,
): void {
  const sums = scratch + 16;
  const wideCb = sums + <usize>(2 * chromaWidth + 32);
  const wideCr = wideCb + <usize>(2 * chromaWidth + 16);
  for (let y = first; y < first + rows; y++, target += <usize>(3 * width)) {
    const halved = chromaHeight !== height;
    const row = halved ? y >> 1 : y;
    const near = chromaStride * row;
    const from = luma + lumaStride * y;
    if (chromaWidth === width) {
      colourRow(from, cb + near, cr + near, target, width);
      continue;
    }
    const other = halved ? max(0, min(chromaHeight - 1, row + ((y & 1) << 1) - 1)) : row;
    const far = chromaStride * other;
    doubleRow(cb + near, cb + far, halved, chromaWidth, sums, wideCb);
    doubleRow(cr + near, cr + far, halved, chromaWidth, sums, wideCr);
    colourRow(from, wideCb, wideCr, target, width);
  }
}
