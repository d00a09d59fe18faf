/** Simple measures of an aligned picture and of where it came from. */
import type { RgbImage } from '../faces/image.js';
import { reducedLuma } from '../kernels/luma.js';
import type { FaceQuality } from '../quality/face-quality.js';

/** Those of `FaceQuality` are known of faces only. */
export interface PictureScores extends Partial<FaceQuality> {
  readonly eyeDistance: number | null; // source pixels; null without landmarks
  readonly faceSize: number; // side of the portrait in the source, pixels
  readonly enlarged: number; // output pixels per source pixel
  readonly outside: number; // share of the portrait's area outside the picture, 0…1
  readonly sharpness: number; // see sharpness()
}

/** Area of a polygon of corners x0, y0, x1, y1, … */
function area(corners: readonly number[]): number {
  let twice = 0;
  for (let i = 0; i < corners.length; i += 2) {
    const j = (i + 2) % corners.length;
    twice += corners[i]! * corners[j + 1]! - corners[j]! * corners[i + 1]!;
  }
  return Math.abs(twice) / 2;
}

/** Keeps the part of a convex polygon where `inside` is not negative (Sutherland and Hodgman). */
function clip(corners: readonly number[], inside: (x: number, y: number) => number): number[] {
  const kept: number[] = [];
  for (let i = 0; i < corners.length; i += 2) {
    const j = (i + 2) % corners.length;
    const [x0, y0, x1, y1] = [corners[i]!, corners[i + 1]!, corners[j]!, corners[j + 1]!];
    const [a, b] = [inside(x0, y0), inside(x1, y1)];
    if (a >= 0) kept.push(x0, y0);
    if (a >= 0 !== b >= 0) {
      const t = a / (a - b);
      kept.push(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t);
    }
  }
  return kept;
}

/** Share of the quad's area that lies outside a picture of width × height, 0…1. */
export function outsideShare(quad: ArrayLike<number>, width: number, height: number): number {
  const whole = Array.from(quad);
  let inside = clip(whole, (x) => x);
  inside = clip(inside, (x) => width - x);
  inside = clip(inside, (_, y) => y);
  inside = clip(inside, (_, y) => height - y);
  return Math.min(1, Math.max(0, 1 - area(inside) / area(whole)));
}

/** Sharpness is measured on pictures reduced until their larger side is at most this. */
const measuredSide = 128;

/**
 * Strength of fine detail relative to contrast, in percent: root mean square of the 4-neighbour
 * Laplacian of the luma over 4 times its standard deviation, in the middle three quarters of the
 * picture. At 64×64: 2 to 4 for visibly blurred faces of the sample, 8 to 35 for portrait photographs
 * and the sample's clean pictures. Noise and JPEG blocks raise it.
 */
export function sharpness(image: RgbImage): number {
  const { data: luma, width, height } = reducedLuma(image, measuredSide);
  const margin = (side: number) => Math.max(1, Math.floor(side / 8));
  const [left, top] = [margin(width), margin(height)];
  let [sum, square, detail, count] = [0, 0, 0, 0];
  for (let y = top; y < height - top; y++) {
    for (let x = left; x < width - left; x++) {
      const at = y * width + x;
      const value = luma[at]!;
      const laplacian = 4 * value - luma[at - 1]! - luma[at + 1]! - luma[at - width]! - luma[at + width]!;
      sum += value;
      square += value * value;
      detail += laplacian * laplacian;
      count++;
    }
  }
  if (count === 0) return 0;
  const variance = square / count - (sum / count) ** 2;
  // One grey level of contrast is nothing to measure detail against.
  return (100 * Math.sqrt(detail / count)) / (4 * Math.max(1, Math.sqrt(Math.max(0, variance))));
}
