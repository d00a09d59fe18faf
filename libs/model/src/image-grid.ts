/** Pictures of many samples at once, as raw bytes; encoding them is the caller's business. */
import { roundHalfEven } from './format-time.js';
import type { ImageShape } from './image-shape.js';

/** 8-bit pixels, rows from the top, channels interleaved (1 gray or 3 RGB). */
export interface ImageGrid {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** Cells of a grid. */
export interface GridSize {
  readonly columns: number;
  readonly rows: number;
}

/** Same-sized images, NHWC. */
export interface ImageBatch {
  readonly data: Uint8Array;
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

const screens = {
  '1080p': { width: 1920, height: 1080, least: { columns: 3, rows: 2 } },
  '4k': { width: 3840, height: 2160, least: { columns: 7, rows: 4 } },
} as const;

/** How many images fit a screen, at least a few and at most 32 either way (facts section 4). */
export function snapshotGridSize(size: '1080p' | '4k' | GridSize, image: ImageShape): GridSize {
  if (typeof size !== 'string') return size;
  const { width, height, least } = screens[size];
  const fit = (length: number, side: number, low: number) =>
    Math.min(Math.max(Math.floor(length / side), low), 32);
  return {
    columns: fit(width, image.width, least.columns),
    rows: fit(height, image.height, least.rows),
  };
}

/** Row by row from the top left; cells without an image stay black. */
export function assembleGrid(images: ImageBatch, { columns, rows }: GridSize): ImageGrid {
  const { channels } = images;
  const [width, height] = [columns * images.width, rows * images.height];
  const data = new Uint8Array(width * height * channels);
  const line = images.width * channels;
  for (let i = 0; i < Math.min(images.count, columns * rows); i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    for (let y = 0; y < images.height; y++) {
      const source = (i * images.height + y) * line;
      const target = ((row * images.height + y) * width + column * images.width) * channels;
      data.set(images.data.subarray(source, source + line), target);
    }
  }
  return { data, width, height, channels };
}

/** Network values in about [-1, 1] to bytes: x * 127.5 + 127.5, half to even, saturated (facts 2). */
export function valuesToBytes(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < bytes.length; i++) {
    const value = Math.fround(Math.fround((values[i] as number) * 127.5) + 127.5);
    bytes[i] = Math.min(Math.max(roundHalfEven(value), 0), 255);
  }
  return bytes;
}

/** Bytes NHWC to NCHW, as datasets have them. */
export function toChannelsFirst({ data, count, width, height, channels }: ImageBatch): Uint8Array {
  const plane = width * height;
  const planes = new Uint8Array(data.length);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) {
      const target = (i * channels + c) * plane;
      for (let p = 0; p < plane; p++) {
        planes[target + p] = data[(i * plane + p) * channels + c] as number;
      }
    }
  }
  return planes;
}

/** Bytes NCHW, as readers deliver them, to NHWC. */
export function toChannelsLast(bytes: Uint8Array, channels: number, shape: ImageShape): ImageBatch {
  const { width, height } = shape;
  const plane = width * height;
  const count = bytes.length / (plane * channels);
  const data = new Uint8Array(bytes.length);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) {
      const source = (i * channels + c) * plane;
      for (let p = 0; p < plane; p++) {
        data[(i * plane + p) * channels + c] = bytes[source + p] as number;
      }
    }
  }
  return { data, count, width, height, channels };
}
