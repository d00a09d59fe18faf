/** Beards from a shadow to a full one. Drawn before the mouth, which lies on top. */
import { Dice } from '../dice.js';
import { parallax, type FaceParameters } from '../face-parameters.js';
import { closedCurve, moved, openCurve, type Point } from '../geometry.js';
import { mix } from '../palette.js';
import type { Sketch } from '../sketch.js';
import { headOutline } from './head.js';

export function drawBeard(sketch: Sketch, face: FaceParameters): void {
  const { beard } = face;
  if (beard === 'none') return;
  if (beard === 'stubble') {
    sketch.clipped(closedCurve(headOutline(face)), () => {
      const shadow = mix(face.colors.skin.shade, face.colors.brows, 0.55);
      const paint = sketch.linear([0, 30], [0, face.mouth.y], [
        [0, shadow, 0],
        [0.45, shadow, 0.16],
        [0.75, shadow, 0.3],
        [1, shadow, 0.36],
      ]); // prettier-ignore
      sketch.path(closedCurve(fullShape(face, 0)), paint);
    });
    return;
  }
  const { light, base, shade } = face.colors.hair;
  const { chinY } = face.head;
  const side = Math.sign(face.light);
  const tone = face.colors.hairColor === 'dyed' ? face.colors.brows : base;
  const paint = sketch.linear([side * 80, 40], [-side * 70, chinY], [
    [0, mix(tone, light, 0.35)],
    [0.5, tone],
    [1, mix(tone, shade, 0.6)],
  ]); // prettier-ignore
  if (beard === 'full') {
    sketch.path(closedCurve(fullShape(face, 9)), paint);
    drawStrands(sketch, face);
  }
  if (beard === 'goatee') sketch.path(closedCurve(goateeShape(face)), paint);
  sketch.path(closedCurve(mustacheShape(face)), paint);
}

/** @param extra how far it grows over the jaw */
function fullShape(face: FaceParameters, extra: number): Point[] {
  const { halfWidth: w, jaw, chin, chinY } = face.head;
  const my = face.mouth.y;
  const mx = parallax(face, 6) - parallax(face, -12);
  const outer: Point[] = [
    [w * 0.99, 18],
    [w * 0.985 + extra * 0.3, 48],
    [(0.5 * jaw + 0.46) * w + extra * 0.5, 76],
    [jaw * w + extra * 0.7, 114],
    [(0.42 * jaw + 0.58 * chin) * w + extra, chinY - 18],
    [chin * w * 0.66, chinY + 2 + extra],
  ];
  const inner: Point[] = [
    [w * 0.86, 28],
    [w * 0.8, 62],
    [w * 0.62, my - 24],
    [w * 0.4, my - 27],
    [16, my - 22],
  ];
  const half = (s: 1 | -1): Point[] => outer.map(([x, y]): Point => [s * x, y]);
  const innerHalf = (s: 1 | -1): Point[] => inner.map(([x, y]): Point => [s * x + mx, y]);
  return moved(
    [
      ...half(1),
      [0, chinY + 3 + extra * 1.3],
      ...half(-1).reverse(),
      ...innerHalf(-1),
      [mx, my - 20],
      ...innerHalf(1).reverse(),
    ],
    parallax(face, -12),
  );
}

function goateeShape(face: FaceParameters): Point[] {
  const my = face.mouth.y;
  const { chinY } = face.head;
  const w = face.mouth.halfWidth + 9;
  const half: Point[] = [
    [w * 0.6, my - 20],
    [w, my - 6],
    [w * 0.98, my + 20],
    [w * 0.7, chinY - 4],
    [w * 0.3, chinY + 7],
  ];
  const shape: Point[] = [...half, ...half.map(([x, y]): Point => [-x, y]).reverse()];
  return moved(shape, parallax(face, 3));
}

function mustacheShape(face: FaceParameters): Point[] {
  const my = face.mouth.y;
  const corner = my - 6 * face.mouth.smile;
  const w = face.mouth.halfWidth + 6;
  const lift = face.mouth.open * 4;
  const half: Point[] = [
    [9, my - 25 - lift],
    [w * 0.62, my - 18 - lift],
    [w, corner + 2],
    [w * 0.9, corner + 6],
    [w * 0.45, my - 9 - lift],
    [6, my - 9 - lift],
  ];
  const shape: Point[] = [...half, ...half.map(([x, y]): Point => [-x, y]).reverse()];
  return moved(shape, parallax(face, 7));
}

function drawStrands(sketch: Sketch, face: FaceParameters): void {
  const dice = new Dice(face.textureSeed ^ 0x2545f491);
  const { light, shade } = face.colors.hair;
  const { halfWidth: w, jaw, chinY } = face.head;
  const strands = { light: '', shade: '' };
  for (let i = 0; i < 16; i++) {
    const t = (i / 15) * 2 - 1;
    const x = t * w * jaw * 0.86 + parallax(face, -8);
    const y = chinY - 22 - 34 * t * t;
    const strand: Point[] = [
      [x, y - dice.between(8, 16)],
      [x * 0.97 + dice.around(0, 1.5), y],
      [x * 0.9, y + dice.between(10, 18)],
    ];
    strands[i % 2 ? 'light' : 'shade'] += openCurve(strand);
  }
  sketch.line(strands.light, { color: light, width: 2.2, opacity: 0.35 });
  sketch.line(strands.shade, { color: shade, width: 2.2, opacity: 0.35 });
}
