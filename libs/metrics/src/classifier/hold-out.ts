/** Images kept back from training, to measure with. */
import { RandomState } from '@pggan/random';
import { wholeNumber } from '../options.js';
import type { LabelledImages } from './labelled-images.js';

/**
 * Parts `images` in two, the second with `held` images drawn by `seed`; orders stay.
 * @throws MetricsError `option-invalid` unless both parts get an image
 */
export function holdOut(
  images: LabelledImages,
  held: number,
  seed: number,
): readonly [rest: LabelledImages, held: LabelledImages] {
  const count = images.classes.length;
  wholeNumber('held', held, 1, count - 1);
  const drawn = new Set(new RandomState(seed).permutation(count).subarray(0, held));
  const all = Array.from({ length: count }, (_, record) => record);
  return [
    take(
      images,
      all.filter((record) => !drawn.has(record)),
    ),
    take(
      images,
      all.filter((record) => drawn.has(record)),
    ),
  ];
}

function take(images: LabelledImages, records: readonly number[]): LabelledImages {
  const area = images.width * images.height;
  const data = new Uint8Array(records.length * area);
  records.forEach((record, i) =>
    data.set(images.data.subarray(record * area, (record + 1) * area), i * area),
  );
  return { ...images, data, classes: Uint8Array.from(records, (record) => images.classes[record]!) };
}
