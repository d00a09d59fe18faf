/** A contact sheet: images of a dataset side by side, so that people can look at what they have. */
import sharp from 'sharp';
import { levelOf, levelSizes, type ImageSize } from '../records/image-size.js';
import { imageLevels } from '../records/levels.js';

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

export const sheetName = 'sheet.png';

/** The sheet of a dataset shows its first records: of a shuffled one a random sample. */
const shownImages = 96;
const columns = 12;
const largestSide = 128;

/** The sheet that lies in the folder of a dataset: its first images at the largest level that fits a cell. */
export class DatasetSheet {
  readonly #shown: Uint8Array[] = [];
  readonly #cell: { readonly place: number; readonly size: ImageSize };

  constructor(
    private readonly size: ImageSize, // of the images
    private readonly channels: 1 | 3,
  ) {
    const sizes = levelSizes(size)!;
    const place = sizes.findIndex(({ width, height }) => Math.max(width, height) <= largestSide);
    this.#cell = { place, size: sizes[place]! };
  }

  /** Number of the level that is shown. */
  get level(): number {
    return levelOf(this.#cell.size);
  }

  get full(): boolean {
    return this.#shown.length === shownImages;
  }

  /** The next image, uint8 CHW of the full size; what does not fit any more is ignored. */
  add(image: Uint8Array): void {
    if (this.full) return;
    // A copy: the level may be the image itself, whose memory is used again.
    this.#shown.push(new Uint8Array(imageLevels(image, this.channels, this.size)[this.#cell.place]!));
  }

  /** As `add`, of an image at `level`. */
  addShown(image: Uint8Array): void {
    if (!this.full) this.#shown.push(image);
  }

  /** PNG. */
  draw(): Promise<Buffer> {
    const sheet = { columns: Math.min(columns, this.#shown.length), channels: this.channels };
    return contactSheet(Buffer.concat(this.#shown), { ...sheet, ...this.#cell.size });
  }
}
