/** Neck, shoulders and clothes. */
import { parallax, type FaceParameters } from '../face-parameters.js';
import { band, closedCurve, openCurve, polygon, type Point } from '../geometry.js';
import { mix, type Tones } from '../palette.js';
import type { Sketch } from '../sketch.js';

/** Far below every picture's edge. */
const floor = 9000;

function neckHalfWidth(face: FaceParameters): number {
  return face.head.halfWidth * (face.head.jaw - 0.3);
}

export function drawNeck(sketch: Sketch, face: FaceParameters): void {
  const { skin } = face.colors;
  const w = neckHalfWidth(face);
  const { chinY } = face.head;
  const dx = parallax(face, -20);
  const paint = sketch.linear([0, chinY - 18], [0, chinY + 62], [
    [0, mix(skin.base, skin.shade, 0.95)],
    [0.5, mix(skin.base, skin.shade, 0.62)],
    [1, mix(skin.base, skin.shade, 0.22)],
  ]); // prettier-ignore
  const left: Point[] = [
    [-w + dx, 80],
    [-w + dx, chinY + 12],
    [-w - 12 + dx * 0.6, chinY + 36],
    [-w - 60, chinY + 56],
    [-w - 70, chinY + 120],
  ];
  const right = left
    .map(([x, y]): Point => [2 * (y < chinY + 20 ? dx : y < chinY + 40 ? dx * 0.6 : 0) - x, y])
    .reverse();
  sketch.path(band(left, right), paint);
}

function shoulders(face: FaceParameters): Point[] {
  const { chinY } = face.head;
  const w = neckHalfWidth(face);
  return [
    [w + 16, chinY + 20],
    [w + 56, chinY + 38],
    [152, chinY + 56],
    [208, chinY + 92],
    [240, chinY + 190],
    [262, chinY + 420],
  ];
}

/** Outline of the garment with a neckline that ends `depth` below the chin. */
function garment(face: FaceParameters, depth: number, pointed: boolean): string {
  const { chinY } = face.head;
  const right = shoulders(face);
  const left = right.map(([x, y]): Point => [-x, y]);
  const w = neckHalfWidth(face) + 16;
  const neckline: Point[] = pointed
    ? []
    : [
        [-w * 0.72, chinY + 20 + depth * 0.62],
        [0, chinY + 20 + depth],
        [w * 0.72, chinY + 20 + depth * 0.62],
      ];
  const tip = pointed ? `L0 ${chinY + 20 + depth}` : '';
  const open = openCurve([...left].reverse());
  const middle = pointed ? tip : openCurve([left[0] as Point, ...neckline, right[0] as Point], 'L');
  return `${open}${middle}${openCurve(right, 'L')}L262 ${floor}H-262Z`;
}

