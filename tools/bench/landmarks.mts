/**
 * How far portraits by detection lie from portraits by annotation, on pictures that have both:
 *
 *     node --import ./tools/test/typescript.mjs --conditions=@pggan/source tools/bench/landmarks.mts SOURCE MODEL [POINTS] [pictures]
 *
 * SOURCE: a set with landmarks of its own (the rendered sample, CelebA in the wild), or pictures for which the CSV or JSON
 * file POINTS has them ('-': none), in pixels of the pictures as they are stored; MODEL: face_landmarker.task. Of more
 * `pictures` (default 300) than asked for, every so many are taken. Printed: how many pictures have both, and the median,
 * 90th and 99th percentile and largest value of the corners' largest distance in % of the annotated portrait's side, of
 * its turn in degrees and of its scale in %, for CelebA-HQ's portrait.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chooseSource, computeQuad, LandmarkDetector, readSidecarLandmarks } from '@pggan/dataset';
import sharp from 'sharp';
import { machine } from './measure.mjs';

const [sourcePath, modelPath, list = '-', most = '300'] = process.argv.slice(2);
if (!sourcePath || !modelPath) throw new Error('expected SOURCE and MODEL, see the beginning of this file');

interface Difference {
  readonly corners: number; // % of the side
  readonly turn: number; // degrees
  readonly scale: number; // %
}

function difference(annotated: ArrayLike<number>, detected: ArrayLike<number>): Difference {
  const quads = [annotated, detected].map((points) => computeQuad(points, { outputSize: 1024 }).quad);
  const [a, b] = quads as [Float32Array, Float32Array];
  const edge = (quad: Float32Array) => [quad[6]! - quad[0]!, quad[7]! - quad[1]!] as const;
  const [[ax, ay], [bx, by]] = [edge(a), edge(b)];
  const [sideA, sideB] = [Math.hypot(ax, ay), Math.hypot(bx, by)];
  const distances = [0, 2, 4, 6].map((i) => Math.hypot(a[i]! - b[i]!, a[i + 1]! - b[i + 1]!));
  return {
    corners: (Math.max(...distances) / sideA) * 100,
    turn: Math.abs(Math.atan2(ax * by - ay * bx, ax * bx + ay * by) * (180 / Math.PI)),
    scale: Math.abs(sideB / sideA - 1) * 100,
  };
}

function line(name: string, values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(2);
  return `  ${name.padEnd(22)} median ${at(0.5)}, 90 % ${at(0.9)}, 99 % ${at(0.99)}, largest ${at(1)}`;
}

const scratch = await mkdtemp(join(tmpdir(), 'pggan-bench-landmarks-'));
const kind = await chooseSource(sourcePath, 'auto');
const source = await kind.open({
  path: resolve(sourcePath),
  scratch,
  split: 'train',
  stacks: 1,
  stackSeed: 0,
  coarse: false,
});
const detector = await LandmarkDetector.create({ modelPath, search: 'whole' });
try {
  const listed = list === '-' ? null : await readSidecarLandmarks(list);
  const annotation = (i: number) =>
    listed ? listed.of(source.path(i))[0]?.points : (source.landmarks?.(i) ?? undefined);
  const annotated = Array.from({ length: source.count }, (_, i) => i).filter((i) => annotation(i));
  const every = Math.max(1, Math.floor(annotated.length / Number(most)));
  const chosen = annotated.filter((_, i) => i % every === 0).slice(0, Number(most));

  const differences: Difference[] = [];
  for (const i of chosen) {
    const picture = await source.read(i);
    if (picture.kind !== 'file') throw new Error(`${source.path(i)}: expected a picture file`);
    const decoded = sharp(picture.bytes, { ignoreIcc: true });
    const { data, info } = await (listed ? decoded : decoded.rotate())
      .toColourspace('srgb')
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const [face] = detector.detect(new Uint8ClampedArray(data), info.width, info.height);
    if (face) differences.push(difference(annotation(i)!, face.points));
  }
  console.log(machine());
  console.log(
    `${sourcePath}: ${chosen.length} of ${annotated.length} annotated pictures, in ${differences.length} a face was found`,
  );
  if (differences.length > 0) {
    console.log(
      line(
        'corners, % of side',
        differences.map(({ corners }) => corners),
      ),
    );
    console.log(
      line(
        'turn, degrees',
        differences.map(({ turn }) => turn),
      ),
    );
    console.log(
      line(
        'scale, %',
        differences.map(({ scale }) => scale),
      ),
    );
  }
} finally {
  detector.close();
  await source.close();
  await rm(scratch, { recursive: true, force: true });
}
