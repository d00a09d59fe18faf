/** Round curls: outlines as unions of circles, and the arcs drawn over them. */
import { Dice } from '../dice.js';
import { parallax, type FaceParameters } from '../face-parameters.js';
import { circle, openCurve, type Point } from '../geometry.js';
import type { Sketch } from '../sketch.js';
import { hairVolume } from './hair-shapes.js';

/** All around; a hat leaves only the lower half. */
export function curlRing(face: FaceParameters, center: Point, radius: number): string {
  const dice = new Dice(face.textureSeed ^ 0x6c078965);
  const count = 24;
  let d = '';
  for (let i = 0; i < count; i++) {
    const angle = (i / count) * 2 * Math.PI;
    const up = Math.sin(angle);
    if (up < 0 && face.hat) continue;
    d += circle([center[0] + Math.cos(angle) * radius, center[1] + up * radius * 0.94], dice.between(17, 25));
  }
  return d;
}

/** Over the skull from ear to ear, and along the hairline. */
export function curlyRim(face: FaceParameters): string {
  const dice = new Dice(face.textureSeed ^ 0x1b873593);
  const { halfWidth: w, top } = face.head;
  const v = hairVolume(face);
  const dx = parallax(face, -12);
  const count = 15;
  let d = '';
  for (let i = 0; i < count; i++) {
    const t = i / (count - 1);
    const angle = Math.PI * (1.06 - 1.12 * t);
    const x = dx + Math.cos(angle) * (w + v * 0.35);
    const y = -20 - Math.sin(angle) * (-20 - top + v * 0.55);
    d += circle([x, y], dice.between(15, 22));
  }
  for (let i = 0; i < 8; i++) {
    const t = ((i + 0.5) / 8) * 2 - 1;
    const y = -99 + 26 * Math.abs(t) ** 2.4 + dice.between(-3, 5);
    d += circle([t * 0.72 * w + parallax(face, -4), y], dice.between(11, 16));
  }
  return d;
}

export function drawCurlTexture(sketch: Sketch, face: FaceParameters): void {
  const dice = new Dice(face.textureSeed ^ 0x7feb352d);
  const { light, shade } = face.colors.hair;
  const { halfWidth: w, top } = face.head;
  const v = hairVolume(face);
  const arcs = { light: '', shade: '' };
  for (let i = 0; i < 34; i++) {
    const angle = Math.PI * dice.between(-0.02, 1.02);
    const k = dice.between(0, 1);
    const rx = w * 0.86 + (v * 0.9 + 6) * k;
    const ry = -12 - top - 26 + (v + 22) * k;
    const x = parallax(face, -10) + Math.cos(angle) * rx;
    const y = -12 - Math.sin(angle) * ry;
    if (y > -84 && Math.abs(x) < w * 0.9) continue;
    const r = dice.between(5, 10);
    const arc: Point[] = [
      [x - r, y + r * 0.4],
      [x - r * 0.4, y - r * 0.7],
      [x + r * 0.6, y - r * 0.5],
      [x + r * 0.9, y + r * 0.4],
    ];
    arcs[i % 3 ? 'light' : 'shade'] += openCurve(arc);
  }
  sketch.line(arcs.light, { color: light, width: 2.4, opacity: 0.4 });
  sketch.line(arcs.shade, { color: shade, width: 2.4, opacity: 0.4 });
}
