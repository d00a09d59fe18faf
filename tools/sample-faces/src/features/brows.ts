import { parallax, type FaceParameters } from '../face-parameters.js';
import { band, moved, onSide, type Point } from '../geometry.js';
import type { Sketch } from '../sketch.js';

/** Tapered from a soft inner end over the arch to a thin tail. */
export function drawBrows(sketch: Sketch, face: FaceParameters): void {
  const { y, thickness: t, arch, frown } = face.brows;
  const lift = -3.5 * Math.max(0, face.mouth.open - 0.4);
  const top: Point[] = [
    [21, y + frown - t * 0.35 + lift],
    [42, y - arch * 0.8 - t * 0.5 + lift],
    [63, y - arch - t * 0.4 - frown * 0.4 + lift],
    [84, y + 6 - frown + lift],
  ];
  const bottom: Point[] = [
    [84, y + 6 - frown + lift],
    [63, y - arch + t * 0.42 - frown * 0.4 + lift],
    [42, y - arch * 0.8 + t * 0.6 + lift],
    [22, y + frown + t * 0.6 + lift],
  ];
  for (const side of [-1, 1] as const) {
    const dx = parallax(face, 2);
    sketch.path(band(moved(onSide(side, top), dx), moved(onSide(side, bottom), dx)), face.colors.brows, 0.92);
  }
}
