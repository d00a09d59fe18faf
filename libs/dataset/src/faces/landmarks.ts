/** The five points of the CelebA annotation, in its order; left and right as seen in the picture. */
export const LANDMARK = { leftEye: 0, rightEye: 1, nose: 2, leftMouth: 3, rightMouth: 4 } as const;

/** Column names of CelebA's landmark list, x and y of each point in LANDMARK order. */
export const LANDMARK_COLUMNS = [
  'lefteye_x',
  'lefteye_y',
  'righteye_x',
  'righteye_y',
  'nose_x',
  'nose_y',
  'leftmouth_x',
  'leftmouth_y',
  'rightmouth_x',
  'rightmouth_y',
] as const;

export interface FaceLandmarks {
  readonly points: Float64Array; // x0, y0, x1, y1, … of LANDMARK, pixels of the upright picture
  readonly faces: number; // faces found in the same picture
  readonly confidence?: number; // 0..1, where the source of the points knows one
}

/** Distance between the eyes, in pixels. */
export function eyeDistance(points: ArrayLike<number>): number {
  return Math.hypot(points[2]! - points[0]!, points[3]! - points[1]!);
}
