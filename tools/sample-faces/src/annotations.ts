/** CelebA's annotation files, and the truth about what was done to each picture. */
import type { FaceParameters } from './face-parameters.js';
import { landmarkPixels, type PicturePlan } from './plan.js';

export const LANDMARK_NAMES = [
  'lefteye_x', 'lefteye_y', 'righteye_x', 'righteye_y', 'nose_x', 'nose_y',
  'leftmouth_x', 'leftmouth_y', 'rightmouth_x', 'rightmouth_y',
] as const; // prettier-ignore

/** The ones of CelebA's forty that mean something here, in CelebA's order and with its meaning. */
export const ATTRIBUTES: Readonly<Record<string, (face: FaceParameters, plan: PicturePlan) => boolean>> = {
  Bald: (face) => face.hair.style === 'bald' && face.hat === null,
  Bangs: (face) => face.hair.fringe && face.hat !== 'scarf',
  Black_Hair: hairIs('black'),
  Blond_Hair: hairIs('blond'),
  Blurry: (_, plan) => plan.defect === 'blur',
  Brown_Hair: hairIs('brown'),
  Eyeglasses: (face) => face.glasses !== null,
  Goatee: (face) => face.beard === 'goatee',
  Gray_Hair: hairIs('gray'),
  Mouth_Slightly_Open: (face) => face.mouth.open > 0,
  Mustache: (face) => ['mustache', 'goatee', 'full'].includes(face.beard),
  No_Beard: (face) => ['none', 'mustache'].includes(face.beard),
  Pale_Skin: (face) => face.colors.skinDepth < 0.1,
  Receding_Hairline: (face) => face.hair.style === 'receding' && face.hat === null,
  Rosy_Cheeks: (face) => face.blush > 0.75,
  Smiling: (face) => face.mouth.smile > 0.25,
  Wavy_Hair: (face) => ['wavy', 'curly', 'afro'].includes(face.hair.style) && face.hat !== 'scarf',
  Wearing_Earrings: (face) => face.ears.ring && earsShow(face),
  Wearing_Hat: (face) => face.hat !== null,
  Wearing_Lipstick: (face) => face.mouth.lipstick,
};

function hairIs(color: string): (face: FaceParameters) => boolean {
  return (face) => face.colors.hairColor === color && face.hair.style !== 'bald' && face.hat !== 'scarf';
}

function earsShow(face: FaceParameters): boolean {
  return face.hat !== 'scarf' && !['bob', 'long', 'wavy'].includes(face.hair.style);
}

export function fileName(index: number): string {
  return `${String(index + 1).padStart(6, '0')}.jpg`;
}

/** Pictures without a face have no line; the count in line 1 is that of the lines that follow the names. */
export function landmarkList(plans: readonly PicturePlan[]): string {
  const rows = plans.flatMap((plan) => {
    const main = plan.faces[0];
    return main ? [`${fileName(plan.index)} ${landmarkPixels(main).join(' ')}`] : [];
  });
  return `${[String(rows.length), LANDMARK_NAMES.join(' '), ...rows].join('\n')}\n`;
}

/** Every picture has a line; without a face every attribute is -1. */
export function attributeList(plans: readonly PicturePlan[]): string {
  const rows = plans.map((plan) => {
    const face = plan.faces[0]?.face;
    const flags = Object.values(ATTRIBUTES).map((has) => (face && has(face, plan) ? ' 1' : '-1'));
    return `${fileName(plan.index)} ${flags.join(' ')}`;
  });
  return `${[String(rows.length), Object.keys(ATTRIBUTES).join(' '), ...rows].join('\n')}\n`;
}

const TRUTH_COLUMNS = [
  'file', 'width', 'height', 'faces', 'defect', 'amount', 'eye_distance', 'roll', 'yaw',
  'background', 'quality', 'encoding', 'orientation',
] as const; // prettier-ignore

export function truthTable(plans: readonly PicturePlan[]): string {
  const rows = plans.map((plan) => {
    const main = plan.faces[0];
    const cells: Record<(typeof TRUTH_COLUMNS)[number], string | number> = {
      file: fileName(plan.index),
      width: plan.width,
      height: plan.height,
      faces: plan.faces.length,
      defect: plan.defect,
      amount: Number(plan.amount.toFixed(3)),
      eye_distance: main ? (100 * main.scale).toFixed(2) : '',
      roll: main ? main.roll.toFixed(2) : '',
      yaw: main ? main.face.yaw.toFixed(3) : '',
      background: plan.background,
      quality: plan.quality,
      encoding: plan.encoding,
      orientation: plan.orientation,
    };
    return TRUTH_COLUMNS.map((column) => cells[column]).join(',');
  });
  return `${[TRUTH_COLUMNS.join(','), ...rows].join('\n')}\n`;
}
