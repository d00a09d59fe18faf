/** Images as every metric takes them. */
import { MetricsError } from '../errors.js';

export interface ImageShape {
  readonly channels: 1 | 3;
  readonly width: number;
  readonly height: number;
}

/** Images of one shape: uint8, [count, channels, height, width], levels 0…255. */
export interface ImageBatch extends ImageShape {
  readonly data: Uint8Array;
}

/** Batches of one shape, one after the other; no more than a few are in memory at a time. */
export type ImageSource = Iterable<ImageBatch> | AsyncIterable<ImageBatch>;

/** "3x128x96": channels, width, height. */
export function shapeName({ channels, width, height }: ImageShape): string {
  return `${channels}x${width}x${height}`;
}

export function samplesOf({ channels, width, height }: ImageShape): number {
  return channels * width * height;
}

/**
 * How many images a batch holds.
 * @throws MetricsError `images-invalid`
 */
export function countOf(batch: ImageBatch): number {
  const { data, channels, width, height } = batch;
  if (channels !== 1 && channels !== 3)
    throw new MetricsError('images-invalid', `images: expected 1 or 3 channels, got ${String(channels)}`);
  if (![width, height].every((side) => Number.isInteger(side) && side > 0))
    throw new MetricsError(
      'images-invalid',
      `images: expected a size in whole pixels, got ${width}x${height}`,
    );
  if (!(data instanceof Uint8Array))
    throw new MetricsError(
      'images-invalid',
      'images: expected uint8 levels 0…255 (a Uint8Array), one plane per channel; convert them first',
    );
  const count = data.length / samplesOf(batch);
  if (!Number.isInteger(count))
    throw new MetricsError(
      'images-invalid',
      `images: ${data.length} bytes are no whole number of ${shapeName(batch)} images of ${samplesOf(batch)} bytes`,
    );
  return count;
}

/** The batches with their counts, refused when one has another shape than the first. */
export async function* checked(
  source: ImageSource,
): AsyncGenerator<{ readonly batch: ImageBatch; readonly count: number }> {
  let first: ImageBatch | undefined;
  for await (const batch of source) {
    const count = countOf(batch);
    first ??= batch;
    if (shapeName(batch) !== shapeName(first))
      throw new MetricsError(
        'images-invalid',
        `images: expected ${shapeName(first)} (channels x width x height) as in the first batch, got ${shapeName(batch)}`,
      );
    if (count > 0) yield { batch, count };
  }
}
