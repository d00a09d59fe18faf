/** Head outline, skin shading, ears. */
import { Dice } from '../dice.js';
import { parallax, type FaceParameters } from '../face-parameters.js';
import { circle, closedCurve, moved, onSide, openCurve, type Point } from '../geometry.js';
import { mix } from '../palette.js';
import type { Sketch } from '../sketch.js';

const outlineDepth = -12;

/** Right half of the outline, top to chin, without the two points on the axis. */
export function headHalf(face: FaceParameters): Point[] {
  const { halfWidth: w, top, jaw, chin, chinY } = face.head;
  return [
    [0.58 * w, top + 14],
    [0.91 * w, top + 51],
    [w, -28],
    [0.985 * w, 28],
    [(0.5 * jaw + 0.46) * w, 72],
    [jaw * w, 112],
    [(0.42 * jaw + 0.58 * chin) * w, chinY - 22],
    [chin * w * 0.62, chinY - 3],
  ];
}

export function headOutline(face: FaceParameters): Point[] {
  const half = headHalf(face);
  const all: Point[] = [
    [0, face.head.top],
    ...half,
    [0, face.head.chinY],
    ...half.map(([x, y]): Point => [-x, y]).reverse(),
  ];
  return moved(all, parallax(face, outlineDepth));
}

export function drawHead(sketch: Sketch, face: FaceParameters): void {
  const { skin } = face.colors;
  const { halfWidth: w, chinY } = face.head;
  const side = Math.sign(face.light);
  const outline = closedCurve(headOutline(face));
  const paint = sketch.linear([side * w, -60], [-side * w, 50], [
    [0, mix(skin.base, skin.light, 0.55)],
    [0.42, skin.base],
    [0.72, mix(skin.base, skin.shade, 0.3)],
    [1, mix(skin.base, skin.shade, 0.72)],
  ]); // prettier-ignore
  sketch.path(outline, paint);
  sketch.clipped(outline, () => {
    sketch.soft([side * 30, -72], 78, skin.light, 0.6, 0.75);
    sketch.soft([side * 46, 38], 46, skin.light, 0.5, 0.9);
    sketch.soft([-side * (w + 4), 70], 78, skin.shade, 0.5, 1.3);
    const chinShade = sketch.linear([0, chinY - 40], [0, chinY + 6], [
      [0, skin.shade, 0],
      [1, skin.shade, 0.5],
    ]); // prettier-ignore
    sketch.path(`M-120 ${chinY - 40}H120V${chinY + 10}H-120Z`, chinShade);
    // A soft chin above its shadow.
    sketch.soft([side * 6, chinY - 19], 24, skin.light, 0.4, 0.7);
    drawCheeks(sketch, face);
  });
  if (face.age > 0.55) drawLines(sketch, face);
}

function drawCheeks(sketch: Sketch, face: FaceParameters): void {
  const { skin, skinDepth } = face.colors;
  const rose = mix(skin.base, [224, 62, 72], 0.62 - 0.22 * skinDepth);
  const y = 56 - 4 * Math.max(0, face.mouth.smile);
  for (const s of [-1, 1] as const) {
    sketch.soft(
      [s * 58 + parallax(face, 2), y],
      36,
      rose,
      (0.14 + 0.5 * face.blush) * (1 - 0.55 * skinDepth),
      0.8,
    );
  }
  if (!face.freckles) return;
  const dice = new Dice(face.textureSeed ^ 0x51ed270b);
  let d = '';
  for (let i = 0; i < 26; i++) {
    const x = dice.around(0, 32) + parallax(face, 6);
    d += circle([x, dice.around(44, 8)], 1.4);
  }
  sketch.path(d, mix(skin.base, [130, 60, 30], 0.6), 0.6);
}

/** What the years add: folds beside the mouth, lines on the forehead and under the eyes. */
function drawLines(sketch: Sketch, face: FaceParameters): void {
  const { skin } = face.colors;
  const opacity = (face.age - 0.55) * 1.3;
  const stroke = { color: skin.shade, width: 2.4, opacity };
  const mx = parallax(face, 6);
  for (const s of [-1, 1] as const) {
    const fold: Point[] = [
      [24, face.nose.tipY + 2],
      [38, face.mouth.y - 24],
      [46, face.mouth.y - 2],
    ];
    sketch.line(openCurve(moved(onSide(s, fold), mx)), stroke);
    const bag: Point[] = [
      [32, 20],
      [48, 25],
      [66, 20],
    ];
    sketch.line(openCurve(onSide(s, bag)), { ...stroke, width: 1.8 });
  }
  for (const y of [-62, -74]) {
    const line: Point[] = [
      [-36, y],
      [0, y - 4],
      [36, y],
    ];
    sketch.line(openCurve(moved(line, mx)), { ...stroke, width: 1.8, opacity: opacity * 0.7 });
  }
}

export function drawEars(sketch: Sketch, face: FaceParameters): void {
  const { skin, accent } = face.colors;
  const { halfWidth: w } = face.head;
  const size = face.ears.size;
  for (const s of [-1, 1] as const) {
    // Turning the head hides the far ear and shows the near one.
    const x = s * (w + 3) + parallax(face, -26);
    const lit = s === Math.sign(face.light);
    const tone = lit ? mix(skin.base, skin.light, 0.2) : mix(skin.base, skin.shade, 0.6);
    const ear: Point[] = [
      [-6, -26],
      [9, -30],
      [17, -14],
      [13, 10],
      [5, 26],
      [-6, 24],
    ];
    const shape = ear.map(([ex, ey]): Point => [x + s * ex * size, 14 + ey * size]);
    sketch.path(closedCurve(shape), mix(tone, [200, 70, 60], 0.1));
    const fold: Point[] = [
      [1, -18],
      [10, -16],
      [8, 2],
      [2, 12],
    ];
    const inner = fold.map(([ex, ey]): Point => [x + s * ex * size, 14 + ey * size]);
    sketch.line(openCurve(inner), { color: skin.shade, width: 3, opacity: 0.55 });
    if (face.ears.ring)
      sketch.ellipse([x + s * 5, 14 + 30 * size], 4.5, 4.5, mix(accent, [255, 214, 120], 0.6));
  }
}
