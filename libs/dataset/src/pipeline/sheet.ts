/** A contact sheet: images of a dataset side by side, so that people can look at what they have. */
import sharp from 'sharp';

export interface SheetOptions {
  readonly columns: number;
  readonly width: number; // of one image, pixels
  readonly height: number;
  readonly channels: number; // 1 or 3
}

/** `images`: uint8 NCHW. Returns a PNG; cells without an image stay dark. */
export async function contactSheet(images: Uint8Array, options: SheetOptions): Promise<Buffer> {
  const { columns, channels } = options;
  const plane = options.width * options.height;
  const count = images.length / (channels * plane);
  const rows = Math.ceil(count / columns);
  const width = columns * options.width;
  const height = rows * options.height;
  const pixels = Buffer.alloc(width * height * 3, 24);
  for (let i = 0; i < count; i++) {
    const left = (i % columns) * options.width;
    const top = Math.floor(i / columns) * options.height;
    for (let y = 0; y < options.height; y++) {
      for (let x = 0; x < options.width; x++) {
        const to = ((top + y) * width + left + x) * 3;
        const from = i * channels * plane + y * options.width + x;
        for (let c = 0; c < 3; c++) pixels[to + c] = images[from + (channels === 3 ? c * plane : 0)]!;
      }
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
