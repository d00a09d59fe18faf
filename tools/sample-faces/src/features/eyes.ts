/** Eyes: socket shade, white, iris, pupil, catchlight, lids and lashes. The eye's centre is the landmark. */
import { parallax, type FaceParameters } from '../face-parameters.js';
import { band, moved, onSide, openCurve, type Point } from '../geometry.js';
import { mix } from '../palette.js';
import type { Sketch } from '../sketch.js';

export function drawEyes(sketch: Sketch, face: FaceParameters): void {
  for (const side of [-1, 1] as const) drawEye(sketch, face, side);
}

interface Lids {
  readonly upper: Point[]; // inner corner to outer corner
  readonly lower: Point[]; // outer corner to inner corner
}

/** For the right eye around the origin: the inner corner is on the left. */
function lids(face: FaceParameters): Lids {
  const { halfWidth: w, tilt, lid } = face.eyes;
  const smile = Math.max(0, face.mouth.smile);
  const up = face.eyes.halfHeight * (1 - 0.38 * lid);
  const low = face.eyes.halfHeight * (0.82 - 0.26 * smile);
  return {
    upper: [
      [-w, 3.5],
      [-w * 0.55, -up * 0.72],
      [0, -up],
      [w * 0.6, -up * 0.72 - tilt * 0.5],
      [w, -tilt],
    ],
    lower: [
      [w, -tilt],
      [w * 0.5, low * 0.78],
      [-w * 0.1, low],
      [-w * 0.7, low * 0.66 + 1],
      [-w, 3.5],
    ],
  };
}

function drawEye(sketch: Sketch, face: FaceParameters, side: 1 | -1): void {
  const { skin, iris: color, hair } = face.colors;
  const { halfWidth: w, iris: radius, gaze, lashes, shadow } = face.eyes;
  const place = (points: readonly Point[]) => moved(onSide(side, points), side * 50);
  const { upper, lower } = lids(face);
  const shape = band(place(upper), place(lower));
  const [x, y]: Point = [side * 50 + gaze[0] + parallax(face, 1.2), gaze[1]];

  sketch.soft([side * 47, -11], 38, skin.shade, 0.5, 0.62);
  if (shadow > 0) sketch.soft([side * 52, -10], 33, mix(hair.shade, [120, 50, 110], 0.5), shadow * 0.6, 0.5);

  sketch.path(shape, [246, 241, 236]);
  sketch.clipped(shape, () => {
    const ring = sketch.radial([x, y], radius, [
      [0, mix(color, [255, 236, 190], 0.35)],
      [0.55, color],
      [0.86, mix(color, [12, 10, 20], 0.35)],
      [1, mix(color, [12, 10, 20], 0.75)],
    ]); // prettier-ignore
    sketch.ellipse([x, y], radius, radius, ring);
    sketch.ellipse([x, y], radius * 0.47, radius * 0.47, [14, 10, 14]);
    // The upper lid throws its shadow on the ball.
    const drop = sketch.linear([0, -face.eyes.halfHeight], [0, 3], [
      [0, mix(skin.shade, [30, 16, 30], 0.5), 0.6],
      [1, skin.shade, 0],
    ]); // prettier-ignore
    sketch.path(shape, drop);
    const glint = Math.sign(face.light) * radius * 0.36;
    sketch.ellipse([x + glint, y - radius * 0.38], radius * 0.26, radius * 0.26, [255, 255, 255], 0.95);
    sketch.ellipse([x - glint, y + radius * 0.42], radius * 0.14, radius * 0.14, [255, 255, 255], 0.5);
  });

  const dark = mix(mix(hair.shade, skin.shade, 0.35), [20, 10, 14], 0.6);
  const thick = 2.6 + 2.4 * lashes;
  const liner = place(
    [...upper]
      .reverse()
      .map(([px, py], i): Point => [
        px + (i === 0 ? 2 + 3 * lashes : 0),
        py - (i === 0 ? 2.5 * lashes : i === 4 ? 0.4 : thick),
      ]),
  );
  sketch.path(band(place(upper), liner), dark);
  sketch.line(openCurve(place(lower.slice(0, 4))), { color: skin.shade, width: 1.5, opacity: 0.65 });

  const crease: Point[] = [
    [-w * 0.78, -7],
    [-w * 0.2, -face.eyes.halfHeight - 6.5],
    [w * 0.5, -face.eyes.halfHeight * 0.92 - 5.5],
    [w * 1.05, -6 - face.eyes.tilt],
  ];
  sketch.line(openCurve(place(crease)), { color: skin.shade, width: 2, opacity: 0.6 });
}
