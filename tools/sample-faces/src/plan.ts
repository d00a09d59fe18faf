/** Everything about one picture, decided before anything is rendered: pure in seed and index. */
import { drawBackgroundName, type BackgroundName } from './backgrounds.js';
import { Dice } from './dice.js';
import { drawFace, type FaceParameters } from './face-parameters.js';
import type { Point } from './geometry.js';
import { faceLandmarks } from './portrait.js';

/** At most one per picture; `none` is a clean picture. */
export type Defect = 'none' | 'blur' | 'noise' | 'jpeg' | 'dark' | 'tiny' | 'cut' | 'faceless';

/** Shares of the pictures; the rest, 85 %, is clean. */
export const DEFECT_SHARES: Readonly<Record<Exclude<Defect, 'none'>, number>> = {
  blur: 0.03,
  noise: 0.02,
  jpeg: 0.025,
  dark: 0.02,
  tiny: 0.02,
  cut: 0.015,
  faceless: 0.02,
};

export interface PlacedFace {
  readonly face: FaceParameters;
  readonly x: number; // middle between the eyes, px from the picture's left edge
  readonly y: number; // the same from the top
  readonly scale: number; // px per unit of face space
  readonly roll: number; // degrees, clockwise
}

export type Encoding = 'rgb' | 'gray' | 'cmyk';

export interface PicturePlan {
  readonly index: number; // 0-based
  readonly width: number; // px, upright
  readonly height: number;
  readonly background: BackgroundName;
  readonly sceneSeed: number; // of the background's and the objects' details
  readonly faces: readonly PlacedFace[]; // the main one first; empty when faceless
  readonly defect: Defect;
  readonly amount: number; // of the defect: sigma in px, sigma in levels, quality or brightness; else 0
  readonly quality: number; // JPEG 1 … 100
  readonly encoding: Encoding;
  readonly orientation: number; // EXIF, 1 … 8; the stored pixels are turned accordingly
}

/** Side of the aligned square over the distance between the eyes, for every face drawn here (facts 7.4). */
const alignedSide = 4;

export function planPicture(seed: number, index: number): PicturePlan {
  const dice = Dice.forPicture(seed, index);
  const defect = drawDefect(dice);
  const company = defect === 'none' && dice.chance(0.05);
  const { width, height } = drawSize(dice, company);
  const main = drawFace(dice);
  const placed = placeMain(dice, main, { width, height }, defect, company);
  const other = drawFace(dice);
  const second = company ? [placeSecond(dice, other, placed, { width, height })] : [];
  const clean = defect === 'none';
  const amount = drawAmount(dice, defect, placed.scale);
  return {
    index,
    width,
    height,
    background: drawBackgroundName(dice),
    sceneSeed: dice.seed(),
    faces: defect === 'faceless' ? [] : [placed, ...second],
    defect,
    amount,
    quality: defect === 'jpeg' ? amount : dice.integer(88, 95),
    encoding: clean ? dice.weighted<Encoding>({ rgb: 0.98, gray: 0.015, cmyk: 0.005 }) : 'rgb',
    orientation: clean && dice.chance(0.02) ? dice.pick([3, 6, 8, 2]) : 1,
  };
}

function drawDefect(dice: Dice): Defect {
  const clean = 1 - Object.values(DEFECT_SHARES).reduce((sum, share) => sum + share, 0);
  return dice.weighted<Defect>({ none: clean, ...DEFECT_SHARES });
}

function drawSize(dice: Dice, wide: boolean): { width: number; height: number } {
  const long = dice.integer(340, 520);
  const short = Math.max(300, Math.round(long * dice.between(0.7, 1)));
  if (wide || dice.chance(0.4)) return { width: long, height: short };
  return { width: short, height: long };
}

function placeMain(
  dice: Dice,
  face: FaceParameters,
  area: { width: number; height: number },
  defect: Defect,
  company: boolean,
): PlacedFace {
  const { width, height } = area;
  const room = Math.min(width, height);
  const share = company ? dice.between(0.11, 0.15) : dice.between(0.125, 0.215);
  const distance = defect === 'tiny' ? dice.between(7, 13) : room * share;
  const roll = dice.around(0, 9.5);
  const turn = Math.abs((roll * Math.PI) / 180);
  const half = (distance * alignedSide * (Math.cos(turn) + Math.sin(turn))) / 2;
  // A seventh of the pictures let the aligned square reach over an edge; mirror padding is for them.
  const over = defect === 'cut' ? dice.between(0.3, 0.36) : dice.chance(0.14) ? dice.between(0.06, 0.24) : 0;
  const inside = (size: number, t: number) =>
    size > 2 * half ? half + t * (size - 2 * half) : size * (0.42 + 0.16 * t);
  let x = inside(width, company ? dice.between(0, 0.12) : dice.between(0, 1));
  let y = inside(height, dice.between(0, 0.7));
  if (company && dice.chance(0.5)) x = width - x;
  // Far away people stand at the bottom of the picture.
  if (defect === 'tiny') y = height - distance * dice.between(2.5, 5);
  if (over > 0 && defect !== 'tiny') {
    const past = distance * alignedSide * (0.5 - over);
    const edge = dice.weighted({ left: 3, right: 3, top: 2, bottom: 2 });
    if (edge === 'left') x = past;
    if (edge === 'right') x = width - past;
    if (edge === 'top') y = past;
    // Below, the mouth comes first.
    if (edge === 'bottom') y = height - Math.max(past, 1.3 * distance);
  }
  // The square's middle lies a tenth of the way from the eyes to the mouth.
  return { face, x, y: y - 0.105 * distance, scale: distance / 100, roll };
}

function placeSecond(
  dice: Dice,
  face: FaceParameters,
  main: PlacedFace,
  area: { width: number; height: number },
): PlacedFace {
  const scale = main.scale * dice.between(0.5, 0.7);
  const direction = main.x < area.width / 2 ? 1 : -1;
  const reach = direction === 1 ? area.width - main.x : main.x;
  return {
    face,
    x: main.x + direction * Math.min(reach - 110 * scale, dice.between(330, 400) * main.scale),
    y: main.y + dice.between(-40, 60) * main.scale,
    scale,
    roll: dice.around(0, 7),
  };
}

function drawAmount(dice: Dice, defect: Defect, scale: number): number {
  const t = dice.between(0, 1);
  switch (defect) {
    case 'blur':
      return 100 * scale * (0.07 + 0.09 * t);
    case 'noise':
      return 32 + 28 * t;
    case 'jpeg':
      return 5 + Math.floor(4 * t);
    case 'dark':
      return 0.1 + 0.12 * t;
    default:
      return 0;
  }
}

/** Where a point of face space falls in the picture, in continuous px (the first pixel spans 0 … 1). */
export function toPicture(placed: PlacedFace, [px, py]: Point): Point {
  const a = (placed.roll * Math.PI) / 180;
  const x = placed.scale * (Math.cos(a) * px - Math.sin(a) * py);
  const y = placed.scale * (Math.sin(a) * px + Math.cos(a) * py);
  return [placed.x + x, placed.y + y];
}

/** CelebA's ten integers: indices of the nearest pixels, so their centres lie half a pixel further (facts 7.4). */
export function landmarkPixels(placed: PlacedFace): number[] {
  return faceLandmarks(placed.face).flatMap((point) => {
    const [x, y] = toPicture(placed, point);
    return [Math.round(x - 0.5), Math.round(y - 0.5)];
  });
}
