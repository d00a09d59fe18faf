/** How often a classifier is right. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { compile, tf } from '@pggan/engine';
import { MetricsError } from '../errors.js';
import { checkLabelled, type LabelledImages } from './labelled-images.js';
import { classify, type ClassifierWeights } from './network.js';
import type { Classifier } from './train.js';

export interface ClassifierAccuracy {
  readonly images: number;
  readonly right: number;
  readonly accuracy: number; // right / images
}

/** Images that are looked at together. */
const minibatch = 250;

type ForwardInputs = { readonly weights: ClassifierWeights; readonly images: tf.Tensor4D };

/** [N] class numbers, the first of equals. */
function predict({ weights, images }: ForwardInputs): { readonly classes: tf.Tensor1D } {
  return { classes: tf.argMax(classify(weights, images).logits, 1) };
}

/**
 * @param name how messages call the images
 * @throws MetricsError `training-invalid` for images of another size or other classes, `interrupted`
 */
export async function evaluateClassifier(
  { shape, weights }: Pick<Classifier, 'shape' | 'weights'>,
  images: LabelledImages,
  {
    name = 'test images',
    signal,
  }: { readonly name?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<ClassifierAccuracy> {
  const count = checkLabelled(name, images);
  const { width, height, classes } = shape;
  if (images.width !== width || images.height !== height || images.classCount !== classes)
    throw new MetricsError(
      'training-invalid',
      `${name}: expected ${width}x${height} and ${classes} classes as the classifier has, ` +
        `got ${images.width}x${images.height} and ${images.classCount}`,
    );
  const area = width * height;
  const forward = compile(predict);
  let right = 0;
  try {
    for (let first = 0; first < count; first += minibatch) {
      const last = Math.min(count, first + minibatch);
      const pixels = Float32Array.from(images.data.subarray(first * area, last * area));
      const batch = tf.tensor4d(pixels, [last - first, height, width, 1]);
      const found = forward({ weights, images: batch });
      found.classes.dataSync().forEach((value, i) => (right += Number(value === images.classes[first + i])));
      tf.dispose([batch, found.classes]);
      await nextTurn(); // a signal may be heard
      if (signal?.aborted)
        throw new MetricsError('interrupted', 'stopped before the end', { cause: signal.reason });
    }
  } finally {
    forward.dispose();
  }
  return { images: count, right, accuracy: right / count };
}
