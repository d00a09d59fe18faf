/** What a thread does with a few images: their pyramids, the patches at given places, and the patches' moments. */
import { workspace } from '../kernels/instance.js';
import { samplesOf, type ImageShape } from '../images/batch.js';
import { levelSizes, type LevelSize } from './level-sizes.js';
import type { Moments } from './moments.js';
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
  const rows = count * patches;
  const { bytes: levelBytes, starts, scratchBytes } = pyramidLayout(sizes, channels);
  const { kernels, bytes, floats, doubles, at } = workspace(
    samples,
    levelBytes,
    scratchBytes,
    patches * 4,
    patches * 4,
    rows * rowFloats * 4 * sizes.length,
    4 * 8,
  );
  const [image, levels, scratch, xsAt, ysAt, target, momentsAt] = at;
  const integers = new Int32Array(bytes.buffer);
  const levelTarget = (level: number) => target + level * rows * rowFloats * 4;
  for (let i = 0; i < count; i++) {
    bytes.set(data.subarray(i * samples, (i + 1) * samples), image);
    buildPyramid(kernels, image, sizes, channels, levels, scratch);
    for (const [level, { width, height }] of sizes.entries()) {
      const { xs, ys } = places[level]!;
      integers.set(xs.subarray(i * patches, (i + 1) * patches), xsAt / 4);
      integers.set(ys.subarray(i * patches, (i + 1) * patches), ysAt / 4);
      const out = levelTarget(level) + i * patches * rowFloats * 4;
      kernels.cutPatches(levels + starts[level]!, width, height, channels, xsAt, ysAt, patches, out);
    }
  }
  return sizes.map((_: LevelSize, level) => {
    const from = levelTarget(level);
    const moments = Array.from({ length: channels }, (_, channel): Moments => {
      kernels.moments(from + channel * patchArea * 4, rows, rowFloats * 4, momentsAt);
      const [sum, squares, least, greatest] = doubles.subarray(momentsAt / 8, momentsAt / 8 + 4);
      return {
        count: rows * patchArea,
        sum: sum!,
        squares: squares!,
        least: least!,
        greatest: greatest!,
      };
    });
    const values = new Float32Array(new SharedArrayBuffer(rows * rowFloats * 4));
    values.set(floats.subarray(from / 4, from / 4 + values.length));
    return { values, moments };
  });
}
