/**
 * What is behind the people. Drawn for the whole picture but rasterised small, blurred there and
 * scaled up: that is the out-of-focus look of a portrait lens, for nearly nothing.
 */
import type { Dice } from './dice.js';
import { polygon, type Point } from './geometry.js';
import { hsl, mix, rgb, type Rgb } from './palette.js';
import { Sketch } from './sketch.js';

export interface Area {
  readonly width: number;
  readonly height: number;
}

type Painter = (sketch: Sketch, area: Area, dice: Dice) => void;

const rectangle = (x: number, y: number, w: number, h: number): string =>
  polygon([
    [x, y],
    [x + w, y],
    [x + w, y + h],
    [x, y + h],
  ]);

function wash(sketch: Sketch, { width, height }: Area, top: Rgb, bottom: Rgb, lean = 0): void {
  const paint = sketch.linear([width * (0.5 - lean), 0], [width * (0.5 + lean), height], [
    [0, top],
    [1, bottom],
  ]); // prettier-ignore
  sketch.path(rectangle(0, 0, width, height), paint);
}

const studio: Painter = (sketch, area, dice) => {
  const hue = dice.between(0, 360);
  const saturation = dice.between(0.1, 0.48);
  const lightness = dice.between(0.3, 0.78);
  const edge = hsl(hue + dice.around(0, 14), saturation, lightness * 0.62);
  const { width, height } = area;
  sketch.path(rectangle(0, 0, width, height), edge);
  const middle: Point = [width * dice.between(0.2, 0.8), height * dice.between(0.15, 0.6)];
  const glow = sketch.radial(middle, Math.max(width, height) * 0.85, [
    [0, hsl(hue, saturation, Math.min(0.9, lightness * 1.18))],
    [1, edge],
  ]); // prettier-ignore
  sketch.path(rectangle(0, 0, width, height), glow);
};

const gradient: Painter = (sketch, area, dice) => {
  const hue = dice.between(0, 360);
  const turn = dice.side() * dice.between(30, 90);
  const top = hsl(hue, dice.between(0.25, 0.6), dice.between(0.5, 0.8));
  wash(
    sketch,
    area,
    top,
    hsl(hue + turn, dice.between(0.25, 0.6), dice.between(0.4, 0.72)),
    dice.between(-0.5, 0.5),
  );
};

const bokeh: Painter = (sketch, area, dice) => {
  const { width, height } = area;
  const hue = dice.between(0, 360);
  const night = dice.chance(0.6);
  const level = night ? 0.16 : 0.5;
  wash(sketch, area, hsl(hue, 0.45, level * 1.3), hsl(hue + 40, 0.45, level * 0.8));
  const warm = dice.between(0, 360);
  const lights = dice.integer(16, 30);
  for (let i = 0; i < lights; i++) {
    const color = hsl(warm + dice.around(0, 32), dice.between(0.6, 0.9), dice.between(0.6, 0.8));
    const r = Math.min(width, height) * dice.between(0.025, 0.085);
    const place: Point = [dice.between(0, width), dice.between(0, height * 0.85)];
    sketch.ellipse(place, r, r, color, dice.between(0.2, 0.6));
  }
};

const park: Painter = (sketch, area, dice) => {
  const { width, height } = area;
  const autumn = dice.chance(0.35);
  const dusk = dice.chance(0.3);
  wash(sketch, area, dusk ? rgb('#f2a07a') : rgb('#8fc7ee'), dusk ? rgb('#f8dca8') : rgb('#e8f3ea'));
  const horizon = height * dice.between(0.52, 0.72);
  const leaf = () =>
    hsl(
      autumn ? dice.between(12, 52) : dice.between(82, 142),
      dice.between(0.3, 0.6),
      dice.between(0.24, 0.5),
    );
  for (let i = 0; i < 22; i++) {
    const r = height * dice.between(0.08, 0.2);
    const place: Point = [dice.between(-0.05, 1.05) * width, horizon - dice.between(-0.02, 0.3) * height];
    sketch.ellipse(place, r, r * 0.85, leaf(), 0.82);
  }
  const grass = autumn ? hsl(48, 0.4, 0.42) : hsl(dice.between(86, 118), 0.42, 0.42);
  const lawn = sketch.linear([0, horizon], [0, height], [
    [0, mix(grass, [255, 244, 190], 0.35)],
    [1, mix(grass, [10, 40, 20], 0.3)],
  ]); // prettier-ignore
  sketch.path(rectangle(0, horizon, width, height - horizon), lawn);
  for (let i = 0; i < 12; i++) {
    const r = height * dice.between(0.012, 0.035);
    sketch.ellipse(
      [dice.between(0, width), dice.between(0, horizon)],
      r,
      r,
      [255, 250, 214],
      dice.between(0.15, 0.45),
    );
  }
};

