/** Points, smooth curves through them, and the one place where numbers become SVG text. */

export type Point = readonly [x: number, y: number];

/** Two decimals keep positions within a hundredth of a unit, far below a pixel at every scale used. */
export function num(value: number): string {
  return String(Math.round(value * 100) / 100);
}

const at = (points: readonly Point[], i: number): Point => points[i] as Point;
const pair = (p: Point) => `${num(p[0])} ${num(p[1])}`;

function segment(before: Point, from: Point, to: Point, after: Point): string {
  const c1: Point = [from[0] + (to[0] - before[0]) / 6, from[1] + (to[1] - before[1]) / 6];
  const c2: Point = [to[0] - (after[0] - from[0]) / 6, to[1] - (after[1] - from[1]) / 6];
  return `C${pair(c1)} ${pair(c2)} ${pair(to)}`;
}

/** Closed Catmull-Rom curve through all points, as cubic Béziers. */
export function closedCurve(points: readonly Point[]): string {
  const n = points.length;
  let d = `M${pair(at(points, 0))}`;
  for (let i = 0; i < n; i++) {
    d += segment(
      at(points, (i + n - 1) % n),
      at(points, i),
      at(points, (i + 1) % n),
      at(points, (i + 2) % n),
    );
  }
  return `${d}Z`;
}

/** Open Catmull-Rom curve; `lead` is what starts it ('M' new path, 'L' continue one). */
export function openCurve(points: readonly Point[], lead: 'M' | 'L' = 'M'): string {
  const n = points.length;
  let d = `${lead}${pair(at(points, 0))}`;
  for (let i = 0; i + 1 < n; i++) {
    d += segment(
      at(points, Math.max(i - 1, 0)),
      at(points, i),
      at(points, i + 1),
      at(points, Math.min(i + 2, n - 1)),
    );
  }
  return d;
}

/** A shape with two smooth sides and sharp corners where they meet. */
export function band(one: readonly Point[], other: readonly Point[]): string {
  return `${openCurve(one)}${openCurve(other, 'L')}Z`;
}

export function polygon(points: readonly Point[]): string {
  return `M${points.map(pair).join('L')}Z`;
}

/** One full circle; several joined into one path are painted as their union, in one go. */
export function circle([x, y]: Point, r: number): string {
  const d = num(2 * r);
  return `M${num(x - r)} ${num(y)}a${num(r)} ${num(r)} 0 1 0 ${d} 0a${num(r)} ${num(r)} 0 1 0 -${d} 0Z`;
}

/** Right half first (top to bottom), then its mirror image (bottom to top). */
export function mirrored(right: readonly Point[]): Point[] {
  return [...right, ...right.map(([x, y]): Point => [-x, y]).reverse()];
}

export function moved(points: readonly Point[], dx: number, dy = 0): Point[] {
  return points.map(([x, y]): Point => [x + dx, y + dy]);
}

/** Mirrors at the y axis when side is -1. */
export function onSide(side: 1 | -1, points: readonly Point[]): Point[] {
  return points.map(([x, y]): Point => [side * x, y]);
}
