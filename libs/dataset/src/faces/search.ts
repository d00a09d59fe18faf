/** Where in a picture faces are looked for. MediaPipe's model sees a face whose eyes are a twentieth of what it looks at apart. */
import { eyeDistance } from './landmarks.js';
import { cutOut, squareAround, tilesOf, type Part } from './tiles.js';
import type { Pixels } from './turn.js';

/**
 * - whole: in the picture as a whole;
 * - tiles: in overlapping parts of it as well;
 * - auto: in the parts only if the whole picture shows no face, or none that is large in it.
 */
export const searches = ['auto', 'whole', 'tiles'] as const;
export type Search = (typeof searches)[number];

/** Eye distance by the picture's longer side below which the model misses most faces: others like it may be there. */
const smallFace = 0.05;
/** Distance of centres by the larger eye distance below which two finds are one face. */
const sameFace = 0.75;
/** Side, by the eye distance, of the square in which a find is looked for again, and how far off it may be then. */
const closeUp = { side: 7, shift: 0.25 };

/** Middle of eyes and corners of the mouth. */
function centreOf(p: Float64Array): [x: number, y: number] {
  return [(p[0]! + p[2]! + p[6]! + p[8]!) / 4, (p[1]! + p[3]! + p[7]! + p[9]!) / 4];
}

function distance(a: Float64Array, b: Float64Array): number {
  const [[ax, ay], [bx, by]] = [centreOf(a), centreOf(b)];
  return Math.hypot(ax - bx, ay - by);
}

/**
 * The five points of every face, in pixels of the picture: first those of the whole picture as `look` gives them, then
 * those that only tiles show. Of the latter only those that a look with the face in its middle confirms, and with the
 * points of that look: folds and shoes that pass for a face in one tile do not in another, and which tile showed a face
 * does not matter.
 *
 * @param look all faces of a picture
 */
export function searchFaces(
  picture: Pixels,
  search: Search,
  look: (picture: Pixels) => readonly Float64Array[],
): Float64Array[] {
  const faces = [...look(picture)];
  const small = smallFace * Math.max(picture.width, picture.height);
  if (search === 'whole') return faces;
  if (search === 'auto' && faces.some((points) => eyeDistance(points) >= small)) return faces;

  const lookAt = (part: Part) =>
    look(cutOut(picture, part)).map((points) => points.map((value, i) => value + (i % 2 ? part.y : part.x)));
  const isNew = (points: Float64Array) =>
    faces.every(
      (face) => distance(face, points) >= sameFace * Math.max(eyeDistance(face), eyeDistance(points)),
    );
  const confirm = (points: Float64Array) => {
    const eyes = eyeDistance(points);
    return lookAt(squareAround(centreOf(points), closeUp.side * eyes, picture)).find(
      (again) => distance(again, points) < closeUp.shift * eyes,
    );
  };
  for (const tile of tilesOf(picture)) {
    for (const points of lookAt(tile)) {
      const face = isNew(points) ? confirm(points) : undefined;
      if (face && isNew(face)) faces.push(face);
    }
  }
  return faces;
}
