/** An 8-bit RGB picture in memory, rows from the top, pixels interleaved (height x width x 3, 0..255). */
export interface RgbImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
}

export function rgbImage(
  width: number,
  height: number,
  data: Uint8Array = new Uint8Array(width * height * 3),
): RgbImage {
  if (data.length !== width * height * 3) {
    throw new RangeError(
      `A ${width}x${height} RGB picture needs ${width * height * 3} bytes, got ${data.length}.`,
    );
  }
  return { data, width, height, channels: 3 };
}

/** Pixels of a picture; right and bottom are exclusive. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const wholeOf = ({ width, height }: { width: number; height: number }): PixelBox => ({
  left: 0,
  top: 0,
  right: width,
  bottom: height,
});
