/** The colours of one portrait, with the likelihoods that make them go together. */
import type { Dice } from './dice.js';
import type { FaceColors } from './face-parameters.js';
import {
  clothTones,
  hairChoices,
  hairTones,
  hsl,
  IRIS,
  mix,
  rgb,
  skinTones,
  type HairColor,
  type Rgb,
} from './palette.js';

export function drawColors(dice: Dice, person: { age: number; lipstick: boolean }): FaceColors {
  const skinDepth = dice.between(0, 1) ** 1.2;
  const skin = skinTones(skinDepth, dice.between(-1, 1));
  const hairColor = drawHairColor(dice, skinDepth, person.age);
  const hairBase = dice.pick(hairChoices(hairColor));
  const iris = dice.weighted<keyof typeof IRIS>(
    skinDepth < 0.45
      ? { brown: 3, hazel: 2, green: 1.6, blue: 3, gray: 1 }
      : { brown: 8, hazel: 1.4, green: 0.4, blue: 0.2 },
  );
  const natural = mix(skin.base, [176, 52, 62], 0.42 - 0.1 * skinDepth);
  const paint = dice.pick(['#c2293f', '#d4566a', '#a3264f', '#b8473a', '#d9798a', '#8d2440'].map(rgb));
  return {
    skin,
    skinDepth,
    hair: hairTones(hairBase),
    hairColor,
    brows: mix(
      hairColor === 'dyed' ? rgb('#3d2a26') : hairBase,
      [30, 16, 14],
      hairColor === 'gray' ? 0.3 : 0.45,
    ),
    iris: mix(IRIS[iris], dice.pick([IRIS.gray, IRIS.brown, IRIS.green]), dice.between(0, 0.15)),
    lips: person.lipstick ? mix(paint, skin.base, dice.between(0, 0.25)) : natural,
    cloth: clothTones(drawCloth(dice)),
    cloth2: clothTones(dice.chance(0.6) ? rgb('#f3efe8') : drawCloth(dice)),
    accent: dice.pick(['#26202a', '#3b2a22', '#7a1f2b', '#23395b', '#8a6a2f', '#2f5d50', '#d8d3cc'].map(rgb)),
    hat: clothTones(drawCloth(dice)),
  };
}

function drawHairColor(dice: Dice, skinDepth: number, age: number): HairColor {
  const fair = Math.max(0, 1 - skinDepth * 1.8);
  return dice.weighted<HairColor>({
    black: 1.2 + 4 * skinDepth,
    brown: 2.4,
    blond: 3 * fair + 0.1,
    red: 1.3 * fair + 0.05,
    gray: age > 0.45 ? 6 * age : 0.15,
    dyed: 0.3,
  });
}

/** Mostly strong clear colours, some neutrals. */
function drawCloth(dice: Dice): Rgb {
  if (dice.chance(0.3)) {
    return dice.pick(['#22252e', '#3d4250', '#e9e4da', '#8b8f98', '#5b4a40', '#1f2d48'].map(rgb));
  }
  return hsl(dice.between(0, 360), dice.between(0.35, 0.7), dice.between(0.3, 0.62));
}
