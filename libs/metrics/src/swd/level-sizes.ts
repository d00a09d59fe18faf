/** Which levels a sliced Wasserstein distance has (facts 8.2). */
import { MetricsError } from '../errors.js';

export interface LevelSize {
  readonly width: number;
  readonly height: number;
}

/** Sides of the smallest level are not below this. */
export const leastSide = 16;

/**
 * Full size, half, … while both sides halve to whole numbers of 16 or more. 128x128 has levels 128, 64, 32, 16.
 * @throws MetricsError `images-invalid` for images smaller than 16 pixels
 */
export function levelSizes(size: LevelSize): readonly LevelSize[] {
  let { width, height } = size;
  if (Math.min(width, height) < leastSide)
    throw new MetricsError(
      'images-invalid',
      `sliced Wasserstein distance: expected images of at least ${leastSide}x${leastSide}, got ${width}x${height}`,
    );
  const sizes = [{ width, height }];
  while (width % 2 === 0 && height % 2 === 0 && Math.min(width, height) >= 2 * leastSide) {
    [width, height] = [width / 2, height / 2];
    sizes.push({ width, height });
  }
  return sizes;
}

/** "SWDx1e3_128", or "SWDx1e3_128x96" of a rectangle. */
export function levelName({ width, height }: LevelSize): string {
  return width === height ? `SWDx1e3_${width}` : `SWDx1e3_${width}x${height}`;
}
