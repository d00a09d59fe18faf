/** The Laplacian pyramid (facts 8.2): what each halving of an image loses, and last the small image that is left. */
import { workspace } from '../kernels/instance.js';
import { countOf, samplesOf, type ImageBatch } from '../images/batch.js';
import { levelSizes, type LevelSize } from './level-sizes.js';

/** Bytes of memory for the pyramid of an image, and where its levels begin in them. */
export function pyramidLayout(sizes: readonly LevelSize[], channels: number) {
  const starts: number[] = [];
  let bytes = 0;
  for (const { width, height } of sizes) {
    starts.push(bytes);
    // Levels whose rows are no whole vectors are written a little beyond their end.
    bytes += Math.ceil((channels * width * height * 4 + 64) / 64) * 64;
  }
  return { starts, bytes, scratchBytes: (sizes[0]!.width + 16) * 4 };
}

type Kernels = ReturnType<typeof workspace>['kernels'];

/** From an image's bytes at `image` to its levels (float32, [channel, y, x]) at `target`, laid out as above. */
export function buildPyramid(
  kernels: Kernels,
  image: number,
  sizes: readonly LevelSize[],
  channels: number,
  target: number,
  scratch: number,
): void {
  const { starts } = pyramidLayout(sizes, channels);
  const full = sizes[0]!;
  kernels.widen(image, target, channels * full.width * full.height);
  for (const [i, { width, height }] of sizes.slice(0, -1).entries()) {
    for (let channel = 0; channel < channels; channel++) {
      const level = target + starts[i]! + channel * width * height * 4;
      const smaller = target + starts[i + 1]! + channel * width * height;
      kernels.down(level, smaller, scratch, width, height);
      kernels.subtractUp(smaller, level, scratch, width, height);
    }
  }
}

/** Levels of a batch, full size first: float32 [count, channels, height, width]. Sizes as `levelSizes` has them. */
export function laplacianPyramid(batch: ImageBatch): Float32Array[] {
  const count = countOf(batch);
  const sizes = levelSizes(batch);
  const { channels } = batch;
  const { starts, bytes, scratchBytes } = pyramidLayout(sizes, channels);
  const samples = samplesOf(batch);
  const { kernels, bytes: memory, floats, at } = workspace(samples, bytes + 64, scratchBytes);
  const [image, target, scratch] = at;
  const levels = sizes.map(({ width, height }) => new Float32Array(count * channels * width * height));
  for (let i = 0; i < count; i++) {
    memory.set(batch.data.subarray(i * samples, (i + 1) * samples), image);
    buildPyramid(kernels, image, sizes, channels, target, scratch);
    for (const [l, level] of levels.entries()) {
      const length = level.length / count;
      const from = (target + starts[l]!) / 4;
      level.set(floats.subarray(from, from + length), i * length);
    }
  }
  return levels;
}
