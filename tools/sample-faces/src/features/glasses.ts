import { parallax, type FaceParameters, type GlassesShape } from '../face-parameters.js';
import { closedCurve, moved, onSide, openCurve, type Point } from '../geometry.js';
import { mix, type Rgb } from '../palette.js';
import type { Sketch } from '../sketch.js';

/** Right lens around its middle. */
const LENSES: Record<GlassesShape, readonly Point[]> = {
  round: [
    [0, -31], [22, -22], [32, 1], [22, 24], [0, 32], [-22, 24], [-31, 1], [-22, -22],
  ],
  square: [
    [-30, -23], [0, -26], [31, -25], [37, -18], [34, 14], [25, 25], [0, 27], [-25, 24], [-32, 12], [-34, -16],
  ],
  wide: [
    [-32, -16], [0, -21], [34, -26], [43, -22], [36, 6], [22, 21], [-4, 23], [-27, 17], [-35, 2],
  ],
  sun: [
    [-30, -22], [0, -25], [34, -25], [39, -15], [34, 16], [16, 30], [-10, 28], [-28, 14], [-34, -12],
  ],
}; // prettier-ignore

export function drawGlasses(sketch: Sketch, face: FaceParameters): void {
  const shape = face.glasses;
  if (!shape) return;
  const frame = face.colors.accent;
  const dx = parallax(face, 6);
  const width = shape === 'round' ? 4.2 : shape === 'wide' ? 6.5 : 5.2;
  for (const side of [-1, 1] as const) {
    const outline = closedCurve(moved(onSide(side, LENSES[shape]), side * 51 + dx, 2));
    drawLens(sketch, face, outline, side);
    sketch.line(outline, { color: frame, width });
    const temple: Point[] = [
      [side * 84 + dx, -10],
      [side * (face.head.halfWidth + 1) + parallax(face, -14), -8],
    ];
    sketch.line(openCurve(temple), { color: mix(frame, [0, 0, 0], 0.3), width });
  }
  const bridge: Point[] = [
    [-20 + dx, -3],
    [dx * 1.2, -9],
    [20 + dx, -3],
  ];
  sketch.line(openCurve(bridge), { color: frame, width });
}

function drawLens(sketch: Sketch, face: FaceParameters, outline: string, side: 1 | -1): void {
  const x = side * 51;
  const glass: Rgb = [226, 240, 255];
  if (face.glasses === 'sun') {
    const tint = sketch.linear([0, -26], [0, 32], [
      [0, [22, 18, 26], 0.94],
      [1, mix(face.colors.accent, [90, 60, 50], 0.6), 0.86],
    ]); // prettier-ignore
    sketch.path(outline, tint);
  }
  const glare = sketch.linear([x - 26, -26], [x + 24, 28], [
    [0, glass, 0.34],
    [0.38, glass, 0.08],
    [0.5, glass, 0.2],
    [0.62, glass, 0.02],
    [1, glass, 0.12],
  ]); // prettier-ignore
  sketch.path(outline, glare);
}
