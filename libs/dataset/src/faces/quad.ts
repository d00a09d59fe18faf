/**
 * Where the square portrait lies in the picture (facts 7.4, steps 1-3), in two published ways, both from the middle of
 * the eyes and the middle of the mouth:
 *
 * - CelebA-HQ adds half a pixel to both middles and calculates in float32, as its tool does, so that floors and ceilings
 *   of the later steps fall on the same side.
 * - FFHQ adds nothing and calculates in float64. It knows 68 points: its eyes are means of six each, its mouth corners the
 *   same as here. Of five points the eyes are single ones, so that a portrait lies as exactly as these do in the middle
 *   of the eyes.
 *
 * With the half pixel that the warp adds later (warp.ts), a point at p stands for the place p + 1 from the picture's
 * corner in CelebA-HQ, for p + 0.5, the centre of pixel p, in FFHQ.
 */
import { DatasetError } from '../errors.js';
import { LANDMARK } from './landmarks.js';

export type QuadKind = 'celeba-hq' | 'ffhq';

/** Corners x0, y0, … in the order top-left, bottom-left, bottom-right, top-right; pixels. */
export type Quad = Float32Array | Float64Array;

export interface OrientedQuad {
  readonly quad: Quad; // float32 for CelebA-HQ, float64 for FFHQ
  readonly center: readonly [number, number]; // middle of the quad, pixels
  readonly zoom: number; // output pixels per picture pixel: outputSize / (2 |x|); above 1 the face is enlarged
}

export interface QuadOptions {
  readonly outputSize: number;
  readonly quad?: QuadKind; // default celeba-hq
}

interface Convention {
  readonly round: (value: number) => number; // after every operation
  readonly shift: number; // of the middles, in pixels
  readonly array: typeof Float32Array | typeof Float64Array;
}

const conventions: Readonly<Record<QuadKind, Convention>> = {
  'celeba-hq': { round: Math.fround, shift: 0.5, array: Float32Array },
  ffhq: { round: (value) => value, shift: 0, array: Float64Array },
};

/**
 * The quad of a portrait, from five points in LANDMARK order (pixels of the upright picture).
 *
 * @throws DatasetError 'landmarks-unusable' when a point is not finite or the points coincide.
 */
export function computeQuad(points: ArrayLike<number>, options: QuadOptions): OrientedQuad {
  const { round: f, shift, array } = conventions[options.quad ?? 'celeba-hq'];
  const p = array.from(points);
  if (p.length !== 10 || !p.every(Number.isFinite)) {
    throw new DatasetError(
      'landmarks-unusable',
      `Landmarks must be 5 finite points (10 numbers), got ${p.length} numbers: ${[...p].join(' ')}.`,
    );
  }
  const at = (point: number, axis: 0 | 1) => p[point * 2 + axis]!;
  const middle = (a: number, b: number, axis: 0 | 1) => f(f(f(at(a, axis) + at(b, axis)) * 0.5) + shift);
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
  const quad = array.of(
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

/** The quad moved by (dx, dy), in its own precision. */
export function shiftQuad(quad: Quad, dx: number, dy: number): Quad {
  return quad.map((v, i) => v + (i % 2 === 0 ? dx : dy));
}

/** The quad multiplied by `factor`, in its own precision. */
export function scaleQuad(quad: Quad, factor: number): Quad {
  return quad.map((v) => v * factor);
}
