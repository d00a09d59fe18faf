/** One portrait from back to front, in face space. */
import { drawBeard } from './features/beard.js';
import { drawBody, drawNeck } from './features/body.js';
import { drawBrows } from './features/brows.js';
import { drawEyes } from './features/eyes.js';
import { drawGlasses } from './features/glasses.js';
import { drawHairBack, drawHairFront } from './features/hair.js';
import { hasLongLocks } from './features/hair-shapes.js';
import { drawHat, drawHatBack } from './features/hat.js';
import { drawEars, drawHead } from './features/head.js';
import { drawMouth, mouthCorners } from './features/mouth.js';
import { drawNose, noseTip } from './features/nose.js';
import type { FaceParameters } from './face-parameters.js';
import { num, type Point } from './geometry.js';
import { Sketch } from './sketch.js';

/** CelebA's order: left eye, right eye, nose, left and right corner of the mouth, as seen in the picture. */
export function faceLandmarks(face: FaceParameters): [Point, Point, Point, Point, Point] {
  return [[-50, 0], [50, 0], noseTip(face), ...mouthCorners(face)];
}

/**
 * @param roll degrees by which the caller will turn the whole portrait; the body turns back by half of it,
 *   as people tilt their heads more than themselves
 */
export function drawPortrait(face: FaceParameters, options: { prefix: string; roll: number }): string {
  const sketch = new Sketch(options.prefix);
  const upright = `rotate(${num(-0.5 * options.roll)} 0 ${num(face.head.chinY)})`;
  const scarf = face.hat === 'scarf';
  drawHatBack(sketch, face);
  if (!scarf) drawHairBack(sketch, face);
  sketch.transformed(upright, () => {
    drawNeck(sketch, face);
    drawBody(sketch, face);
  });
  if (!scarf && !hasLongLocks(face)) drawEars(sketch, face);
  drawHead(sketch, face);
  drawBeard(sketch, face);
  drawMouth(sketch, face);
  drawNose(sketch, face);
  drawEyes(sketch, face);
  drawBrows(sketch, face);
  drawHairFront(sketch, face);
  drawGlasses(sketch, face);
  drawHat(sketch, face);
  return sketch.toString();
}
