import { describe, expect, it } from 'vitest';
import { fivePointPose, type Pose } from '../../src/quality/pose.js';
import { meshPose } from './mesh-pose.js';

type Point = readonly [x: number, y: number, z: number]; // x right, y up, z towards the camera

/** Nodded up, then turned to the right of the picture, then leant clockwise; degrees. */
function posed([x, y, z]: Point, pitch: number, yaw: number, roll: number): Point {
  const turn = (a: number, b: number, angle: number): [number, number] => {
    const [cosine, sine] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
    return [a * cosine + b * sine, b * cosine - a * sine];
  };
  const [nodY, nodZ] = turn(y, z, pitch);
  const [turnX, turnZ] = turn(x, nodZ, yaw);
  const [leanX, leanY] = turn(turnX, nodY, roll);
  return [leanX, leanY, turnZ];
}

/** The mean face of pose.ts. */
const face: Point[] = [
  [-0.5, 0, 0],
  [0.5, 0, 0],
  [0, -0.475, 0.89],
  [-0.4, -1.07, 0],
  [0.4, -1.07, 0],
];
const five = (pitch: number, yaw: number, roll: number, scale = 60) =>
  face.flatMap((point) => {
    const [x, y] = posed(point, pitch, yaw, roll);
    return [200 + scale * x, 150 - scale * y];
  });

const angles = [-40, -15, 0, 10, 35];
const poses = angles.flatMap((pitch) =>
  angles.flatMap((yaw) => [-60, 0, 20].map((roll) => [pitch, yaw, roll] as const)),
);

function expectPose(found: Pose | null, pitch: number, yaw: number, roll: number): void {
  expect(found).not.toBeNull();
  expect(found!.pitch).toBeCloseTo(pitch, 6);
  expect(found!.yaw).toBeCloseTo(yaw, 6);
  expect(found!.roll).toBeCloseTo(roll, 6);
}

const mirrored = (points: readonly number[], swap: readonly number[], width: number, per: number) =>
  swap.flatMap((point) =>
    points.slice(point * per, (point + 1) * per).map((value, axis) => (axis === 0 ? width - value : value)),
  );

describe('pose from five points', () => {
  it.each(poses)('finds pitch %i, yaw %i, roll %i of a turned face', (pitch, yaw, roll) => {
    expectPose(fivePointPose(five(pitch, yaw, roll)), pitch, yaw, roll);
  });

  it('does not depend on size and place, nor on how wide the mouth is', () => {
    expectPose(fivePointPose(five(5, -20, 12, 900)), 5, -20, 12);
    const frontal = five(8, 0, 0);
    const smile = [...frontal.slice(0, 6), frontal[6]! - 8, frontal[7]!, frontal[8]! + 8, frontal[9]!];
    expectPose(fivePointPose(smile), 8, 0, 0);
  });

  it('negates yaw and roll of a mirrored picture', () => {
    expectPose(fivePointPose(mirrored(five(9, 25, -14), [1, 0, 2, 4, 3], 500, 2)), 9, -25, 14);
  });

  it('finds a head that stands upside down', () => {
    expectPose(fivePointPose(five(0, 10, 180)), 0, 10, 180);
  });

  it('tells the angle to the camera', () => {
    expect(fivePointPose(five(0, 30, 45))!.turn).toBeCloseTo(30, 6);
    expect(fivePointPose(five(-20, 30, 0))!.turn).toBeCloseTo(35.531, 2);
  });

  it('is unknown for points that make no face', () => {
    expect(fivePointPose(new Array<number>(10).fill(5))).toBeNull();
    expect(fivePointPose([0, 0, 10, 0, 5, 5, 0, -10, 10, -10])).toBeNull();
    expect(fivePointPose([0, 0, NaN, 0, 5, 5, 0, 10, 10, 10])).toBeNull();
    expect(fivePointPose([0, 0, 10, 0])).toBeNull();
  });
});

describe('pose from the mesh', () => {
  /** 478 points, of which those that the pose is read from are where they are in a face. */
  const mesh = (pitch: number, yaw: number, roll: number, opened = 0) => {
    const points = new Float64Array(478 * 3);
    const put = (index: number, point: Point) => {
      const [x, y, z] = posed(point, pitch, yaw, roll);
      points.set([300 + 20 * x, 250 - 20 * y, -20 * z], index * 3);
    };
    for (const [left, right, x, y, z] of [
      [33, 263, 4.4, 2.7, 3.2],
      [133, 362, 1.9, 2.6, 3.8],
      [234, 454, 7.7, 0.7, -2.4],
      [127, 356, 7.7, 2.4, -2],
      [61, 291, 2.5, -4.3, 4.3],
    ] as const) {
      put(left, [-x, y, z]);
      put(right, [x, y, z]);
    }
    put(10, [0, 8.3, 4.3]);
    put(152, [0, -9.4 - opened, 4.3]);
    return Array.from(points);
  };

  it.each(poses)('finds pitch %i, yaw %i, roll %i of a turned face', (pitch, yaw, roll) => {
    expectPose(meshPose(mesh(pitch, yaw, roll)), pitch, yaw, roll);
    expectPose(meshPose(mesh(pitch, yaw, roll, 2)), pitch, yaw, roll); // chin straight down
  });

  it('negates yaw and roll of a mirrored picture', () => {
    const order = Array.from({ length: 478 }, (_, i) => i);
    for (const [a, b] of [
      [33, 263],
      [133, 362],
      [234, 454],
      [127, 356],
      [61, 291],
    ] as const)
      [order[a], order[b]] = [b, a];
    expectPose(meshPose(mirrored(mesh(-7, 18, 5), order, 640, 3)), -7, -18, -5);
  });

  it('is unknown for too few points, and for points in one place', () => {
    expect(meshPose(five(0, 0, 0))).toBeNull();
    expect(meshPose(new Float64Array(478 * 3))).toBeNull();
  });
});
