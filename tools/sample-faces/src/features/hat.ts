import { parallax, type FaceParameters } from '../face-parameters.js';
import { band, closedCurve, moved, num, openCurve, type Point } from '../geometry.js';
import { mix } from '../palette.js';
import type { Sketch } from '../sketch.js';
import { headOutline } from './head.js';

const crownDepth = -12;

/** What lies behind the head: only the scarf has such a part. */
export function drawHatBack(sketch: Sketch, face: FaceParameters): void {
  if (face.hat !== 'scarf') return;
  const { halfWidth: w, top, chinY } = face.head;
  const right: Point[] = [
    [0.62 * w, top + 2],
    [w + 16, -50],
    [w + 22, 50],
    [w + 6, chinY - 10],
    [w + 40, chinY + 60],
    [w + 70, chinY + 140],
  ];
  const left = right.map(([x, y]): Point => [-x, y]).reverse();
  const { base, shade } = face.colors.hat;
  sketch.path(
    closedCurve(moved([[0, top - 14], ...right, ...left], parallax(face, crownDepth))),
    mix(base, shade, 0.55),
  );
}

export function drawHat(sketch: Sketch, face: FaceParameters): void {
  if (!face.hat) return;
  const side = Math.sign(face.light);
  const { light, base, shade } = face.colors.hat;
  const paint = sketch.linear([side * 100, -170], [-side * 110, 0], [
    [0, light],
    [0.45, base],
    [1, shade],
  ]); // prettier-ignore
  if (face.hat === 'beanie') drawBeanie(sketch, face, paint);
  if (face.hat === 'brim') drawBrim(sketch, face, paint);
  if (face.hat === 'cap') drawCap(sketch, face, paint);
  if (face.hat === 'scarf') drawScarf(sketch, face, paint);
}

function dome(face: FaceParameters, height: number, y: number, extra: number): Point[] {
  const { halfWidth: w, top } = face.head;
  return moved(
    [
      [-w - extra, y],
      [-0.95 * w - extra, y - 38],
      [-0.66 * w, top + 4 - height * 0.75],
      [0, top - height],
      [0.66 * w, top + 4 - height * 0.75],
      [0.95 * w + extra, y - 38],
      [w + extra, y],
    ],
    parallax(face, crownDepth),
  );
}

function castShadow(sketch: Sketch, face: FaceParameters, y: number): void {
  const { halfWidth: w } = face.head;
  const { skin } = face.colors;
  sketch.clipped(closedCurve(headOutline(face)), () => {
    const fade = sketch.linear([0, y - 8], [0, y + 34], [
      [0, skin.shade, 0.75],
      [1, skin.shade, 0],
    ]); // prettier-ignore
    sketch.path(`M${-w - 30} ${y - 40}H${w + 30}V${y + 34}H${-w - 30}Z`, fade);
  });
}

function drawBeanie(sketch: Sketch, face: FaceParameters, paint: string): void {
  const { halfWidth: w } = face.head;
  const { light, shade, base } = face.colors.hat;
  castShadow(sketch, face, -64);
  const bottom = moved(
    [
      [w + 10, -58],
      [0, -78],
      [-w - 10, -58],
    ],
    parallax(face, -6),
  );
  sketch.path(band(dome(face, 26, -62, 9), bottom), paint);
  const cuffTop = moved(
    [
      [-w - 11, -92],
      [0, -114],
      [w + 11, -92],
    ],
    parallax(face, -4),
  );
  const cuffLow = moved(
    [
      [w + 12, -54],
      [0, -76],
      [-w - 12, -54],
    ],
    parallax(face, -4),
  );
  const cuff = band(cuffTop, cuffLow);
  sketch.path(cuff, mix(base, light, 0.3));
  sketch.clipped(cuff, () => {
    let ribs = '';
    for (let i = -9; i <= 9; i++) {
      const x = (i / 9) * (w + 6) + parallax(face, -4);
      ribs += `M${num(x)} -126V-48`;
    }
    sketch.line(ribs, { color: shade, width: 3, opacity: 0.35 });
  });
}

