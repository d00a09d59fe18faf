/** What a trained classifier becomes: a model and the manifest by which `openExtractor` finds it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { makeFolder, writeAtomic } from '@pggan/files';
import { encodeClassifier, onnxNames } from './onnx.js';
import type { ClassifierAccuracy } from './evaluate.js';
import type { LabelledImages } from './labelled-images.js';
import type { Classifier } from './train.js';

/** What decided the classifier and what it is worth; kept in the model. */
export interface ClassifierOrigin {
  readonly dataset: string; // a name
  readonly images: number; // trained on
  readonly sha256: string; // of the training images, by hashLabelled
  readonly engine: string; // what computed
  readonly test: ClassifierAccuracy & { readonly dataset: string; readonly sha256: string };
}

export interface SavedClassifier {
  readonly manifest: string; // path
  readonly model: string; // path
}

/** SHA-256 of size, classes and pixels, hexadecimal. */
export function hashLabelled({ data, width, height, classes, classCount }: LabelledImages): string {
  const head = JSON.stringify([width, height, classCount, classes.length]);
  return createHash('sha256').update(head).update(classes).update(data).digest('hex');
}

/**
 * Writes `classifier.onnx` and `classifier.json` into a folder, which is made where there is none.
 * @throws NodeJS.ErrnoException when they cannot be written
 */
export async function saveClassifier(
  folder: string,
  classifier: Classifier,
  origin: ClassifierOrigin,
): Promise<SavedClassifier> {
  const { shape, settings } = classifier;
  const bytes = encodeClassifier(classifier, {
    pggan: JSON.stringify({ kind: 'classifier', ...shape, settings, ...origin }),
  });
  const { test, dataset } = origin;
  const percent = (100 * test.accuracy).toFixed(2);
  const manifest = {
    format: 'pggan-extractor',
    version: 1,
    name: `classifier of ${dataset}`,
    model: 'classifier.onnx',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    origin:
      `pggan classifier on ${dataset}, seed ${settings.seed}, ${settings.epochs} epochs; ` +
      `${percent} % of ${test.images} images of ${test.dataset} right`,
    input: {
      name: onnxNames.input,
      layout: 'nchw',
      width: shape.width,
      height: shape.height,
      channels: 'gray',
      range: [0, 255],
    },
    resizer: 'none',
    outputs: { features: onnxNames.features, logits: onnxNames.logits },
    batch: 64,
  };
  await makeFolder(folder);
  const paths = { manifest: join(folder, 'classifier.json'), model: join(folder, manifest.model) };
  // A manifest never names a model that is not there yet; until it is replaced, its SHA-256 tells that the model was.
  await writeAtomic(paths.model, bytes);
  await writeAtomic(paths.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
  return paths;
}
