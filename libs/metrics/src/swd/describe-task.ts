/** What a thread does with a few images: their pyramids, the patches at given places, and the patches' moments. */
import { kernelExports, workspace } from '../kernels/instance.js';
import { samplesOf, type ImageShape } from '../images/batch.js';
import { levelSizes } from './level-sizes.js';
import { mergeMoments, type Moments } from './moments.js';
import { buildPyramid, pyramidLayout } from './pyramid.js';

export const patchSide = 7;
export const patchArea = patchSide * patchSide;

/** Centres of patches on one level, patches of an image one after the other. */
export interface Places {
  readonly xs: Int32Array;
  readonly ys: Int32Array;
}

export interface DescribeTask extends ImageShape {
  readonly data: Uint8Array;
  readonly places: readonly Places[]; // per level
}

export interface LevelBlock {
  readonly values: Float32Array; // in shared memory: [patch, channel, x, y]
  readonly moments: readonly Moments[]; // per channel
}

/** A block per level. */
export function describe(task: DescribeTask): readonly LevelBlock[] {
  const { data, places, channels } = task;
  const sizes = levelSizes(task);
  const samples = samplesOf(task);
  const count = data.length / samples;
  const patches = places[0]!.xs.length / count;
  const rowFloats = channels * patchArea;
  const { bytes: levelBytes, starts, scratchBytes } = pyramidLayout(sizes, channels);
  const { kernels, bytes, floats, doubles, at } = workspace(
    samples,
    scratchBytes,
    patches * 4,
    patches * 4,
    4 * 8,
    levelBytes,
    kernelExports().turnedBytes(task.width, task.height, channels),
    patches * rowFloats * 4,
  );
  const [image, scratch, xsAt, ysAt, momentsAt, levels, turned, cut] = at;
  const integers = new Int32Array(bytes.buffer);
  const values = sizes.map(() => new Float32Array(new SharedArrayBuffer(count * patches * rowFloats * 4)));
  const moments: Moments[][] = sizes.map(() => []);
  for (let i = 0; i < count; i++) {
    bytes.set(data.subarray(i * samples, (i + 1) * samples), image);
    buildPyramid(kernels, image, sizes, channels, levels, scratch);
    for (const [level, { width, height }] of sizes.entries()) {
      const { xs, ys } = places[level]!;
      integers.set(xs.subarray(i * patches, (i + 1) * patches), xsAt / 4);
      integers.set(ys.subarray(i * patches, (i + 1) * patches), ysAt / 4);
      kernels.turn(levels + starts[level]!, width, height, channels, turned);
      kernels.cutPatches(turned, width, height, channels, xsAt, ysAt, patches, cut);
      for (let channel = 0; channel < channels; channel++) {
        kernels.moments(cut + channel * patchArea * 4, patches, rowFloats * 4, momentsAt);
        const [sum, squares, least, greatest] = doubles.subarray(momentsAt / 8, momentsAt / 8 + 4);
        const found = {
          count: patches * patchArea,
          sum: sum!,
          squares: squares!,
          least: least!,
          greatest: greatest!,
        };
        const before = moments[level]![channel];
        moments[level]![channel] = before ? mergeMoments(before, found) : found;
      }
      const patchFloats = patches * rowFloats;
      values[level]!.set(floats.subarray(cut / 4, cut / 4 + patchFloats), i * patchFloats);
    }
  }
  return sizes.map((_, level) => ({ values: values[level]!, moments: moments[level]! }));
}