export function drawBody(sketch: Sketch, face: FaceParameters): void {
  const { cloth, cloth2 } = face.colors;
  const side = Math.sign(face.light);
  const { chinY } = face.head;
  const shaded = (tones: Tones) =>
    sketch.linear([side * 230, chinY], [-side * 200, chinY + 220], [
      [0, tones.light],
      [0.45, tones.base],
      [1, tones.shade],
    ]); // prettier-ignore
  const main = shaded(cloth);
  switch (face.clothes) {
    case 'crew': {
      sketch.path(garment(face, 36, false), main);
      rim(sketch, face, 36, cloth);
      break;
    }
    case 'vneck': {
      sketch.path(garment(face, 84, true), main);
      break;
    }
    case 'turtleneck': {
      sketch.path(garment(face, 10, false), main);
      collar(sketch, face, main, cloth);
      break;
    }
    case 'shirt': {
      sketch.path(garment(face, 60, true), main);
      lapels(sketch, face, mix(cloth.light, [255, 255, 255], 0.15), 62, 48);
      sketch.line(`M0 ${chinY + 84}V${floor}`, { color: cloth.shade, width: 2.5, opacity: 0.6 });
      break;
    }
    case 'hoodie': {
      sketch.path(garment(face, 40, false), main);
      hood(sketch, face, cloth);
      break;
    }
    case 'blazer': {
      sketch.path(garment(face, 44, true), shaded(cloth2));
      lapels(sketch, face, cloth2.light, 50, 40);
      const open = [...shoulders(face)];
      for (const s of [-1, 1] as const) {
        const outer = open.map(([x, y]): Point => [s * x, y]);
        const inner: Point[] = [
          [s * 18, chinY + 320],
          [s * 16, chinY + 200],
          [s * 52, chinY + 90],
          [s * (neckHalfWidth(face) + 14), chinY + 18],
        ];
        sketch.path(`${openCurve(outer)}L${s * 262} ${floor}H${s * 18}${openCurve(inner, 'L')}Z`, main);
        const lapel: Point[] = [
          [s * (neckHalfWidth(face) + 14), chinY + 18],
          [s * (neckHalfWidth(face) + 50), chinY + 74],
          [s * (neckHalfWidth(face) + 30), chinY + 84],
          [s * (neckHalfWidth(face) + 40), chinY + 104],
          [s * 18, chinY + 196],
        ];
        sketch.path(polygon(lapel), mix(cloth.base, cloth.light, 0.35));
      }
      break;
    }
  }
}

function rim(sketch: Sketch, face: FaceParameters, depth: number, tones: Tones): void {
  const { chinY } = face.head;
  const w = neckHalfWidth(face) + 16;
  const line: Point[] = [
    [-w, chinY + 20],
    [-w * 0.72, chinY + 20 + depth * 0.62],
    [0, chinY + 20 + depth],
    [w * 0.72, chinY + 20 + depth * 0.62],
    [w, chinY + 20],
  ];
  sketch.line(openCurve(line), { color: mix(tones.base, tones.light, 0.6), width: 7 });
}

function collar(sketch: Sketch, face: FaceParameters, paint: string, tones: Tones): void {
  const { chinY } = face.head;
  const w = neckHalfWidth(face) + 4;
  const top: Point[] = [
    [-w, chinY - 2],
    [0, chinY + 14],
    [w, chinY - 2],
  ];
  const bottom: Point[] = [
    [w + 14, chinY + 38],
    [0, chinY + 58],
    [-w - 14, chinY + 38],
  ];
  sketch.path(band(top, bottom), paint);
  sketch.line(openCurve([...bottom]), { color: tones.shade, width: 3, opacity: 0.5 });
  sketch.line(openCurve(top), { color: tones.shade, width: 3, opacity: 0.4 });
}

function lapels(
  sketch: Sketch,
  face: FaceParameters,
  color: Tones['base'],
  length: number,
  spread: number,
): void {
  const { chinY } = face.head;
  const w = neckHalfWidth(face);
  for (const s of [-1, 1] as const) {
    const leaf: Point[] = [
      [s * (w + 4), chinY + 12],
      [s * (w + 24), chinY + 30],
      [s * spread, chinY + 30 + length],
      [0, chinY + 84],
    ];
    sketch.path(polygon(leaf), s === Math.sign(face.light) ? color : mix(color, [60, 50, 80], 0.22));
  }
}

function hood(sketch: Sketch, face: FaceParameters, tones: Tones): void {
  const { chinY } = face.head;
  const w = neckHalfWidth(face);
  for (const s of [-1, 1] as const) {
    const roll: Point[] = [
      [s * (w + 8), chinY - 2],
      [s * (w + 52), chinY + 30],
      [s * 70, chinY + 78],
      [s * 8, chinY + 92],
      [s * 10, chinY + 66],
      [s * (w - 2), chinY + 34],
    ];
    sketch.path(
      closedCurve(roll),
      mix(tones.base, s === Math.sign(face.light) ? tones.light : tones.shade, 0.4),
    );
    sketch.line(`M${s * 22} ${chinY + 84}V${chinY + 150}`, {
      color: [240, 236, 228],
      width: 4,
      opacity: 0.85,
    });
  }
}
