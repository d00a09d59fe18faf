/** Mouth from grim to laughing. Its corners are landmarks. */
import { parallax, type FaceParameters } from '../face-parameters.js';
import { band, closedCurve, moved, openCurve, type Point } from '../geometry.js';
import { mix } from '../palette.js';
import type { Sketch } from '../sketch.js';

const mouthDepth = 6;

export function mouthCorners(face: FaceParameters): [left: Point, right: Point] {
  const { y, halfWidth, smile } = face.mouth;
  const dx = parallax(face, mouthDepth);
  const cornerY = y - 6 * smile;
  return [
    [dx - halfWidth, cornerY],
    [dx + halfWidth, cornerY],
  ];
}

export function drawMouth(sketch: Sketch, face: FaceParameters): void {
  const { skin, lips } = face.colors;
  const { y, halfWidth: w, smile, open, fullness } = face.mouth;
  const dx = parallax(face, mouthDepth);
  const [[, corner]] = mouthCorners(face);
  const at = (points: readonly Point[]) => moved(points, dx);
  const up = 9 + 6 * fullness;
  const low = 11 + 10 * fullness;
  const gapTop = y + 2.5 * smile - open * 4;
  const gapLow = y + 3.5 * smile + open * 13;

  const lipTop: Point[] = [
    [-w, corner],
    [-w * 0.5, y - up * 0.62 - open * 3],
    [-w * 0.17, y - up - open * 4],
    [0, y - up * 0.78 - open * 4],
    [w * 0.17, y - up - open * 4],
    [w * 0.5, y - up * 0.62 - open * 3],
    [w, corner],
  ];
  const lineTop: Point[] = [
    [w, corner],
    [w * 0.5, gapTop - 1 - 0.5 * smile],
    [0, gapTop + 1],
    [-w * 0.5, gapTop - 1 - 0.5 * smile],
    [-w, corner],
  ];
  const lineLow: Point[] = [
    [-w, corner],
    [-w * 0.55, gapLow - 1 - 4 * open],
    [0, gapLow + 1],
    [w * 0.55, gapLow - 1 - 4 * open],
    [w, corner],
  ];
  const lipLow: Point[] = [
    [w, corner],
    [w * 0.56, gapLow + low * 0.62 - 3 * open],
    [0, gapLow + low],
    [-w * 0.56, gapLow + low * 0.62 - 3 * open],
    [-w, corner],
  ];

  sketch.soft([dx, gapLow + low + 7], 24, skin.shade, 0.55, 0.38);
  if (open > 0.05) drawInside(sketch, face, [...at(lineLow)], [...at(lineTop)]);

  const deep = mix(lips, [70, 12, 30], 0.42);
  sketch.path(band(at(lipTop), at(lineTop)), mix(lips, deep, 0.38));
  const lower = sketch.linear([dx, gapLow], [dx, gapLow + low], [
    [0, mix(lips, deep, 0.2)],
    [0.45, mix(lips, [255, 214, 206], 0.22)],
    [1, mix(lips, deep, 0.3)],
  ]); // prettier-ignore
  sketch.path(band(at(lineLow), at(lipLow)), lower);
  sketch.soft(
    [dx + Math.sign(face.light) * 7, gapLow + low * 0.5],
    13,
    [255, 240, 236],
    face.mouth.lipstick ? 0.65 : 0.4,
    0.34,
  );

  const seam = mix(deep, [40, 6, 16], 0.5);
  if (open <= 0.05) sketch.line(openCurve(at(lineTop)), { color: seam, width: 2.6, opacity: 0.9 });
  for (const s of [-1, 1] as const) sketch.ellipse([dx + s * w, corner], 2.8, 2.4, seam, 0.75);
  if (smile > 0.25) {
    for (const s of [-1, 1] as const) {
      const dimple: Point[] = [
        [dx + s * (w + 5), corner - 8],
        [dx + s * (w + 8), corner - 1],
        [dx + s * (w + 5), corner + 6],
      ];
      sketch.line(openCurve(dimple), { color: skin.shade, width: 2.2, opacity: 0.3 + 0.3 * smile });
    }
  }
}

function drawInside(sketch: Sketch, face: FaceParameters, low: Point[], top: Point[]): void {
  const { y, halfWidth: w, open, smile } = face.mouth;
  const dx = parallax(face, mouthDepth);
  const hole = band(low, top);
  sketch.path(hole, [74, 16, 26]);
  sketch.clipped(hole, () => {
    sketch.ellipse([dx, y + 3.5 * smile + 15 * open], w * 0.5, 7, [196, 84, 88]);
    const teeth: Point[] = [
      [dx - w * 0.92, y - 12],
      [dx + w * 0.92, y - 12],
      [dx + w * 0.86, y + 2 + 2 * smile],
      [dx, y + 5 + 3.2 * smile + 2.5 * open],
      [dx - w * 0.86, y + 2 + 2 * smile],
    ];
    sketch.path(closedCurve(teeth), [250, 246, 238]);
  });
}
