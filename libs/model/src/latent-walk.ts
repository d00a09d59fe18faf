/** Latents that wander: for films that move through the space of pictures (facts section 9). */
import { RandomState } from '@pggan/random';

export interface LatentWalkOptions {
  readonly seed: number;
  readonly frames: number;
  /** Pictures of a frame, each of which wanders by itself. */
  readonly cells: number;
  readonly latentSize: number;
  /** Standard deviation of the smoothing along time, in frames; the paper's film has one second. */
  readonly sigma: number;
}

/** Beyond so many standard deviations the weights are cut off. */
const truncate = 4;

/** Weights of a Gaussian for the distances -radius … radius; their sum is 1. */
function gaussianWeights(sigma: number): Float64Array {
  const radius = Math.trunc(truncate * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Normal numbers [frames, cells, latentSize] of RandomState(seed), smoothed along time by a Gaussian that goes on at the
 * other end, so that the film is a loop, and divided by the root of their mean square.
 */
export function latentWalk(options: LatentWalkOptions): Float32Array {
  const { seed, frames, cells, latentSize, sigma } = options;
  const width = cells * latentSize;
  const steps = new RandomState(seed).normals(frames * width);
  const walk = new Float64Array(steps.length);
  const weights = sigma > 0 ? gaussianWeights(sigma) : Float64Array.of(1);
  const radius = (weights.length - 1) / 2;
  for (let frame = 0; frame < frames; frame++) {
    for (const [i, weight] of weights.entries()) {
      const other = (((frame + i - radius) % frames) + frames) % frames;
      for (let k = 0; k < width; k++) walk[frame * width + k]! += weight * steps[other * width + k]!;
    }
  }
  let squares = 0;
  for (const value of walk) squares += value * value;
  const scale = 1 / Math.sqrt(squares / walk.length);
  return Float32Array.from(walk, (value) => value * scale);
}
