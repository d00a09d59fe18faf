import { smallestResolution, type NetworkConfig } from './config.js';

/** Pixels. */
export interface ImageShape {
  readonly width: number;
  readonly height: number;
}

/** The part of a network configuration that decides the size of its images. */
export type NetworkShape = Pick<NetworkConfig, 'resolution' | 'baseWidth' | 'baseHeight'>;

/** Images `level` halvings below the final size. */
export function imageShape(config: NetworkShape, level = 0): ImageShape {
  const factor = config.resolution / smallestResolution / 2 ** level;
  return { width: config.baseWidth * factor, height: config.baseHeight * factor };
}

/**
 * The shape of networks for images of a size: the size halves to a base whose larger side has 4 to 7
 * pixels, so 128x96 has base 4x3 and resolution 128, 224x160 base 7x5 and resolution 128 as well.
 */
export function networkShape({ width, height }: ImageShape): NetworkShape {
  const resolution = 2 ** Math.floor(Math.log2(Math.max(width, height)));
  const factor = resolution / smallestResolution;
  return { resolution, baseWidth: width / factor, baseHeight: height / factor };
}
