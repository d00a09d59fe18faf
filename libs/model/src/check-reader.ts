import { highestBlock } from './config.js';
import { ModelError } from './errors.js';
import { imageShape, networkShape } from './image-shape.js';
import type { TrainingOptions } from './options.js';
import type { ImageReader } from './reader.js';

/** @throws ModelError `reader-mismatch` when the images or labels do not fit the networks */
export function checkReader({ network }: TrainingOptions, reader: ImageReader): void {
  const { width = reader.resolution, height = reader.resolution, channels } = reader;
  const found = networkShape({ width, height });
  const wanted = imageShape(network);
  const sameBase = found.baseWidth === network.baseWidth && found.baseHeight === network.baseHeight;
  if (!sameBase || highestBlock(found) < highestBlock(network) || channels !== network.numChannels) {
    throw new ModelError(
      'reader-mismatch',
      `the images do not fit the networks: expected ${network.numChannels} channel(s) and ` +
        `${wanted.width}x${wanted.height} pixels or doublings of that, got ${channels} and ` +
        `${width}x${height}; build another data set or set network.numChannels, network.resolution, ` +
        'network.baseWidth and network.baseHeight',
    );
  }
  const components = reader.labels?.components ?? 0;
  if (components < network.labelSize || (network.labelSize > 0 && reader.nextBatch === undefined)) {
    throw new ModelError(
      'reader-mismatch',
      `the labels do not fit the networks: expected at least ${network.labelSize} component(s) per ` +
        `image, got ${components}; set network.labelSize to at most that`,
    );
  }
}
