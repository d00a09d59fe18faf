/**
 * Everything that is decided about one portrait before it is drawn.
 *
 * Face space: the eyes lie at (-50, 0) and (50, 0), y points down, so one unit is a hundredth of the distance
 * between the eyes. The aligned crop of facts 7.4 is then the square of about ±200 around (0, 10).
 */
import type { Dice } from './dice.js';
import type { HairColor, Rgb, Tones } from './palette.js';
import { drawColors } from './face-colors.js';

export type HairStyle =
  | 'bald' | 'buzz' | 'receding' | 'parted' | 'quiff' | 'curly' | 'afro'
  | 'bob' | 'long' | 'wavy' | 'bun' | 'ponytail'; // prettier-ignore
export type BeardStyle = 'none' | 'stubble' | 'mustache' | 'goatee' | 'full';
export type GlassesShape = 'round' | 'square' | 'wide' | 'sun';
export type HatStyle = 'beanie' | 'brim' | 'cap' | 'scarf';
export type ClothesStyle = 'crew' | 'vneck' | 'shirt' | 'turtleneck' | 'hoodie' | 'blazer';

export interface FaceColors {
  readonly skin: Tones;
  readonly skinDepth: number; // 0 lightest … 1 darkest
  readonly hair: Tones;
  readonly hairColor: HairColor;
  readonly brows: Rgb;
  readonly iris: Rgb;
  readonly lips: Rgb;
  readonly cloth: Tones;
  readonly cloth2: Tones;
  readonly accent: Rgb; // glasses frames, hat bands, earrings
  readonly hat: Tones;
}

export interface FaceParameters {
  readonly colors: FaceColors;
  readonly light: number; // where it comes from: -1 left … 1 right
  readonly yaw: number; // -1 … 1: the nose goes that way, the outline the other way
  readonly head: {
    readonly halfWidth: number;
    readonly top: number; // y of the skull
    readonly jaw: number; // share of halfWidth at mouth height
    readonly chin: number; // share of halfWidth just above the chin
    readonly chinY: number;
  };
  readonly eyes: {
    readonly halfWidth: number;
    readonly halfHeight: number;
    readonly tilt: number; // how much the outer corner rises
    readonly iris: number; // radius
    readonly gaze: readonly [x: number, y: number];
    readonly lid: number; // 0 wide open … 1 sleepy
    readonly lashes: number; // 0 … 1
    readonly shadow: number; // make-up, 0 … 1
  };
  readonly brows: {
    readonly y: number;
    readonly thickness: number;
    readonly arch: number;
    readonly frown: number; // > 0: inner ends down
  };
  readonly nose: { readonly tipY: number; readonly halfWidth: number; readonly bridge: number };
  readonly mouth: {
    readonly y: number;
    readonly halfWidth: number;
    readonly smile: number; // -0.4 … 1
    readonly open: number; // 0 closed … 1
    readonly fullness: number;
    readonly lipstick: boolean;
  };
  readonly ears: { readonly size: number; readonly ring: boolean };
  readonly hair: {
    readonly style: HairStyle;
    readonly fringe: boolean;
    readonly volume: number; // 0 … 1
    readonly partSide: 1 | -1;
    readonly length: number; // 0 … 1, of the long styles
  };
  readonly beard: BeardStyle;
  readonly glasses: GlassesShape | null;
  readonly hat: HatStyle | null;
  readonly clothes: ClothesStyle;
  readonly blush: number; // 0 … 1
  readonly freckles: boolean;
  readonly age: number; // 0 young … 1 old
  readonly textureSeed: number; // curls, strands and freckles fall by it
}

/** Half-width of the drawn head differs, the landmarks do not: x shift of what lies `depth` before the eyes. */
export function parallax(face: FaceParameters, depth: number): number {
  return face.yaw * depth;
}

