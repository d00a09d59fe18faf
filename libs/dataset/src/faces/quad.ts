/**
 * Where the square portrait lies in the picture (facts 7.4, steps 1-3). Landmarks and quad are float32 as in the
 * official tool, so that floors and ceilings of the later steps fall on the same side.
 */
import { DatasetError } from '../errors.js';
import { LANDMARK } from './landmarks.js';

const f = Math.fround;

/** Corners x0, y0, … in the order top-left, bottom-left, bottom-right, top-right; pixels, float32. */
export type Quad = Float32Array;

export interface OrientedQuad {
  readonly quad: Quad;
  readonly center: readonly [number, number]; // middle of the quad, pixels
  readonly zoom: number; // output pixels per picture pixel: outputSize / (2 |x|); above 1 the face is enlarged
}

/**
 * The quad of a portrait, from five points in LANDMARK order (pixels of the upright picture).
 *
 * @throws DatasetError 'landmarks-unusable' when a point is not finite or the points coincide.
 */
export function computeQuad(points: ArrayLike<number>, options: { outputSize: number }): OrientedQuad {
  const p = Float32Array.from(points);
  if (p.length !== 10 || !p.every(Number.isFinite)) {
    throw new DatasetError(
      'landmarks-unusable',
      `Landmarks must be 5 finite points (10 numbers), got ${p.length} numbers: ${[...p].join(' ')}.`,
    );
  }
  const at = (point: number, axis: 0 | 1) => p[point * 2 + axis]!;
  const middle = (a: number, b: number, axis: 0 | 1) => f(f(f(at(a, axis) + at(b, axis)) * 0.5) + 0.5);
  const eyeX = middle(LANDMARK.leftEye, LANDMARK.rightEye, 0);
  const eyeY = middle(LANDMARK.leftEye, LANDMARK.rightEye, 1);
  const eyeToEyeX = f(at(LANDMARK.rightEye, 0) - at(LANDMARK.leftEye, 0));
  const eyeToEyeY = f(at(LANDMARK.rightEye, 1) - at(LANDMARK.leftEye, 1));
  const eyeToMouthX = f(middle(LANDMARK.leftMouth, LANDMARK.rightMouth, 0) - eyeX);
  const eyeToMouthY = f(middle(LANDMARK.leftMouth, LANDMARK.rightMouth, 1) - eyeY);

  // x = e2e - rot90(e2m), rot90(v) = (-v_y, v_x): half of the quad's width, then of its height.
  let xx = f(eyeToEyeX + eyeToMouthY);
  let xy = f(eyeToEyeY - eyeToMouthX);
  const norm = f(Math.hypot(xx, xy));
  const size = f(
    Math.max(Math.hypot(eyeToEyeX, eyeToEyeY) * 2.0, Math.hypot(eyeToMouthX, eyeToMouthY) * 1.8),
  );
  if (!(norm > 0)) {
    throw new DatasetError(
      'landmarks-unusable',
      `The eyes and the mouth give no direction for a portrait: points ${[...p].join(' ')}.`,
    );
  }
  xx = f(f(xx / norm) * size);
  xy = f(f(xy / norm) * size);
  const yx = -xy;
  const yy = xx;
  const cx = f(eyeX + f(eyeToMouthX * f(0.1)));
  const cy = f(eyeY + f(eyeToMouthY * f(0.1)));
  const quad = Float32Array.of(
    f(cx - xx) - yx,
    f(cy - xy) - yy,
    f(cx - xx) + yx,
    f(cy - xy) + yy,
    f(cx + xx) + yx,
    f(cy + xy) + yy,
    f(cx + xx) - yx,
    f(cy + xy) - yy,
  );
  return { quad, center: [cx, cy], zoom: options.outputSize / (2 * f(Math.hypot(xx, xy))) };
}

/** Smallest box of whole pixels around the quad: [left, top, right, bottom]. */
export function quadBounds(quad: Quad): [number, number, number, number] {
  const xs = [quad[0]!, quad[2]!, quad[4]!, quad[6]!];
  const ys = [quad[1]!, quad[3]!, quad[5]!, quad[7]!];
  return [
    Math.floor(Math.min(...xs)),
    Math.floor(Math.min(...ys)),
    Math.ceil(Math.max(...xs)),
    Math.ceil(Math.max(...ys)),
  ];
}

/** The quad moved by (dx, dy), in float32. */
export function shiftQuad(quad: Quad, dx: number, dy: number): Quad {
  return quad.map((v, i) => v + (i % 2 === 0 ? dx : dy));
}

/** The quad multiplied by `factor`, in float32. */
export function scaleQuad(quad: Quad, factor: number): Quad {
  return quad.map((v) => v * factor);
}
