/**
 * Do the scores of quality tell spoiled photographs from good ones? The photographs of PGGAN_TEST_DATA are degraded,
 * aligned and measured:
 *
 *     node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/quality.mts [size] [every] [pose]
 *
 * `size` of the portraits (default 128), `every` n-th photograph (default 1: all). A cell is "pairs / any": the percentage
 * of photographs whose degraded version has the lower score, and that of all pairs of a photograph and a degraded version
 * of any photograph. Constants were chosen on the photographs of even number; the table is of those of odd number.
 * Degradations are in pixels of the source, of which the portrait takes no more than `size` a side. Of noise, blockiness
 * and jpeg the negative is compared. `pose` compares the angles with those of MediaPipe's transformation matrix instead.
 */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { loadMediaPipe } from '../../libs/dataset/src/faces/mediapipe.js';
import { softwareCanvas } from '../../libs/dataset/src/faces/software-gl.js';
import { faceQuality, fivePointPose, type FaceQuality } from '../../libs/dataset/src/quality/index.js';
import { sharpness } from '../../libs/dataset/src/pipeline/scores.js';
import {
  degradations,
  jpeg,
  scaled,
  toSharp,
  type Degradation,
} from '../../libs/dataset/test/quality/degrade.js';
import { meshPose } from '../../libs/dataset/test/quality/mesh-pose.js';
import {
  loadPhotograph,
  photographs,
  portraitOf,
  type Loaded,
} from '../../libs/dataset/test/quality/portraits.js';
import { machine, median } from './measure.mjs';
import { data } from './photographs.mjs';

const size = Number(process.argv[2] ?? 128);
const every = Number(process.argv[3] ?? 1);

/** Blocks that are no longer 8 pixels wide: a known gap. */
const resizedJpeg: Degradation = async (image, seed) => {
  const blocks = await jpeg(10)(await scaled(image, 1.25), seed);
  return scaled(blocks, 0.8);
};
const spoilers: Record<string, Degradation> = { ...degradations, 'jpeg 10, resized': resizedJpeg };

const less = (value: number | null) => (value === null ? 0 : -value);
const scores: Record<string, (quality: Measured) => number> = {
  quality: ({ quality }) => quality!,
  spectrum: ({ spectrum }) => spectrum!,
  detail: ({ detail }) => detail!,
  evenness: ({ evenness }) => evenness!,
  '-noise': ({ noise }) => less(noise),
  '-blockiness': ({ blockiness }) => less(blockiness),
  contrast: ({ contrast }) => contrast,
  sharpness: (measured) => measured.sharpness,
};
type Measured = FaceQuality & { readonly sharpness: number };

async function measure(photograph: Loaded, spoil?: Degradation, seed = 0) {
  const { image, source } = await portraitOf(photograph, size, spoil, seed);
  return { ...faceQuality(image, source), sharpness: sharpness(image) };
}

const percent = (part: number) => (100 * part).toFixed(1);

/** Share of pairs (one of `good`, one of `bad`) in which the good one is higher, equal ones counting half. */
function anyPair(good: readonly number[], bad: readonly number[]): number {
  const wins = good.map((a) => bad.reduce((sum, b) => sum + (b < a ? 1 : b === a ? 0.5 : 0), 0));
  return wins.reduce((sum, value) => sum + value, 0) / (good.length * bad.length);
}

async function degraded(): Promise<void> {
  const chosen = photographs(data).filter((_, i) => i % every === 0);
  const names = Object.keys(spoilers);
  const originals: Measured[] = [];
  const spoiled = new Map<string, Measured[]>(names.map((name) => [name, []]));
  for (const [i, photograph] of chosen.entries()) {
    const loaded = await loadPhotograph(data, photograph, size);
    originals.push(await measure(loaded));
    for (const name of names) spoiled.get(name)!.push(await measure(loaded, spoilers[name], i + 1));
  }
  for (const [half, parity] of [
    ['chosen on', 0],
    ['reported', 1],
  ] as const) {
    const part = <T,>(list: readonly T[]) => list.filter((_, i) => i % 2 === parity);
    console.log(
      `\n${half}: ${part(originals).length} photographs as portraits of ${size} px; pairs / any, percent`,
    );
    console.log(
      ''.padEnd(18) +
        Object.keys(scores)
          .map((name) => name.padStart(13))
          .join(''),
    );
    for (const name of names) {
      const cells = Object.values(scores).map((score) => {
        const [good, bad] = [part(originals).map(score), part(spoiled.get(name)!).map(score)];
        const lower = good.filter((value, i) => bad[i]! < value).length / good.length;
        return `${percent(lower)} / ${(100 * anyPair(good, bad)).toFixed(0)}`.padStart(13);
      });
      console.log(name.padEnd(18) + cells.join(''));
    }
  }
  console.log('\nof the photographs themselves: percentiles 1, 10, 50, 90, 99');
  for (const [name, score] of Object.entries(scores)) {
    const order = originals.map(score).sort((a, b) => a - b);
    const at = [0.01, 0.1, 0.5, 0.9, 0.99].map((share) =>
      order[Math.floor(share * order.length)]!.toFixed(2),
    );
    console.log(`${name.padEnd(18)} ${at.join('  ')}`);
  }
}

