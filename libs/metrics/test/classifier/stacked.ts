/** Images of three labelled ones as red, green and blue, with the combination that each shows. */
import type { RandomState } from '@pggan/random';
import type { LabelledImages } from '../../src/classifier/index.js';
import type { ImageBatch } from '../../src/index.js';

export interface Stacked {
  readonly batches: readonly ImageBatch[];
  readonly modes: readonly number[]; // of each image: r + classes g + classes² b
}

/** `count` random triples, with returning ones. */
export function stackImages(
  { data, width, height, classes, classCount }: LabelledImages,
  count: number,
  random: RandomState,
): Stacked {
  const area = width * height;
  const minibatch = 100;
  const batches: ImageBatch[] = [];
  const modes = new Array<number>(count).fill(0);
  for (let first = 0; first < count; first += minibatch) {
    const taken = Math.min(minibatch, count - first);
    const pixels = new Uint8Array(3 * taken * area);
    for (let plane = 0; plane < 3 * taken; plane++) {
      const record = random.randint(classes.length);
      pixels.set(data.subarray(record * area, (record + 1) * area), plane * area);
      modes[first + Math.floor(plane / 3)]! += classes[record]! * classCount ** (plane % 3);
    }
    batches.push({ data: pixels, channels: 3, width, height });
  }
  return { batches, modes };
}
