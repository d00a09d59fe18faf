import type { TFRecordDataset } from '@pggan/dataset';
import type { LabelledImages } from '@pggan/metrics/classifier';
import { CliError } from '../errors.js';
import { describeDataset, openDataset } from '../train/dataset.js';

/** A dataset's gray images with their classes, all in memory, and what it is called. */
export interface LabelledDataset {
  readonly name: string;
  readonly images: LabelledImages;
}

/** Records that are read together. */
const readAtOnce = 1000;

/**
 * Reads a dataset's largest images.
 * @throws CliError `dataset-missing`, `dataset-mismatch` for colour images, `labels-unavailable` unless every label is
 *   one class; DatasetError for a damaged dataset
 */
export async function readLabelled(path: string): Promise<LabelledDataset> {
  const dataset = await openDataset(path, true);
  const { count, channels } = dataset;
  const { width, height } = dataset.size;
  if (channels !== 1)
    throw new CliError(
      'dataset-mismatch',
      `${path}: expected gray images of single digits, got colour ones; channels of stacked digits are classified one by ` +
        'one, so train on the digits themselves ("prep build-dataset" of the MNIST folder, without --kind mnist-rgb)',
    );
  const { classes, classCount } = classesOf(path, dataset);
  const data = new Uint8Array(count * width * height);
  const level = Math.max(...dataset.levels.keys());
  const reader = dataset.reader({ shuffle: false, prefetch: false, memoryLimit: 0 });
  try {
    for (let first = 0; first < count; first += readAtOnce)
      data.set(await reader.next(level, Math.min(readAtOnce, count - first)), first * width * height);
  } finally {
    await reader.close();
  }
  return { name: describeDataset(path, dataset).name, images: { data, width, height, classes, classCount } };
}

function classesOf(path: string, { labels, count }: TFRecordDataset) {
  const refused = (what: string) =>
    new CliError(
      'labels-unavailable',
      `${path}: ${what}; build it with the labels of its source ("prep build-dataset --labels own")`,
    );
  if (!labels) throw refused('expected the class of every image as a label, got no labels');
  const { components, data } = labels;
  if (components < 2 || components > 256)
    throw refused(`expected labels with a component for each of 2 to 256 classes, got ${components}`);
  const classes = Uint8Array.from({ length: count }, (_, image) => {
    const row = data.subarray(image * components, (image + 1) * components);
    const value = row.indexOf(1);
    if (value < 0 || row.some((component, i) => component !== Number(i === value)))
      throw refused(`expected labels with one 1 and else 0, got (${row.join(', ')}) for image ${image}`);
    return value;
  });
  return { classes, classCount: components };
}
