/** Pictures turned by quarters, and points turned back. */

export interface Pixels {
  readonly data: Uint8ClampedArray; // RGBA
  readonly width: number;
  readonly height: number;
}

/** Quarters to the left that bring a line of this direction (radians, y down) nearest to pointing right. */
export function quartersOf(direction: number): 0 | 1 | 2 | 3 {
  return (((Math.round(direction / (Math.PI / 2)) % 4) + 4) % 4) as 0 | 1 | 2 | 3;
}

/** The picture, turned to the left by quarters. */
export function turnLeft({ data, width, height }: Pixels, quarters: 0 | 1 | 2 | 3): Pixels {
  if (quarters === 0) return { data, width, height };
  // A copy, for the bytes may lie anywhere and whole pixels are to be moved.
  const from = new Uint32Array(data.slice().buffer);
  const to = new Uint32Array(from.length);
  const [turnedWidth, turnedHeight] = quarters === 2 ? [width, height] : [height, width];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (quarters === 2) to[to.length - 1 - i] = from[i]!;
      else if (quarters === 1) to[(width - 1 - x) * turnedWidth + y] = from[i]!;
      else to[x * turnedWidth + (height - 1 - y)] = from[i]!;
    }
  }
  return { data: new Uint8ClampedArray(to.buffer), width: turnedWidth, height: turnedHeight };
}

/** Points x0, y0, … of the turned picture in that before the turn, of which `width` and `height` are. */
export function turnBack(
  points: ArrayLike<number>,
  quarters: 0 | 1 | 2 | 3,
  { width, height }: { readonly width: number; readonly height: number },
): Float64Array {
  const back = Float64Array.from(points);
  for (let i = 0; i < back.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!];
    if (quarters === 1) [back[i], back[i + 1]] = [width - y, x];
    else if (quarters === 2) [back[i], back[i + 1]] = [width - x, height - y];
    else if (quarters === 3) [back[i], back[i + 1]] = [y, height - x];
  }
  return back;
}
