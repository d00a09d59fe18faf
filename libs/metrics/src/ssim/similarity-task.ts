/** What a thread does with some pairs of images: their similarity at five scales. */
import { kernelExports, workspace } from '../kernels/instance.js';
import { samplesOf, type ImageShape } from '../images/batch.js';
import { scales, type ScaleSimilarity } from './score.js';
import { gaussianWindow } from './window.js';

export interface SimilarityTask extends ImageShape {
  readonly a: Uint8Array; // [pair, channel, y, x]
  readonly b: Uint8Array;
}

const range = 255;
const c1 = (0.01 * range) ** 2;
const c2 = (0.03 * range) ** 2;

/** Per pair, its scales, full size first. */
export function similarities(task: SimilarityTask): readonly (readonly ScaleSimilarity[])[] {
  const { a, b, channels, width, height } = task;
  const samples = samplesOf(task);
  const { kernels, bytes, floats, doubles, at } = workspace(
    samples,
    samples,
    samples * 4,
    samples * 4,
    11 * 4,
    kernelExports().similarityScratch(),
    2 * 8,
  );
  const [aAt, bAt, sums, differences, windowAt, scratch, result] = at;
  const onePair = (pair: number) => {
    const first = pair * samples;
    bytes.set(a.subarray(first, first + samples), aAt);
    bytes.set(b.subarray(first, first + samples), bAt);
    kernels.sumAndDifference(aAt, bAt, samples, sums, differences);
    return Array.from({ length: scales }, (_, scale): ScaleSimilarity => {
      const [w, h] = [width >> scale, height >> scale];
      const window = gaussianWindow(w, h);
      floats.set(window, windowAt / 4);
      doubles.fill(0, result / 8, result / 8 + 2);
      for (let channel = 0; channel < channels; channel++) {
        const plane = channel * w * h * 4;
        kernels.similarity(
          sums + plane,
          differences + plane,
          w,
          h,
          windowAt,
          window.length,
          c1,
          c2,
          scratch,
          result,
        );
      }
      const places = channels * (w - window.length + 1) * (h - window.length + 1);
      const [similarity, structure] = doubles.subarray(result / 8, result / 8 + 2);
      // Planes of all channels lie one below the other, so that they are halved as one.
      kernels.halveFloats(sums, sums, w >> 1, (h >> 1) * channels);
      kernels.halveFloats(differences, differences, w >> 1, (h >> 1) * channels);
      return { similarity: similarity! / places, structure: structure! / places };
    });
  };
  return Array.from({ length: a.length / samples }, (_, pair) => onePair(pair));
}
