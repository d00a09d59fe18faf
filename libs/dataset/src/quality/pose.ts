/**
 * Which way a head is turned, in degrees. The head is first nodded (pitch), then turned (yaw), then leant in the plane
 * of the picture (roll), which alignment takes out again: turning the picture changes the roll only.
 *
 * - yaw: positive when the face looks to the right of the picture
 * - pitch: positive when it looks up
 * - roll: positive when it leans clockwise
 * - turn: angle between the direction of the face and that to the camera, 0 and more: arccos(cos yaw · cos pitch)
 *
 * A mirrored picture negates yaw and roll. Perspective is left out, and 0 is the neutral face of MediaPipe's model:
 * chin and top of the forehead at one depth, which is looking down a little; official portraits have −7 in the mean.
 */
import { LANDMARK } from '../faces/landmarks.js';

export interface Pose {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
  readonly turn: number;
}

const degrees = 180 / Math.PI;

/** From radians. */
export function poseOf(yaw: number, pitch: number, roll: number): Pose {
  const turn = Math.acos(Math.cos(yaw) * Math.cos(pitch));
  return { yaw: yaw * degrees, pitch: pitch * degrees, roll: roll * degrees, turn: turn * degrees };
}

/** The mean face in distances between the eyes, from the point between them. */
const meanFace = {
  noseDown: 0.475,
  noseAhead: 0.89,
  mouthDown: 1.07, // and at the depth of the eyes
};

/**
 * From five points in LANDMARK order; null where they make no face: eyes in one place, mouth not below them.
 *
 * roll = direction of the sum of the lines from eye to eye and from mouth corner to mouth corner, the first taken
 * twice. With the points turned back by it, (x, y) from the middle of the eyes, y down, and e the distance of the eyes:
 * of a face that nods by p the nose is at y = n·cos p − d·sin p and the mouth at y = h·cos p, of which
 * tan p = (n − h · y_nose / y_mouth) / d; the nose is z = n·sin p + d·cos p ahead of the eyes, and of a face that
 * turns by w the eyes are cos w apart and the nose is at x = z·sin w, of which tan w = x_nose / (z·e).
 *
 * n, d, h are those of `meanFace`: fitted, on half of the photographs of the test data, to what MediaPipe's mesh says (test/quality/mesh-pose.ts); on
 * the other half the difference has a 95th percentile of 3.7° in yaw, 6.1° in pitch, 0.9° in roll.
 */
export function fivePointPose(points: ArrayLike<number>): Pose | null {
  const at = (point: number) => [points[2 * point]!, points[2 * point + 1]!] as const;
  const [leftEye, rightEye] = [at(LANDMARK.leftEye), at(LANDMARK.rightEye)];
  const [leftMouth, rightMouth] = [at(LANDMARK.leftMouth), at(LANDMARK.rightMouth)];
  const nose = at(LANDMARK.nose);
  const eyes = [rightEye[0] - leftEye[0], rightEye[1] - leftEye[1]] as const;
  const mouth = [rightMouth[0] - leftMouth[0], rightMouth[1] - leftMouth[1]] as const;
  const roll = Math.atan2(2 * eyes[1] + mouth[1], 2 * eyes[0] + mouth[0]);
  const [cosine, sine] = [Math.cos(roll), Math.sin(roll)];
  const across = (x: number, y: number) => cosine * x + sine * y;
  const down = (x: number, y: number) => cosine * y - sine * x;

  const distance = Math.hypot(...eyes);
  const [middleX, middleY] = [(leftEye[0] + rightEye[0]) / 2, (leftEye[1] + rightEye[1]) / 2];
  const noseAcross = across(nose[0] - middleX, nose[1] - middleY);
  const noseDown = down(nose[0] - middleX, nose[1] - middleY);
  const mouthDown = down(
    (leftMouth[0] + rightMouth[0]) / 2 - middleX,
    (leftMouth[1] + rightMouth[1]) / 2 - middleY,
  );
  if (!(distance > 0 && mouthDown > 0 && Number.isFinite(noseAcross + noseDown))) return null;
  const { noseDown: n, noseAhead: d, mouthDown: h } = meanFace;
  const pitch = Math.atan((n - (h * noseDown) / mouthDown) / d);
  const ahead = n * Math.sin(pitch) + d * Math.cos(pitch);
  const yaw = Math.atan2(noseAcross, ahead * distance);
  return poseOf(yaw, pitch, roll);
}
