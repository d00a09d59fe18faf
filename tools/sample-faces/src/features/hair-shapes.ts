/** Outlines of the hair styles. A cap is an outer contour over the skull and an inner one, the hairline. */
import { parallax, type FaceParameters } from '../face-parameters.js';
import { band, closedCurve, moved, type Point } from '../geometry.js';

export interface Cap {
  readonly outer: readonly Point[]; // left end, over the skull, right end
  readonly inner: readonly Point[]; // right end, along the hairline, left end
}

export function capPath(cap: Cap): string {
  return band(cap.outer, cap.inner);
}

/** Hair above the skull, in units. */
export function hairVolume(face: FaceParameters): number {
  // A hat presses it down.
  if (face.hat) return 4;
  const v = face.hair.volume;
  switch (face.hair.style) {
    case 'buzz':
      return 2 + 2 * v;
    case 'receding':
      return 3 + 3 * v;
    case 'bun':
    case 'ponytail':
      return 6 + 6 * v;
    case 'curly':
      return 14 + 12 * v;
    case 'afro':
      return 38 + 18 * v;
    default:
      return 11 + 14 * v;
  }
}

export function hasLongLocks(face: FaceParameters): boolean {
  return ['bob', 'long', 'wavy'].includes(face.hair.style);
}

/** Where the locks in front of the shoulders end. */
export function lockEnd(face: FaceParameters): number {
  return face.hair.style === 'bob' ? 96 + 44 * face.hair.length : 190 + 90 * face.hair.length;
}

function outerHalf(face: FaceParameters, sideY: number, flare: number): Point[] {
  const { halfWidth: w, top } = face.head;
  const v = hairVolume(face);
  return [
    [0.36 * w, top + 2 - v * 0.95],
    [0.69 * w + 0.16 * v, top + 18 - v * 0.74],
    [0.95 * w + 0.42 * v, top + 56 - v * 0.32],
    [w + 3 + 0.5 * v, -28],
    ...(sideY > 60
      ? ([
          [w + 4 + 0.5 * v + flare * 0.35, 42],
          [w + 4 + 0.4 * v + flare, sideY * 0.72],
        ] as Point[])
      : []),
    [w + (sideY > 60 ? flare * 0.7 : 2), sideY],
  ];
}

function buildCap(
  face: FaceParameters,
  outerRight: Point[],
  innerRight: Point[],
  innerLeft: Point[],
  crown: Point,
): Cap {
  const outerShift = parallax(face, -14);
  const innerShift = parallax(face, -4);
  const flip = (points: readonly Point[]) => points.map(([x, y]): Point => [-x, y]);
  return {
    outer: moved([...flip(outerRight).reverse(), crown, ...outerRight], outerShift),
    inner: moved([...innerRight, ...flip(innerLeft).reverse()], innerShift),
  };
}