const room: Painter = (sketch, area, dice) => {
  const { width, height } = area;
  const hue = dice.between(0, 360);
  const wall = hsl(hue, dice.between(0.12, 0.42), dice.between(0.48, 0.8));
  wash(sketch, area, mix(wall, [255, 255, 255], 0.18), mix(wall, [30, 20, 50], 0.22), 0.35);
  const x = width * dice.between(-0.1, 0.7);
  const w = width * dice.between(0.25, 0.42);
  const h = height * dice.between(0.35, 0.55);
  const y = height * dice.between(-0.05, 0.16);
  const frame = dice.pick(['#f5efe4', '#6b4a33', '#33312f'].map(rgb));
  sketch.path(rectangle(x - 8, y - 8, w + 16, h + 16), frame);
  const sky = sketch.linear([x, y], [x, y + h], [
    [0, dice.pick(['#9fd0f2', '#f4b183', '#cfe3ee', '#3e4d7a'].map(rgb))],
    [1, dice.pick(['#f6efd6', '#fbe0c0', '#a9d5a2'].map(rgb))],
  ]); // prettier-ignore
  sketch.path(rectangle(x, y, w, h), sky);
  sketch.path(rectangle(x + w / 2 - 4, y, 8, h), frame);
  const shelf = x + w / 2 < width / 2 ? width * 0.66 : width * 0.02;
  for (const level of [0.22, 0.45]) {
    const bottom = height * level;
    sketch.path(rectangle(shelf, bottom, width * 0.34, height * 0.018), mix(frame, [60, 40, 30], 0.5));
    let left = shelf + width * 0.02;
    while (left < shelf + width * 0.3) {
      const book = width * dice.between(0.018, 0.045);
      const tall = height * dice.between(0.08, 0.15);
      sketch.path(
        rectangle(left, bottom - tall, book, tall),
        hsl(dice.between(0, 360), 0.45, dice.between(0.35, 0.65)),
      );
      left += book;
    }
  }
  const lamp: Point = [width * dice.between(0, 1), height * dice.between(0, 0.5)];
  sketch.soft(lamp, height * 0.4, [255, 232, 180], 0.5);
};

const city: Painter = (sketch, area, dice) => {
  const { width, height } = area;
  const skies = [
    ['#f0876a', '#fbd6a1'],
    ['#7db4e6', '#e9eef2'],
    ['#2b2f5c', '#c76b8a'],
    ['#a4a9c9', '#f3d9cf'],
  ] as const;
  const [top, bottom] = dice.pick(skies);
  wash(sketch, area, rgb(top), rgb(bottom));
  const tint = hsl(dice.between(190, 290), 0.25, dice.between(0.22, 0.5));
  for (const layer of [0, 1]) {
    let x = -width * dice.between(0, 0.1);
    while (x < width) {
      const w = width * dice.between(0.08, 0.18);
      const h = height * (layer ? dice.between(0.3, 0.6) : dice.between(0.45, 0.85));
      const color = mix(tint, rgb(bottom), layer ? 0.1 : 0.45);
      sketch.path(rectangle(x, height - h, w + 1, h), color);
      for (let i = 0; i < 6; i++) {
        const px = x + w * dice.between(0.12, 0.75);
        const py = height - h * dice.between(0.15, 0.92);
        sketch.path(rectangle(px, py, w * 0.16, w * 0.2), [255, 226, 150], dice.between(0.3, 0.85));
      }
      x += w;
    }
  }
};

const beach: Painter = (sketch, area, dice) => {
  const { width, height } = area;
  const dusk = dice.chance(0.4);
  wash(sketch, area, dusk ? rgb('#e8728a') : rgb('#5fb4ea'), dusk ? rgb('#fcd08c') : rgb('#d8f0f4'));
  const horizon = height * dice.between(0.38, 0.56);
  const sand = height * dice.between(0.66, 0.84);
  if (dusk) sketch.soft([width * dice.between(0.1, 0.9), horizon], height * 0.3, [255, 244, 190], 0.9);
  const sea = sketch.linear([0, horizon], [0, sand], [
    [0, dusk ? rgb('#8a5b9c') : rgb('#1f86b8')],
    [1, dusk ? rgb('#e39a8a') : rgb('#6fcfcf')],
  ]); // prettier-ignore
  sketch.path(rectangle(0, horizon, width, height - horizon), sea);
  sketch.path(rectangle(0, sand, width, height - sand), dusk ? rgb('#c69a7a') : rgb('#efd9a7'));
  sketch.path(rectangle(0, sand - height * 0.012, width, height * 0.02), [255, 255, 255], 0.6);
};

/** Wide bands and discs, as on a painted wall. */
const shapes: Painter = (sketch, area, dice) => {
  const { width, height } = area;
  const hue = dice.between(0, 360);
  const tone = (turn: number) => hsl(hue + turn, dice.between(0.35, 0.65), dice.between(0.45, 0.75));
  wash(sketch, area, tone(0), tone(20));
  for (let i = 0; i < 5; i++) {
    const r = Math.max(width, height) * dice.between(0.12, 0.34);
    const place: Point = [dice.between(0, width), dice.between(0, height)];
    sketch.ellipse(place, r, r, tone(dice.pick([0, 30, 180, 210])), dice.between(0.5, 0.9));
  }
};

const PAINTERS = { studio, gradient, bokeh, park, room, city, beach, shapes } satisfies Record<
  string,
  Painter
>;
export type BackgroundName = keyof typeof PAINTERS;

export function drawBackgroundName(dice: Dice): BackgroundName {
  return dice.weighted<BackgroundName>({
    studio: 3,
    gradient: 2,
    bokeh: 2,
    park: 2.5,
    room: 2.5,
    city: 1.5,
    beach: 1.5,
    shapes: 1,
  });
}

export function drawBackground(name: BackgroundName, area: Area, dice: Dice): string {
  const sketch = new Sketch('b');
  PAINTERS[name](sketch, area, dice);
  return sketch.toString();
}
