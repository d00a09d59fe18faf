/** Draws the hair: what lies behind the body, then what frames the face. */
import { Dice } from '../dice.js';
import { parallax, type FaceParameters } from '../face-parameters.js';
import { closedCurve, moved, openCurve, type Point } from '../geometry.js';
import { mix } from '../palette.js';
import type { Sketch } from '../sketch.js';
import { backShape, capPath, frontCap, hairVolume, hasLongLocks, lockEnd } from './hair-shapes.js';
import { curlRing, curlyRim, drawCurlTexture } from './hair-curls.js';
import { headOutline } from './head.js';

function hairPaint(sketch: Sketch, face: FaceParameters): string {
  const { light, base, shade } = face.colors.hair;
  const side = Math.sign(face.light);
  return sketch.linear([side * 100, -150], [-side * 110, 90], [
    [0, mix(base, light, 0.75)],
    [0.4, base],
    [1, mix(base, shade, 0.85)],
  ]); // prettier-ignore
}

export function drawHairBack(sketch: Sketch, face: FaceParameters): void {
  const { base, shade } = face.colors.hair;
  const back = backShape(face);
  if (back) sketch.path(back, mix(base, shade, 0.8));
  if (face.hat === 'scarf') return;
  const { halfWidth: w, top } = face.head;
  const v = hairVolume(face);
  const dx = parallax(face, -24);
  if (face.hair.style === 'afro') {
    const paint = hairPaint(sketch, face);
    const r = w + v * 0.95;
    sketch.path(curlRing(face, [dx, top + 78], r - 12), paint);
    sketch.ellipse([dx, top + 78], r - 6, (r - 6) * (face.hat ? 0.8 : 0.94), paint);
  }
  if (face.hair.style === 'bun' && !face.hat) drawBun(sketch, face);
  if (face.hair.style === 'ponytail') drawTail(sketch, face);
}

function drawBun(sketch: Sketch, face: FaceParameters): void {
  const { light, base, shade } = face.colors.hair;
  const { top } = face.head;
  const r = 30 + 10 * face.hair.volume;
  const center: Point = [parallax(face, -26), top - r * 0.72];
  const side = Math.sign(face.light);
  sketch.ellipse(center, r, r * 0.9, sketch.radial([center[0] + side * r * 0.4, center[1] - r * 0.4], r * 1.5, [
    [0, mix(base, light, 0.7)],
    [0.5, base],
    [1, shade],
  ])); // prettier-ignore
  for (const k of [0.35, 0.68]) {
    const swirl: Point[] = [
      [center[0] - r * k, center[1] + r * 0.35],
      [center[0] - r * 0.1, center[1] - r * k],
      [center[0] + r * k, center[1] + r * 0.1],
    ];
    sketch.line(openCurve(swirl), { color: shade, width: 3, opacity: 0.45 });
  }
}

function drawTail(sketch: Sketch, face: FaceParameters): void {
  const { halfWidth: w } = face.head;
  const s = face.hair.partSide;
  const dx = parallax(face, -30);
  const end = 150 + 90 * face.hair.length;
  const tail: Point[] = [
    [s * 0.6 * w, -70],
    [s * (w + 20), -48],
    [s * (w + 38), 40],
    [s * (w + 40), end * 0.7],
    [s * (w + 14), end],
    [s * (w - 6), end * 0.6],
    [s * 0.8 * w, 20],
  ];
  sketch.path(closedCurve(moved(tail, dx)), hairPaint(sketch, face));
}

export function drawHairFront(sketch: Sketch, face: FaceParameters): void {
  if (face.hat === 'scarf') return;
  const cap = frontCap(face);
  if (!cap) {
    drawBaldShine(sketch, face);
    return;
  }
  const { skin, hair } = face.colors;
  const side = Math.sign(face.light);
  const outline = capPath(cap);
  const thin = face.hair.style === 'buzz' || face.hair.style === 'receding';

  sketch.clipped(closedCurve(headOutline(face)), () => {
    const shadow = capPath({ outer: cap.outer, inner: moved(cap.inner, -side * 3, thin ? 3 : 9) });
    sketch.path(shadow, mix(skin.shade, hair.shade, 0.25), thin ? 0.25 : 0.38);
  });
  const paint = hairPaint(sketch, face);
  sketch.path(outline, paint, face.hair.style === 'buzz' ? 0.86 : 1);
  if (face.hair.style === 'curly') sketch.path(curlyRim(face), paint);
  if (face.hair.style === 'afro' || face.hair.style === 'curly') drawCurlTexture(sketch, face);
  sketch.clipped(outline, () => {
    if (face.hair.style !== 'curly' && face.hair.style !== 'afro') drawStrands(sketch, face);
    const { top, halfWidth: w } = face.head;
    sketch.soft([side * 0.46 * w, top + 12], 52, hair.light, thin ? 0.4 : 0.75, 0.55);
    if (hasLongLocks(face)) sketch.soft([side * (w + 8), 66], 40, hair.light, 0.4, 2);
  });
}

function drawBaldShine(sketch: Sketch, face: FaceParameters): void {
  const { top, halfWidth: w } = face.head;
  const shine = mix(face.colors.skin.light, [255, 255, 255], 0.4);
  const spot: Point = [Math.sign(face.light) * 0.38 * w + parallax(face, -12), top + 30];
  sketch.clipped(closedCurve(headOutline(face)), () => sketch.soft(spot, 34, shine, 0.75, 0.5));
}

/** Arcs from the parting to the ends, kept inside by the caller's clip. */
function drawStrands(sketch: Sketch, face: FaceParameters): void {
  const dice = new Dice(face.textureSeed);
  const { light, shade } = face.colors.hair;
  const { halfWidth: w, top } = face.head;
  const v = hairVolume(face);
  const parting = ['parted', 'bob', 'long', 'wavy'].includes(face.hair.style) && !face.hair.fringe;
  const px = parting ? face.hair.partSide * 0.26 * w : 0;
  const end = hasLongLocks(face) ? lockEnd(face) : 8;
  const count = 9;
  // Four pens, one path each: librsvg pays per element.
  const pens = ['', '', '', ''];
  for (let i = 0; i < count * 2; i++) {
    const s = i % 2 ? 1 : -1;
    const u = (Math.floor(i / 2) + dice.between(0.1, 0.9)) / count;
    const reach = s * (w + 0.4 * v) - px;
    const strand: Point[] = [
      [px + reach * 0.06 * u, top - v * 0.9 + 40 * (1 - u)],
      [px + reach * (0.3 + 0.42 * u), top + 52 - (v + 40) * u],
      [px + reach * (0.62 + 0.36 * u), -30 - 26 * u],
      [s * (w * (0.86 + 0.2 * u)), Math.max(20, end * 0.5)],
      [s * (w * (0.8 + 0.36 * u)), end],
    ];
    pens[dice.integer(0, 3)] += openCurve(strand);
  }
  pens.forEach((d, pen) => {
    const fine = pen % 2 === 0;
    if (d)
      sketch.line(d, { color: pen < 2 ? light : shade, width: fine ? 2 : 3.6, opacity: fine ? 0.36 : 0.24 });
  });
}
