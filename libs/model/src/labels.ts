/** Labels on their way to the networks: the first `labelSize` components of the data set's rows. */
import type { RandomState } from '@pggan/random';
import { ModelError } from './errors.js';
import type { ImageReader, LabelledImages, LabelRows } from './reader.js';

/**
 * The first columns of rows.
 * @returns [rows, labelSize]
 */
export function firstComponents(data: Float32Array, components: number, labelSize: number): Float32Array {
  if (components === labelSize) return data;
  const rows = data.length / components;
  const kept = new Float32Array(rows * labelSize);
  for (let row = 0; row < rows; row++) {
    kept.set(data.subarray(row * components, row * components + labelSize), row * labelSize);
  }
  return kept;
}

/** A label for every random number in [0, 1): rows of the data set, all equally likely (facts 3). */
export function drawLabels(
  { components, data }: LabelRows,
  labelSize: number,
  count: number,
  random: RandomState,
): Float32Array {
  const rows = data.length / components;
  const drawn = new Float32Array(count * labelSize);
  random.uniforms(count).forEach((u, i) => {
    const start = Math.floor(u * rows) * components;
    drawn.set(data.subarray(start, start + labelSize), i * labelSize);
  });
  return drawn;
}

/** The next images, and as much of their labels as the networks know. */
export async function nextReals(
  reader: ImageReader,
  level: number,
  minibatch: number,
  labelSize: number,
): Promise<LabelledImages> {
  if (labelSize === 0) return { images: await reader.next(level, minibatch), labels: null };
  const batch = await reader.nextBatch?.(level, minibatch);
  if (!batch?.labels) {
    throw new ModelError(
      'reader-mismatch',
      `the networks expect ${labelSize} label components per image, the reader delivers none; ` +
        'set network.labelSize to 0 or read the labels with the images',
    );
  }
  const labels = firstComponents(batch.labels, batch.labels.length / minibatch, labelSize);
  return { images: batch.images, labels };
}