function drawBrim(sketch: Sketch, face: FaceParameters, paint: string): void {
  const { halfWidth: w } = face.head;
  const { base, shade, light } = face.colors.hat;
  const dx = parallax(face, -4);
  castShadow(sketch, face, -66);
  sketch.path(
    band(
      dome(face, 30, -84, 4),
      moved(
        [
          [w, -80],
          [0, -92],
          [-w, -80],
        ],
        dx,
      ),
    ),
    paint,
  );
  const ribbonTop = moved(
    [
      [-w - 4, -104],
      [0, -118],
      [w + 4, -104],
    ],
    dx,
  );
  const ribbonLow = moved(
    [
      [w + 5, -84],
      [0, -96],
      [-w - 5, -84],
    ],
    dx,
  );
  sketch.path(band(ribbonTop, ribbonLow), face.colors.accent);
  const brimTop = moved(
    [
      [-w - 62, -66],
      [-w * 0.7, -90],
      [0, -98],
      [w * 0.7, -90],
      [w + 62, -66],
    ],
    dx,
  );
  const brimLow = moved(
    [
      [w + 62, -66],
      [w * 0.6, -68],
      [0, -73],
      [-w * 0.6, -68],
      [-w - 62, -66],
    ],
    dx,
  );
  sketch.path(band(brimTop, brimLow), mix(base, shade, 0.35));
  sketch.line(openCurve(brimTop), { color: light, width: 2.5, opacity: 0.6 });
}

function drawCap(sketch: Sketch, face: FaceParameters, paint: string): void {
  const { halfWidth: w, top } = face.head;
  const { base, shade, light } = face.colors.hat;
  const dx = parallax(face, 2);
  castShadow(sketch, face, -58);
  sketch.path(
    band(
      dome(face, 18, -74, 5),
      moved(
        [
          [w + 5, -70],
          [0, -84],
          [-w - 5, -70],
        ],
        dx,
      ),
    ),
    paint,
  );
  sketch.line(
    openCurve(
      moved(
        [
          [0, top - 17],
          [2, top + 20],
          [0, -86],
        ],
        dx,
      ),
    ),
    { color: shade, width: 2.5, opacity: 0.45 },
  );
  const visorTop = moved(
    [
      [-w * 0.86, -76],
      [-w * 0.4, -94],
      [w * 0.4, -94],
      [w * 0.86, -76],
    ],
    dx,
  );
  const visorLow = moved(
    [
      [w * 0.86, -70],
      [w * 0.5, -54],
      [0, -48],
      [-w * 0.5, -54],
      [-w * 0.86, -70],
    ],
    dx * 1.5,
  );
  sketch.path(band(visorTop, visorLow), mix(base, shade, 0.5));
  sketch.line(openCurve(visorTop), { color: light, width: 2.5, opacity: 0.5 });
}

function drawScarf(sketch: Sketch, face: FaceParameters, paint: string): void {
  const { halfWidth: w, top, chinY } = face.head;
  const { shade, light } = face.colors.hat;
  const dx = parallax(face, crownDepth);
  const half: Point[] = [
    [0.62 * w, top - 2],
    [w + 14, -54],
    [w + 15, 50],
    [0.86 * w, chinY - 22],
    [0.66 * w, chinY + 40],
  ];
  const flip = (points: readonly Point[]) => points.map(([x, y]): Point => [-x, y]);
  const opening: Point[] = [
    [0.6 * w, -94],
    [0.9 * w, -40],
    [0.9 * w, 40],
    [0.74 * w, 104],
    [0.4 * w, chinY - 8],
  ];
  const outer = moved([[0, top - 18], ...half, [0, chinY + 66], ...flip(half).reverse()], dx);
  const inner = moved(
    [[0, -106], ...opening, [0, chinY + 5], ...flip(opening).reverse()],
    parallax(face, -4),
  );
  castShadow(sketch, face, -98);
  // The opening is cut out by running it the other way round in the same path.
  sketch.path(`${closedCurve(outer)}${closedCurve([...inner].reverse())}`, paint);
  for (const [x, bend] of [
    [-0.5, 24],
    [0.5, -24],
    [0.05, 12],
  ] as const) {
    const fold: Point[] = [
      [x * w + dx, chinY + 8],
      [x * w * 0.6 + dx + bend * 0.4, chinY + 30],
      [x * w * 0.2 + dx + bend, chinY + 52],
    ];
    sketch.line(openCurve(fold), { color: bend > 0 ? shade : light, width: 4, opacity: 0.4 });
  }
}
