/** Parts of a picture to look at one by one. */
import type { Pixels } from './turn.js';

export interface Part {
  readonly x: number; // of the left upper corner
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Size = Pick<Pixels, 'width' | 'height'>;

const fractions = [2, 4]; // a tile's side is the picture's longer side by this
const leastSide = 96; // pixels; what is found in smaller tiles is too small for a portrait

/** First pixels of tiles that cover a length, each at least half over the one before, the last one at the end. */
function starts(length: number, side: number): number[] {
  const room = Math.max(0, length - side);
  const steps = Math.ceil(room / (side / 2));
  return Array.from({ length: steps + 1 }, (_, i) => (i === 0 ? 0 : Math.round((i * room) / steps)));
}

/** Squares that overlap by half and more, the larger ones first, row by row: 58 at most. Narrow pictures cut them. */
export function tilesOf({ width, height }: Size): Part[] {
  return fractions
    .map((fraction) => Math.ceil(Math.max(width, height) / fraction))
    .filter((side) => side >= leastSide)
    .flatMap((side) => {
      const size = { width: Math.min(side, width), height: Math.min(side, height) };
      return starts(height, side).flatMap((y) => starts(width, side).map((x) => ({ x, y, ...size })));
    });
}

/** The square about a point that lies in the picture, moved and cut where it would reach beyond. Pixels. */
export function squareAround(centre: readonly [x: number, y: number], side: number, picture: Size): Part {
  const along = (middle: number, limit: number) => {
    const length = Math.max(1, Math.min(Math.round(side), limit));
    return { length, start: Math.max(0, Math.min(Math.round(middle - length / 2), limit - length)) };
  };
  const [across, down] = [along(centre[0], picture.width), along(centre[1], picture.height)];
  return { x: across.start, y: down.start, width: across.length, height: down.length };
}

/** A copy of the part. */
export function cutOut(picture: Pixels, { x, y, width, height }: Part): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * picture.width + x) * 4;
    data.set(picture.data.subarray(from, from + width * 4), row * width * 4);
  }
  return { data, width, height };
}
