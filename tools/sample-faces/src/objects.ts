/** Things for the pictures without a person. */
import type { Area } from './backgrounds.js';
import type { Dice } from './dice.js';
import { closedCurve, openCurve, polygon, type Point } from './geometry.js';
import { hsl, mix } from './palette.js';
import { Sketch } from './sketch.js';

type Thing = (sketch: Sketch, center: Point, size: number, dice: Dice) => void;

const balloon: Thing = (sketch, [x, y], size, dice) => {
  const color = hsl(dice.between(0, 360), 0.7, 0.55);
  const paint = sketch.radial([x - size * 0.2, y - size * 0.3], size * 0.9, [
    [0, mix(color, [255, 255, 255], 0.6)],
    [0.5, color],
    [1, mix(color, [30, 0, 40], 0.35)],
  ]); // prettier-ignore
  const string: Point[] = [
    [x, y + size * 0.6],
    [x + size * 0.1, y + size * 1.2],
    [x - size * 0.05, y + size * 2],
  ];
  sketch.line(openCurve(string), { color: [240, 240, 240], width: 2 });
  sketch.ellipse([x, y], size * 0.5, size * 0.6, paint);
};

const plant: Thing = (sketch, [x, y], size, dice) => {
  const pot = hsl(dice.between(0, 40), 0.45, 0.5);
  for (let i = 0; i < 9; i++) {
    const lean = (i - 4) / 4;
    const tip: Point = [x + lean * size * 0.8, y - size * (1 - 0.45 * lean * lean)];
    const leaf: Point[] = [
      [x, y + size * 0.1],
      [x + lean * size * 0.3 - size * 0.12, y - size * 0.45],
      tip,
      [x + lean * size * 0.45 + size * 0.1, y - size * 0.35],
    ];
    sketch.path(closedCurve(leaf), hsl(dice.between(95, 150), 0.45, dice.between(0.26, 0.46)));
  }
  const vessel: Point[] = [
    [x - size * 0.36, y],
    [x + size * 0.36, y],
    [x + size * 0.26, y + size * 0.62],
    [x - size * 0.26, y + size * 0.62],
  ];
  sketch.path(polygon(vessel), pot);
  sketch.soft([x - size * 0.14, y + size * 0.25], size * 0.25, [255, 240, 220], 0.4);
};

const mug: Thing = (sketch, [x, y], size, dice) => {
  const color = hsl(dice.between(0, 360), 0.5, 0.55);
  const body = sketch.linear([x - size * 0.4, y], [x + size * 0.4, y], [
    [0, mix(color, [255, 255, 255], 0.4)],
    [1, mix(color, [20, 10, 40], 0.35)],
  ]); // prettier-ignore
  const handle: Point[] = [
    [x + size * 0.36, y - size * 0.24],
    [x + size * 0.68, y - size * 0.2],
    [x + size * 0.66, y + size * 0.22],
    [x + size * 0.36, y + size * 0.3],
  ];
  sketch.line(openCurve(handle), { color: mix(color, [20, 10, 40], 0.2), width: size * 0.1 });
  const wall: Point[] = [
    [x - size * 0.4, y - size * 0.45],
    [x + size * 0.4, y - size * 0.45],
    [x + size * 0.36, y + size * 0.5],
    [x - size * 0.36, y + size * 0.5],
  ];
  sketch.path(polygon(wall), body);
  sketch.ellipse([x, y - size * 0.45], size * 0.4, size * 0.1, mix(color, [20, 10, 20], 0.6));
};

export function drawObjects(area: Area, dice: Dice): string {
  const sketch = new Sketch('o');
  const thing = dice.pick<Thing>([balloon, plant, mug]);
  for (let i = dice.integer(1, 3); i > 0; i--) {
    const size = Math.min(area.width, area.height) * dice.between(0.18, 0.34);
    thing(sketch, [area.width * dice.between(0.15, 0.85), area.height * dice.between(0.35, 0.7)], size, dice);
  }
  return sketch.toString();
}