/** The front hair, or null where there is none. Inner points run from the right end to the middle. */
export function frontCap(face: FaceParameters): Cap | null {
  const { halfWidth: w, top } = face.head;
  const v = hairVolume(face);
  const side = face.hair.partSide;
  const crown: Point = [0, top - v];
  switch (face.hair.style) {
    case 'bald':
      return null;
    case 'buzz':
    case 'afro':
    case 'curly': {
      const inner: Point[] = [
        [0.95 * w, -4],
        [0.9 * w, -44],
        [0.8 * w, -80],
        [0.44 * w, -98],
        [0.06 * w, -101],
      ];
      return buildCap(face, outerHalf(face, 2, 0), inner, inner, crown);
    }
    case 'receding': {
      const inner: Point[] = [
        [0.94 * w, 6],
        [0.9 * w, -46],
        [0.8 * w, -86],
        [0.58 * w, top + 21],
        [0.3 * w, top + 20],
        [0.08 * w, top + 30],
      ];
      return buildCap(face, outerHalf(face, 10, 0), inner, inner, crown);
    }
    case 'quiff': {
      const inner: Point[] = [
        [0.96 * w, 2],
        [0.9 * w, -46],
        [0.82 * w, -82],
        [0.45 * w, -96],
        [0.06 * w, -98],
      ];
      const cap = buildCap(face, outerHalf(face, 8, 0), inner, inner, [side * 0.1 * w, top - v - 8]);
      // The front rises to one side.
      const outer = cap.outer.map(([x, y]): Point => {
        const lift = Math.max(0, 1 - Math.abs(x - side * 0.42 * w) / (0.62 * w));
        return [x + side * 5 * lift, y - 15 * lift];
      });
      return { outer, inner: cap.inner };
    }
    case 'parted': {
      // Swept from the part across the forehead; the other side is short.
      const sweep: Point[] = [
        [0.96 * w, 4],
        [0.92 * w, -34],
        [0.86 * w, -62],
        [0.5 * w, -86],
        [0.1 * w, -96],
      ];
      const short: Point[] = [
        [0.96 * w, 4],
        [0.91 * w, -44],
        [0.82 * w, -84],
        [0.62 * w, -104],
        [0.4 * w, -113],
      ];
      const outer = outerHalf(face, 10, 0);
      return side === 1
        ? buildCap(face, outer, short, sweep, crown)
        : buildCap(face, outer, sweep, short, crown);
    }
    case 'bun':
    case 'ponytail': {
      const inner: Point[] = face.hair.fringe
        ? fringeLine(w, [0.95 * w, -4])
        : [
            [0.95 * w, -2],
            [0.88 * w, -52],
            [0.7 * w, -88],
            [0.36 * w, -104],
            [0.05 * w, -108],
          ];
      return buildCap(face, outerHalf(face, 4, 0), inner, inner, crown);
    }
    case 'bob':
    case 'long':
    case 'wavy':
      return longCap(face, crown);
  }
}

function fringeLine(w: number, end: Point): Point[] {
  return [end, [0.88 * w, -34], [0.72 * w, -46], [0.48 * w, -44], [0.3 * w, -50], [0.08 * w, -46]];
}

function longCap(face: FaceParameters, crown: Point): Cap {
  const { halfWidth: w } = face.head;
  const end = lockEnd(face);
  const flare = face.hair.style === 'bob' ? 12 + 10 * face.hair.volume : 24 + 14 * face.hair.volume;
  const bottom: Point[] = face.hair.style === 'bob'
    ? [[0.82 * w, end + 2], [0.86 * w, end * 0.6], [0.94 * w, 22]]
    : [[0.92 * w, end + 6], [0.72 * w, end * 0.74], [0.8 * w, 96], [0.93 * w, 30]]; // prettier-ignore
  const outer = outerHalf(face, end, flare);
  const wave = face.hair.style === 'wavy' ? 9 : 0;
  const waved = outer.flatMap(([x, y], i): Point[] => {
    const next = outer[i + 1];
    if (!wave || y < -40 || !next) return [[x, y]];
    return [
      [x - wave * 0.5, y],
      [(x + next[0]) / 2 + wave, (y + next[1]) / 2],
    ];
  });
  if (face.hair.fringe) {
    const inner: Point[] = [...bottom, ...fringeLine(w, [0.93 * w, -14])];
    return buildCap(face, waved, inner, inner, crown);
  }
  const p = 0.24;
  const near: Point[] = [...bottom, [0.9 * w, -34], [0.72 * w, -80], [(p + 0.12) * w, -110]];
  const far: Point[] = [...bottom, [0.92 * w, -14], [0.8 * w, -58], [0.4 * w, -88], [-0.06 * w, -104]];
  return face.hair.partSide === 1
    ? buildCap(face, waved, near, far, crown)
    : buildCap(face, waved, far, near, crown);
}

/** Hair behind neck and shoulders, or null. */
export function backShape(face: FaceParameters): string | null {
  const { halfWidth: w, top } = face.head;
  const v = hairVolume(face);
  const style = face.hair.style;
  const dx = parallax(face, -22);
  if (!hasLongLocks(face)) return null;
  const end = style === 'bob' ? lockEnd(face) + 12 : lockEnd(face) + 40;
  const half: Point[] = [
    [0.6 * w, top + 26 - v * 0.7],
    [w + 0.3 * v, -40],
    [w + 0.5 * v + 10, 40],
    [w + (style === 'bob' ? 14 : 30), end * 0.72],
    [w * 0.86, end],
    [w * 0.3, end + 4],
  ];
  return closedCurve(
    moved([[0, top + 12 - v], ...half, ...half.map(([x, y]): Point => [-x, y]).reverse()], dx),
  );
}
