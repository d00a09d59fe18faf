/** Why a picture is not in the dataset. Codes are stable: they are in every manifest. */
export const dropReasons = {
  'empty-file': 'the file has no bytes',
  unreadable: 'the file cannot be read, or its picture is cut off or damaged',
  'not-an-image': 'the file holds no picture in a format we read',
  'folder-again': 'a link to a folder whose pictures are there already, perhaps one that it lies in',
  'folder-unreadable': 'a folder that cannot be read; none of its pictures is known',
  'archive-invalid': 'an archive in the folder cannot be read; none of its pictures is known',
  'too-large': 'more pixels or bytes than the limit',
  duplicate: 'the same bytes as an earlier picture',
  'no-face': 'no face was found, or the annotation has none',
  'landmarks-unusable': 'the five points make no face',
  'face-too-small': 'the eyes are nearer to each other than the limit',
  'enlarged-too-much': 'the face would have to be enlarged beyond the limit',
  'too-much-outside': 'too much of the portrait lies outside the picture',
  'too-blurred': 'the aligned picture is less sharp than the limit',
  'low-confidence': 'the detector is less sure of the face than the limit',
  'turned-away': 'the face is turned farther from the camera than the limit',
  'below-minimum': 'a score is below the least that was asked for',
  'above-maximum': 'a score is above the most that was asked for',
  'near-duplicate': 'shows the same as a better one',
  'not-among-best': 'as many as are kept at most (top) have better scores',
  'enough-images': 'as many as were asked for come before it',
  'does-not-fit': 'the picture is not of the size asked for, or too small for the crop',
  'no-label': 'the annotation has no labels for it',
  'worker-died': 'preparing it ended two worker threads; the manifest has their message',
  failed: 'an unexpected error; the manifest has its message',
} as const;

export type DropReason = keyof typeof dropReasons;

/** What is kept all the same, and marked in the manifest. */
export const marks = {
  enlarged: 'enlarged beyond the limit',
} as const;

export type Mark = keyof typeof marks;

/** What was done to a picture that was no plain upright 8-bit RGB; it is used all the same. */
export const conversions = {
  'exif-turn': 'turned or mirrored as its EXIF orientation says',
  gray: 'one channel, repeated to RGB',
  alpha: 'transparency laid over white',
  cmyk: 'converted from CMYK',
  '16-bit': 'reduced to 8 bits',
  profile: 'converted from its own colour profile to sRGB',
  animated: 'the first picture of several was used',
} as const;

export type Conversion = keyof typeof conversions;
