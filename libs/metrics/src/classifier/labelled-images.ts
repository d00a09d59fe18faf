/** What a classifier learns from: gray images and the class of each. */
import { MetricsError } from '../errors.js';

export interface LabelledImages {
  readonly data: Uint8Array; // [count, height, width], levels 0…255
  readonly width: number;
  readonly height: number;
  readonly classes: Uint8Array; // [count], 0…classCount - 1
  readonly classCount: number;
}

/** Network sides are halved three times. */
const sideStep = 8;

const invalid = (message: string) => new MetricsError('training-invalid', message);

/**
 * Checks lengths, sides and class numbers; `name` is how messages call the images.
 * @throws MetricsError `training-invalid`
 */
export function checkLabelled(name: string, images: LabelledImages): number {
  const { data, width, height, classes, classCount } = images;
  if (![width, height].every((side) => Number.isInteger(side) && side > 0 && side % sideStep === 0))
    throw invalid(
      `${name}: expected sides that are multiples of ${sideStep} pixels, got ${width}x${height}; ` +
        'pad or resize the images when you build the dataset',
    );
  if (!Number.isInteger(classCount) || classCount < 2 || classCount > 256)
    throw invalid(`${name}: expected 2 to 256 classes, got ${classCount}`);
  const count = classes.length;
  if (count === 0) throw invalid(`${name}: holds no images`);
  if (data.length !== count * width * height)
    throw invalid(
      `${name}: ${count} classes need ${count * width * height} bytes of ${width}x${height} gray images, got ${data.length}`,
    );
  const odd = classes.findIndex((value) => value >= classCount);
  if (odd >= 0)
    throw invalid(`${name}: expected classes below ${classCount}, got ${classes[odd]} for image ${odd}`);
  return count;
}