async function speed(): Promise<void> {
  console.log(`\n${machine()}\nall scores of one portrait, median of 30, milliseconds`);
  const [photograph] = photographs(data).filter(({ file }) => file.includes('white-house'));
  for (const side of [128, 256, 512, 1024]) {
    const loaded = await loadPhotograph(data, photograph!, side);
    const { image, source } = await portraitOf(loaded, side);
    const file = await toSharp(loaded.picture).jpeg({ quality: 90 }).toBuffer();
    const times = Array.from({ length: 40 }, () => {
      const start = performance.now();
      faceQuality(image, { ...source, file });
      return performance.now() - start;
    });
    console.log(`  ${String(side).padStart(4)} px: ${median(times.slice(10)).toFixed(2)}`);
  }
}

interface Landmarks {
  readonly faceLandmarks: readonly (readonly { x: number; y: number; z: number }[])[];
  readonly facialTransformationMatrixes: readonly { readonly data: readonly number[] }[]; // 4x4, by columns
}

/** Of a rotation by columns, x right, y up, z towards the camera, scaled. */
function matrixPose(matrix: readonly number[]) {
  const degrees = 180 / Math.PI;
  const [acrossX, acrossY, acrossZ] = [matrix[0]!, matrix[1]!, matrix[2]!];
  return {
    yaw: Math.atan2(-acrossZ, Math.hypot(acrossX, acrossY)) * degrees,
    pitch: Math.atan2(-matrix[6]!, matrix[10]!) * degrees,
    roll: Math.atan2(-acrossY, acrossX) * degrees,
  };
}

async function poses(): Promise<void> {
  const mediapipe = loadMediaPipe();
  const files = await mediapipe.FilesetResolver.forVisionTasks(mediapipe.wasmFolder);
  const model = join(data, 'models/face_landmarker/face_landmarker.task');
  const landmarker = await mediapipe.FaceLandmarker.createFromOptions(files, {
    baseOptions: { modelAssetBuffer: new Uint8Array(readFileSync(model)), delegate: 'CPU' },
    canvas: softwareCanvas() as never,
    runningMode: 'IMAGE',
    outputFacialTransformationMatrixes: true,
  });
  const rows: { matrix: Angles; mesh: Angles; five: Angles }[] = [];
  for (const { file } of photographs(data).filter((_, i) => i % every === 0)) {
    const { data: pixels, info } = await sharp(join(data, file))
      .autoOrient()
      .toColourspace('srgb')
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const picture = { data: new Uint8ClampedArray(pixels), width, height };
    const found = landmarker.detect(picture as never) as unknown as Landmarks;
    const face = found.faceLandmarks[0];
    if (!face) continue;
    const five = [468, 473, 4, 61, 291].flatMap((i) => [face[i]!.x * width, face[i]!.y * height]);
    rows.push({
      matrix: matrixPose(found.facialTransformationMatrixes[0]!.data),
      mesh: meshPose(face.flatMap(({ x, y, z }) => [x * width, y * height, z * width]))!,
      five: fivePointPose(five)!,
    });
  }
  for (const [name, a, b, part] of [
    ['mesh - matrix', 'mesh', 'matrix', rows],
    ['five - mesh, even', 'five', 'mesh', rows.filter((_, i) => i % 2 === 0)],
    ['five - mesh, odd', 'five', 'mesh', rows.filter((_, i) => i % 2 === 1)],
  ] as const) {
    const cells = (['yaw', 'pitch', 'roll'] as const).map((angle) => {
      const errors = part.map((row) => row[a][angle] - row[b][angle]);
      const mean = errors.reduce((sum, value) => sum + value, 0) / errors.length;
      const order = errors.map(Math.abs).sort((x, y) => x - y);
      return `${angle}: mean ${mean.toFixed(1)}, median ${median(order).toFixed(1)}, 95 % within ${order[Math.floor(0.95 * order.length)]!.toFixed(1)}`;
    });
    console.log(`${name} (${part.length}), degrees: ${cells.join('; ')}`);
  }
}
type Angles = Record<'yaw' | 'pitch' | 'roll', number>;

if (process.argv.includes('pose')) {
  await poses();
  process.exit(0); // MediaPipe keeps the process alive
}
await degraded();
await speed();
