/**
 * Halving an image: exact sums of 2x2 samples, kept for the next level, and the mean of all pixels under a sample
 * rounded to the nearest integer, halves to even. Rows of all channels lie one below the other. A level `depth` below
 * the image has sums of 4^depth pixels.
 */

/** Rounded mean of a sum of 2^shift pixels: adding half less one, or half where the quotient is odd. */
function mean(sum: u32, shift: u32): u32 {
  return (sum + (1 << (shift - 1)) - 1 + ((sum >> shift) & 1)) >> shift;
}

/** uint8 pixels, to uint16 sums of 4. `width`, `height`: of the smaller level. */
export function halve8(source: usize, sums: usize, stored: usize, width: i32, height: i32): void {
  const one = i16x8.splat(1);
  for (let y = 0; y < height; y++) {
    const upper = source + <usize>(4 * y * width);
    const lower = upper + <usize>(2 * width);
    let x = 0;
    for (; x + 16 <= width; x += 16) {
      const at = (<usize>x) << 1;
      const left = i16x8.add(
        i16x8.extadd_pairwise_i8x16_u(v128.load(upper + at)),
        i16x8.extadd_pairwise_i8x16_u(v128.load(lower + at)),
      );
      const right = i16x8.add(
        i16x8.extadd_pairwise_i8x16_u(v128.load(upper + at, 16)),
        i16x8.extadd_pairwise_i8x16_u(v128.load(lower + at, 16)),
      );
      v128.store(sums + at, left);
      v128.store(sums + at, right, 16);
      const odd = v128.and(i16x8.shr_u(left, 2), one);
      const odder = v128.and(i16x8.shr_u(right, 2), one);
      v128.store(
        stored + <usize>x,
        i8x16.narrow_i16x8_u(
          i16x8.shr_u(i16x8.add(i16x8.add(left, one), odd), 2),
          i16x8.shr_u(i16x8.add(i16x8.add(right, one), odder), 2),
        ),
      );
    }
    for (; x < width; x++) {
      const at = (<usize>x) << 1;
      const sum =
        <u32>load<u8>(upper + at) +
        <u32>load<u8>(upper + at, 1) +
        <u32>load<u8>(lower + at) +
        <u32>load<u8>(lower + at, 1);
      store<u16>(sums + at, <u16>sum);
      store<u8>(stored + <usize>x, <u8>mean(sum, 2));
    }
    sums += (<usize>width) << 1;
    stored += <usize>width;
  }
}

/** uint16 sums of 4 pixels to uint32 sums of 16. */
export function halve16(source: usize, sums: usize, stored: usize, width: i32, height: i32): void {
  const shift = 4;
  const below = i32x4.splat((1 << (shift - 1)) - 1);
  const one = i32x4.splat(1);
  for (let y = 0; y < height; y++) {
    const upper = source + <usize>(8 * y * width);
    const lower = upper + <usize>(4 * width);
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const at = (<usize>x) << 2;
      const sum = i32x4.add(
        i32x4.extadd_pairwise_i16x8_u(v128.load(upper + at)),
        i32x4.extadd_pairwise_i16x8_u(v128.load(lower + at)),
      );
      v128.store(sums + at, sum);
      const odd = v128.and(i32x4.shr_u(sum, shift), one);
      const rounded = i32x4.shr_u(i32x4.add(i32x4.add(sum, below), odd), shift);
      const words = i16x8.narrow_i32x4_s(rounded, rounded);
      v128.store32_lane(stored + <usize>x, i8x16.narrow_i16x8_u(words, words), 0);
    }
    for (; x < width; x++) {
      const at = (<usize>x) << 2;
      const sum =
        <u32>load<u16>(upper + at) +
        <u32>load<u16>(upper + at, 2) +
        <u32>load<u16>(lower + at) +
        <u32>load<u16>(lower + at, 2);
      store<u32>(sums + at, sum);
      store<u8>(stored + <usize>x, <u8>mean(sum, shift));
    }
    sums += (<usize>width) << 2;
    stored += <usize>width;
  }
}

/** uint32 sums to uint32 sums of 2^shift pixels: the small levels, together a 48th of the image. */
export function halve32(
  source: usize,
  sums: usize,
  stored: usize,
  width: i32,
  height: i32,
  shift: i32,
): void {
  const below = i32x4.splat((1 << (shift - 1)) - 1);
  const one = i32x4.splat(1);
  for (let y = 0; y < height; y++) {
    const upper = source + <usize>(16 * y * width);
    const lower = upper + <usize>(8 * width);
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const at = (<usize>x) << 3;
      const left = i32x4.add(v128.load(upper + at), v128.load(lower + at));
      const right = i32x4.add(v128.load(upper + at, 16), v128.load(lower + at, 16));
      const sum = i32x4.add(i32x4.shuffle(left, right, 0, 2, 4, 6), i32x4.shuffle(left, right, 1, 3, 5, 7));
      v128.store(sums + ((<usize>x) << 2), sum);
      const odd = v128.and(i32x4.shr_u(sum, shift), one);
      const rounded = i32x4.shr_u(i32x4.add(i32x4.add(sum, below), odd), shift);
      const words = i16x8.narrow_i32x4_s(rounded, rounded);
      v128.store32_lane(stored + <usize>x, i8x16.narrow_i16x8_u(words, words), 0);
    }
    for (; x < width; x++) {
      const at = (<usize>x) << 3;
      const sum =
        load<u32>(upper + at) + load<u32>(upper + at, 4) + load<u32>(lower + at) + load<u32>(lower + at, 4);
      store<u32>(sums + ((<usize>x) << 2), sum);
      store<u8>(stored + <usize>x, <u8>mean(sum, shift));
    }
    sums += (<usize>width) << 2;
    stored += <usize>width;
  }
}
