/** What the scores of a manifest are called, for people. A score that is not in the list goes by its own name. */

export interface ScoreName {
  readonly title: string;
  readonly unit: string; // '' for a plain number
  readonly what: string;
}

const scoreNames: Readonly<Record<string, ScoreName>> = {
  quality: {
    title: 'Quality',
    unit: 'dB',
    what: 'Spectrum score less what noise and blocks take away; the number that ranks portraits.',
  },
  spectrum: {
    title: 'Frequency spectrum',
    unit: 'dB',
    what: 'Fine detail in all directions. Blurred and enlarged portraits are low.',
  },
  detail: { title: 'Detail', unit: 'dB', what: 'The part of the spectrum score for energy in all bands.' },
  evenness: {
    title: 'Evenness',
    unit: 'dB',
    what: 'The part of the spectrum score for equal energy in all directions; motion blur is low. 0 is best.',
  },
  noise: { title: 'Noise', unit: 'grey levels', what: 'Of the flattest parts of the face. More is worse.' },
  blockiness: {
    title: 'Blocks',
    unit: 'grey levels',
    what: 'Steps at the borders of JPEG blocks beyond what neighbours differ anyway. More is worse.',
  },
  jpegQuality: {
    title: 'JPEG quality',
    unit: '',
    what: 'From the quantisation tables of the file, 1 to 100.',
  },
  nearest: {
    title: 'Nearest other face',
    unit: 'bits',
    what: 'Bits in which the perceptual hash differs from the one most like it.',
  },
  sharpness: { title: 'Sharpness', unit: '%', what: 'Strength of fine detail relative to contrast.' },
  eyeDistance: { title: 'Distance of the eyes', unit: 'px', what: 'In the picture as it came.' },
  faceSize: {
    title: 'Size of the portrait',
    unit: 'px',
    what: 'Side of its square in the picture as it came.',
  },
  enlarged: { title: 'Enlargement', unit: '×', what: 'Pixels of the portrait per pixel of the picture.' },
  outside: {
    title: 'Outside the picture',
    unit: '',
    what: 'Share of the portrait that had to be made up beyond the edge of the picture, 0 to 1.',
  },
  confidence: { title: 'Confidence', unit: '', what: 'Of the face detector, 0 to 1.' },
  brightness: { title: 'Brightness', unit: '', what: 'Mean of the face, 0 to 255.' },
  contrast: { title: 'Contrast', unit: 'grey levels', what: 'Of the face.' },
  dark: { title: 'Lost in black', unit: '', what: 'Share of the face, 0 to 1.' },
  bright: { title: 'Lost in white', unit: '', what: 'Share of the face, 0 to 1.' },
  yaw: { title: 'Turned left or right', unit: '°', what: 'Size of the angle; 0 looks at the camera.' },
  pitch: { title: 'Turned up or down', unit: '°', what: 'Size of the angle; 0 looks at the camera.' },
  roll: {
    title: 'Tilted',
    unit: '°',
    what: 'Size of the angle in the picture as it came; the portrait is upright.',
  },
  turn: { title: 'Turned away', unit: '°', what: 'Angle between the face and the camera.' },
};

/** Where they are called otherwise for whole pictures. */
const ofPictures: Readonly<Record<string, Partial<ScoreName>>> = {
  faceSize: { title: 'Size of what was taken', what: 'Smaller side of it in the picture as it came.' },
  enlarged: { what: 'Pixels of the image per pixel of the picture.' },
  outside: { title: 'Background', what: 'Share of the image that is none of the picture, 0 to 1.' },
};

/** `noun`: what the dataset is made of. */
export function scoreName(score: string, noun: 'face' | 'picture'): ScoreName {
  if (noun === 'picture' && Object.hasOwn(ofPictures, score))
    return { ...scoreNames[score]!, ...ofPictures[score] };
  return Object.hasOwn(scoreNames, score) ? scoreNames[score]! : { title: score, unit: '', what: '' };
}

/** Scores in the order of the list, then the others by name. */
export function byImportance(a: string, b: string): number {
  const names = Object.keys(scoreNames);
  const place = (score: string) => (Object.hasOwn(scoreNames, score) ? names.indexOf(score) : names.length);
  return place(a) - place(b) || (a < b ? -1 : 1);
}
