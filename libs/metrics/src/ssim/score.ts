/** From the similarities of five scales to one number (facts 8.3). */

export interface ScaleSimilarity {
  readonly similarity: number; // mean of luminance times contrast-structure
  readonly structure: number; // mean of contrast-structure
}

/** They do not add up to 1: so the official weights. */
const weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

export const scales = weights.length;

/** `levels`: full size first. Negative means count as zero. */
export function scoreOf(levels: readonly ScaleSimilarity[]): number {
  return levels.reduce((score, { similarity, structure }, i) => {
    const value = i + 1 < levels.length ? structure : similarity;
    return score * Math.max(0, value) ** weights[i]!;
  }, 1);
}
