/** The scores that limits and rankings may name: what they are, and which end of them is the good one. */

export interface ScoreInfo {
  readonly about: string; // with its unit
  /** 1: more is better, −1: less is better. Of angles the size is meant, whatever their sign. */
  readonly better: 1 | -1;
  readonly angle?: true;
  readonly whole?: true; // whole pictures have it as well, not only faces
  readonly leastSide?: number; // smaller images do not have it, pixels
}

/** Portraits with fewer pixels a side have no spectrum score, see quality/spectrum.ts. */
const spectrumSide = 32;

export const scoreInfos = {
  quality: { about: 'spectrum less noise and blocks, dB', better: 1, leastSide: spectrumSide },
  spectrum: { about: "the paper's frequency-spectrum score, dB", better: 1, leastSide: spectrumSide },
  detail: { about: 'its part for fine detail, dB', better: 1, leastSide: spectrumSide },
  evenness: { about: 'its part for all directions alike, dB', better: 1, leastSide: spectrumSide },
  sharpness: { about: 'detail relative to contrast, percent', better: 1, whole: true },
  noise: { about: 'grey levels', better: -1 },
  blockiness: { about: 'steps at the blocks of JPEG, grey levels', better: -1 },
  jpegQuality: { about: 'of the file, 1 to 100', better: 1 },
  brightness: { about: 'mean of the face, 0 to 255', better: 1 },
  contrast: { about: 'of the face, grey levels', better: 1 },
  dark: { about: 'share of the face lost in black, 0 to 1', better: -1 },
  bright: { about: 'share of the face lost in white, 0 to 1', better: -1 },
  yaw: { about: 'turned to a side, degrees', better: -1, angle: true },
  pitch: { about: 'looking up or down, degrees', better: -1, angle: true },
  roll: { about: 'leaning to a side, degrees', better: -1, angle: true },
  turn: { about: 'away from the camera, degrees', better: -1, angle: true },
  eyeDistance: { about: 'between the eyes, pixels of the picture', better: 1 },
  faceSize: { about: 'side of the portrait, pixels of the picture', better: 1, whole: true },
  enlarged: { about: 'pixels of the image per pixel of the picture', better: -1, whole: true },
  outside: { about: 'share of the portrait outside the picture, 0 to 1', better: -1, whole: true },
  confidence: { about: 'of the detector, where it tells one, 0 to 1', better: 1 },
} as const satisfies Record<string, ScoreInfo>;

export type ScoreName = keyof typeof scoreInfos;

export const scoreNames = Object.keys(scoreInfos) as ScoreName[];

export function isScoreName(name: string): name is ScoreName {
  return Object.hasOwn(scoreInfos, name);
}

export const infoOf = (name: ScoreName): ScoreInfo => scoreInfos[name];
