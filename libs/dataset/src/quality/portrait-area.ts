/**
 * Where in an aligned portrait the face is, and where in the source a portrait is.
 *
 * The alignment fixes eyes and mouth, so that the face, forehead to chin, fills about the same ellipse of every
 * portrait: what is measured there does not depend on hair, clothes and background.
 */
import type { PixelBox } from '../faces/image.js';

/** In shares of the portrait's side. */
const ellipse = { x: 0.5, y: 0.55, across: 0.29, down: 0.36 };

/** Tells whether a point, in pixels, lies in the face. */
export type InFace = (x: number, y: number) => boolean;

/** Of an aligned portrait, or of any picture's middle. */
export function faceOf(width: number, height: number): InFace {
  return (x, y) =>
    ((x / width - ellipse.x) / ellipse.across) ** 2 + ((y / height - ellipse.y) / ellipse.down) ** 2 <= 1;
}

/** Of a portrait that was cut from a picture with the given quad; `origin` is what is (0, 0) to the asker. */
export function faceInQuad(quad: ArrayLike<number>, origin: { left: number; top: number }): InFace {
  const [x0, y0] = [quad[0]!, quad[1]!];
  const [downX, downY] = [quad[2]! - x0, quad[3]! - y0];
  const [acrossX, acrossY] = [quad[6]! - x0, quad[7]! - y0];
  const area = acrossX * downY - acrossY * downX;
  const inPortrait = faceOf(1, 1);
  return (x, y) => {
    const [dx, dy] = [x + origin.left - x0, y + origin.top - y0];
    return inPortrait((dx * downY - dy * downX) / area, (acrossX * dy - acrossY * dx) / area);
  };
}

/** Side of the portrait in the source, pixels. */
export function quadSide(quad: ArrayLike<number>): number {
  return Math.hypot(quad[6]! - quad[0]!, quad[7]! - quad[1]!);
}

/** What of a width × height picture lies around the quad, at most `most` pixels a side about its middle. */
export function boxOfQuad(quad: ArrayLike<number>, width: number, height: number, most: number): PixelBox {
  const span = (values: readonly number[], end: number): [number, number] => {
    const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
    const low = Math.floor(Math.max(0, Math.min(...values), middle - most / 2));
    const high = Math.ceil(Math.min(end, Math.max(...values), middle + most / 2));
    return [low, Math.max(low, high)];
  };
  const [left, right] = span([quad[0]!, quad[2]!, quad[4]!, quad[6]!], width);
  const [top, bottom] = span([quad[1]!, quad[3]!, quad[5]!, quad[7]!], height);
  return { left, top, right, bottom };
}
