/** A contact sheet: images of a dataset side by side, so that people can look at what they have. */
import sharp from 'sharp';

export interface SheetOptions {
  readonly columns: number;
  readonly side: number; // of one image, pixels
  readonly channels: number; // 1 or 3
}

/** `images`: uint8 NCHW. Returns a PNG; cells without an image stay dark. */
export async function contactSheet(images: Uint8Array, options: SheetOptions): Promise<Buffer> {
  const { columns, side, channels } = options;
  const plane = side * side;
  const count = images.length / (channels * plane);
  const rows = Math.ceil(count / columns);
  const width = columns * side;
  const pixels = Buffer.alloc(width * rows * side * 3, 24);
  for (let i = 0; i < count; i++) {
    const left = (i % columns) * side;
    const top = Math.floor(i / columns) * side;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const to = ((top + y) * width + left + x) * 3;
        const from = i * channels * plane + y * side + x;
        for (let c = 0; c < 3; c++) pixels[to + c] = images[from + (channels === 3 ? c * plane : 0)]!;
      }
    }
  }
  return sharp(pixels, { raw: { width, height: rows * side, channels: 3 } })
    .png()
    .toBuffer();
}
