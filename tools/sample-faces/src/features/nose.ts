/** Nose: one shaded flank, the wings, nostrils, and a highlight. The tip is the landmark. */
import { parallax, type FaceParameters } from '../face-parameters.js';
import { band, moved, onSide, openCurve, type Point } from '../geometry.js';
import { mix } from '../palette.js';
import type { Sketch } from '../sketch.js';

/** How far the tip stands before the plane of the eyes. */
export const noseDepth = 11;

export function noseTip(face: FaceParameters): Point {
  return [parallax(face, noseDepth), face.nose.tipY];
}

export function drawNose(sketch: Sketch, face: FaceParameters): void {
  const { skin } = face.colors;
  const { halfWidth: w, bridge } = face.nose;
  const [tipX, tipY] = noseTip(face);
  const dark = -Math.sign(face.light) as 1 | -1;
  const deep = mix(skin.shade, [50, 10, 16], 0.45);

  const flank = sketch.linear([0, -24], [0, tipY + 8], [
    [0, skin.shade, 0.1],
    [0.35, skin.shade, 0.42],
    [1, skin.shade, 0.62],
  ]); // prettier-ignore
  const ridge: Point[] = [
    [8, -26],
    [7 * bridge + tipX * 0.3 * dark, 12],
    [7 + tipX * 0.7 * dark, tipY - 16],
    [5 + tipX * dark, tipY - 1],
    [8 + tipX * dark, tipY + 9],
  ];
  const wall: Point[] = [
    [w + tipX * 0.8 * dark, tipY + 8],
    [w + 1 + tipX * 0.8 * dark, tipY - 6],
    [13 + tipX * 0.5 * dark, tipY - 26],
    [13, 4],
    [20, -24],
  ];
  sketch.path(band(onSide(dark, ridge), onSide(dark, wall)), flank);

  // Shadow below, then the underside with its nostrils.
  sketch.soft([tipX * 0.8, tipY + 15], w * 1.15, skin.shade, 0.6, 0.42);
  for (const s of [-1, 1] as const) {
    const wing: Point[] = [
      [w * 0.8, tipY - 11],
      [w + 1.5, tipY - 2],
      [w * 0.92, tipY + 8],
      [w * 0.55, tipY + 9.5],
    ];
    sketch.line(openCurve(moved(onSide(s, wing), tipX * 0.85)), {
      color: deep,
      width: 2.4,
      opacity: s === dark ? 0.6 : 0.42,
    });
    sketch.ellipse([tipX * 0.9 + s * w * 0.47, tipY + 8.5], w * 0.24, 2.9, deep, 0.85);
  }
  const base: Point[] = [
    [-w * 0.2, tipY + 10.5],
    [0, tipY + 12.5],
    [w * 0.2, tipY + 10.5],
  ];
  sketch.line(openCurve(moved(base, tipX * 0.9)), { color: deep, width: 2, opacity: 0.5 });

  const lit = Math.sign(face.light);
  sketch.soft(
    [tipX + lit * 3, tipY - 5],
    12,
    mix(skin.light, [255, 255, 255], 0.35),
    0.85 - 0.4 * face.colors.skinDepth,
  );
  sketch.soft([tipX * 0.4 + lit * 2, 14], 24, skin.light, 0.6 * bridge, 1.5);
}
