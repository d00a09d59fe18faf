/** RGBRGB... to R..., G..., B...; `target` planes lie `pixels` bytes apart. */
export function splitPlanes(source: usize, target: usize, pixels: usize): void {
  const red0 = i8x16(0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  const red1 = i8x16(-1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14, -1, -1, -1, -1, -1);
  const red2 = i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 4, 7, 10, 13);
  const green0 = i8x16(1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  const green1 = i8x16(-1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1);
  const green2 = i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14);
  const blue0 = i8x16(2, 5, 8, 11, 14, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  const blue1 = i8x16(-1, -1, -1, -1, -1, 1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1);
  const blue2 = i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15);
  const green = target + pixels;
  const blue = green + pixels;
  let i: usize = 0;
  for (; i + 16 <= pixels; i += 16, source += 48) {
    const a = v128.load(source);
    const b = v128.load(source, 16);
    const c = v128.load(source, 32);
    v128.store(
      target + i,
      v128.or(v128.or(i8x16.swizzle(a, red0), i8x16.swizzle(b, red1)), i8x16.swizzle(c, red2)),
    );
    v128.store(
      green + i,
      v128.or(v128.or(i8x16.swizzle(a, green0), i8x16.swizzle(b, green1)), i8x16.swizzle(c, green2)),
    );
    v128.store(
      blue + i,
      v128.or(v128.or(i8x16.swizzle(a, blue0), i8x16.swizzle(b, blue1)), i8x16.swizzle(c, blue2)),
    );
  }
  for (; i < pixels; i++, source += 3) {
    store<u8>(target + i, load<u8>(source));
    store<u8>(green + i, load<u8>(source, 1));
    store<u8>(blue + i, load<u8>(source, 2));
  }
}