export function drawFace(dice: Dice): FaceParameters {
  // One hidden scale ties the features that tend to come together; it is never written down.
  const build = dice.between(0, 1);
  const age = dice.between(0, 1) ** 1.6;
  const style = drawHairStyle(dice, build, age);
  const hat = dice.chance(0.11)
    ? dice.weighted<HatStyle>({ beanie: 3, brim: 2, cap: 2.5, scarf: build > 0.5 ? 3 : 0 })
    : null;
  const smile = dice.weighted({ broad: 4, mild: 3, plain: 2.2, sad: 0.5 });
  const lipstick = build > 0.5 && dice.chance(0.45);
  const colors = drawColors(dice, { age, lipstick });
  const fullBuild = 1 - build;
  return {
    colors,
    light: dice.side() * dice.between(0.35, 1),
    yaw: dice.around(0, 0.42),
    head: {
      halfWidth: dice.around(93 + 4 * fullBuild, 3),
      top: dice.around(-134, 4),
      jaw: dice.around(0.72 + 0.09 * fullBuild, 0.035),
      chin: dice.around(0.3 + 0.1 * fullBuild, 0.035),
      chinY: dice.around(153 + 8 * fullBuild, 4),
    },
    eyes: {
      halfWidth: dice.around(27, 1.4),
      halfHeight: dice.around(13 + 1.8 * build, 1.2),
      tilt: dice.around(1.6, 1.6),
      iris: dice.around(13, 0.5),
      gaze: [dice.around(0, 1.6), dice.around(0, 0.7)],
      lid: 0.12 + 0.6 * dice.between(0, 1) ** 2,
      lashes: Math.min(1, Math.max(0.15, dice.around(build, 0.2))),
      shadow: build > 0.5 && dice.chance(0.4) ? dice.between(0.3, 0.8) : 0,
    },
    brows: {
      y: dice.around(-33 - 2 * build, 2),
      thickness: dice.around(6.2 + 3 * fullBuild, 1.1),
      arch: dice.around(5 + 3 * build, 1.6),
      frown: dice.around(0, 2.2),
    },
    nose: {
      tipY: dice.around(57, 3),
      halfWidth: dice.around(18.5 + 3 * fullBuild + 3 * colors.skinDepth, 1.5),
      bridge: dice.between(0.5, 1),
    },
    mouth: {
      y: dice.around(102, 2.2),
      halfWidth: dice.around(33, 1.8) + (smile === 'broad' ? 5 : smile === 'mild' ? 2 : 0),
      smile: {
        broad: dice.between(0.7, 1),
        mild: dice.between(0.3, 0.6),
        plain: dice.between(-0.05, 0.15),
        sad: dice.between(-0.4, -0.15),
      }[smile],
      open:
        smile === 'broad' && dice.chance(0.75)
          ? dice.between(0.45, 1)
          : smile !== 'sad' && dice.chance(0.1)
            ? dice.between(0.3, 0.6)
            : 0,
      fullness: dice.around(0.55 + 0.2 * build + 0.15 * colors.skinDepth, 0.12),
      lipstick,
    },
    ears: { size: dice.around(1, 0.07), ring: build > 0.45 && dice.chance(0.45) },
    hair: {
      style,
      fringe: ['bob', 'long', 'wavy', 'bun', 'ponytail'].includes(style) && dice.chance(0.4),
      volume: dice.between(0, 1),
      partSide: dice.side(),
      length: dice.between(0, 1),
    },
    beard: drawBeard(dice, build, age),
    glasses: dice.chance(0.2 + 0.12 * age)
      ? dice.weighted<GlassesShape>({ round: 3, square: 3, wide: 2, sun: 0.5 })
      : null,
    hat,
    clothes: dice.pick<ClothesStyle>(['crew', 'vneck', 'shirt', 'turtleneck', 'hoodie', 'blazer']),
    blush: dice.between(0.2, 1),
    freckles: colors.skinDepth < 0.35 && dice.chance(0.22),
    age,
    textureSeed: dice.seed(),
  };
}

function drawHairStyle(dice: Dice, build: number, age: number): HairStyle {
  return build > 0.52
    ? dice.weighted<HairStyle>({
        bob: 3,
        long: 3.5,
        wavy: 3,
        bun: 2,
        ponytail: 1.6,
        afro: 1.2,
        curly: 0.8,
        quiff: 0.4,
      })
    : dice.weighted<HairStyle>({
        bald: 0.7 + age,
        receding: 2.5 * age,
        buzz: 1.5,
        parted: 3.2,
        quiff: 2.4,
        curly: 1.8,
        afro: 0.6,
        long: 0.6,
        bun: 0.4,
      });
}

function drawBeard(dice: Dice, build: number, age: number): BeardStyle {
  if (build > 0.5 || dice.chance(0.4)) return 'none';
  return dice.weighted<BeardStyle>({ stubble: 2, mustache: 0.8, goatee: 1, full: 2 + age });
}
