/** The official recipe on CC0 photographs with invented landmarks (golden/dataprep: official statements, Pillow 13). */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { alignFace, type AlignedFace, type RgbImage } from '../src/faces/index.js';
import { fixtures, maxDifference, readNpy, readRgb } from './faces-support.js';

interface GoldenStage {
  stage: 'orient' | 'shrink' | 'crop' | 'superres' | 'pad' | 'transform';
  image_size: [number, number];
  quad: number[][];
  zoom: number;
  center?: number[];
  shrink?: number;
  border?: number;
  crop?: number[];
  superres?: number;
  pad?: number[];
}
interface GoldenCase {
  case: number;
  source: string;
  note: string;
  landmarks: number[][];
  stages: GoldenStage[];
  result_mean: number[];
  result_box16: string;
  result_center_64x64: string;
}
const golden = JSON.parse(readFileSync(`${fixtures}/dataprep.json`, 'utf8')) as {
  cases: GoldenCase[];
};

/** height x width x 3 to 3 x height x width. */
function planes({ data, width, height }: RgbImage): Uint8Array {
  return Uint8Array.from({ length: data.length }, (_, i) => {
    const channel = Math.floor(i / (width * height));
    return data[(i % (width * height)) * 3 + channel]!;
  });
}

/** Means of 16x16 boxes, planar. */
function boxMeans(chw: Uint8Array, side: number): Float32Array {
  const boxes = side / 16;
  const out = new Float32Array(3 * boxes * boxes);
  chw.forEach((v, i) => {
    const channel = Math.floor(i / (side * side));
    const y = Math.floor((i % (side * side)) / side);
    out[(channel * boxes + (y >> 4)) * boxes + ((i % side) >> 4)]! += v / 256;
  });
  return out;
}

describe.each(golden.cases)('CelebA-HQ recipe, case $case ($note)', (expected) => {
  let result: AlignedFace;
  beforeAll(async () => {
    const picture = await readRgb(`${fixtures}/${expected.source.replace('.jpg', '.png')}`);
    result = alignFace(picture, expected.landmarks.flat());
  });
  const stage = (name: GoldenStage['stage']) => expected.stages.find((s) => s.stage === name)!;

  it.each([
    ['orient', 'orient'],
    ['shrink', 'shrink'],
    ['crop', 'crop'],
    ['superres', 'upscale'],
    ['pad', 'pad'],
  ] as const)('has the numbers of stage %s', (theirs, ours) => {
    const want = stage(theirs);
    const got = result.stages[ours];
    expect([got.width, got.height]).toEqual(want.image_size);
    expect(maxDifference([...got.quad], want.quad.flat())).toBeLessThan(1e-2);
    expect(Math.abs(got.zoom - want.zoom)).toBeLessThan(1e-5);
  });

  it('decides the same border, box, enlargement and padding', () => {
    const { orient, shrink, crop, upscale, pad } = result.stages;
    expect(maxDifference(orient.center, stage('orient').center!)).toBeLessThan(1e-2);
    expect(shrink.factor).toBe(Math.max(1, stage('shrink').shrink!));
    expect(crop.border).toBe(stage('crop').border);
    expect(crop.box).toEqual(stage('crop').crop);
    expect(upscale.factor).toBe(stage('superres').superres);
    expect(pad.padding).toEqual(stage('pad').pad);
  });

  it('gives the same picture: box means within 0.15, centre pixels within one level', () => {
    const chw = planes(result.image);
    expect([result.image.width, result.image.height]).toEqual([1024, 1024]);
    const boxes = readNpy(`${fixtures}/${expected.result_box16}`);
    // Measured: 0.08; the tolerance of the goldens allows for other libraries.
    expect(maxDifference(boxMeans(chw, 1024), boxes)).toBeLessThan(0.15);
    const center = Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => {
      const [channel, y, x] = [i >> 12, (i >> 6) & 63, i & 63];
      return chw[(channel * 1024 + 480 + y) * 1024 + 480 + x]!;
    });
    expect(maxDifference(center, readNpy(`${fixtures}/${expected.result_center_64x64}`))).toBeLessThanOrEqual(
      1,
    );
    const mean = [0, 1, 2].map(
      (c) => chw.subarray(c << 20, (c + 1) << 20).reduce((a, b) => a + b, 0) / 2 ** 20,
    );
    expect(maxDifference(mean, expected.result_mean)).toBeLessThan(0.01);
  });
});
