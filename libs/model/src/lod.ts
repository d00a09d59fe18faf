import type { tf } from '@pggan/engine';

/**
 * Where between two resolutions the networks work. `level` halvings separate the active resolution
 * from the final one; `fade` (0 < fade < 1) is the share of the next lower resolution still blended
 * in, null when nothing is blended. The share is a tensor so that a recorded step can be replayed
 * all through a transition.
 */
export interface LodPoint {
  readonly level: number;
  readonly fade: tf.Scalar | null;
}

/** A level of detail split into whole halvings and the share in between, 0 <= fraction < 1. */
export interface LodParts {
  readonly level: number;
  readonly fraction: number;
}

/** lod counts from the top: 0 is the final resolution, R-2 is 4x4 (facts 1). */
export function splitLod(lod: number): LodParts {
  const level = Math.floor(lod);
  return { level, fraction: lod - level };
}
