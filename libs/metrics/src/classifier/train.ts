/** The training loop of a classifier. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { compile, tf } from '@pggan/engine';
import { RandomState } from '@pggan/random';
import { MetricsError } from '../errors.js';
import { checkLabelled, type LabelledImages } from './labelled-images.js';
import { initialClassifier, type ClassifierShape, type ClassifierWeights } from './network.js';
import { rateShare, resolveSettings, type ClassifierOptions, type ClassifierSettings } from './options.js';
import { moveImage } from './shift.js';
import { trainingStep } from './step.js';

/** A network and what it was trained with. */
export interface Classifier {
  readonly shape: ClassifierShape;
  readonly weights: ClassifierWeights; // the caller's to dispose
  readonly settings: ClassifierSettings;
}

/**
 * Trains on the engine that was started. The same images, settings and engine give the same weights.
 * @throws MetricsError `training-invalid` (also for classes without images, and when the loss is no number any more),
 *   `option-invalid`, `interrupted`
 */
export async function trainClassifier(
  images: LabelledImages,
  options: ClassifierOptions = {},
): Promise<Classifier> {
  const settings = resolveSettings(options);
  const count = checkLabelled('training images', images);
  requireEveryClass(images);
  const { epochs, minibatch } = settings;
  if (count < minibatch)
    throw new MetricsError(
      'training-invalid',
      `training images: expected at least the ${minibatch} of a minibatch, got ${count}`,
    );
  const { width, height, classCount: classes } = images;
  const shape: ClassifierShape = { width, height, classes };
  const random = new RandomState(settings.seed);
  const step = compile(trainingStep);
  let weights = initialClassifier(shape, random);
  let momenta: ClassifierWeights = mapWeights(weights, (weight) => tf.zerosLike(weight));
  const perEpoch = Math.floor(count / minibatch);
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = random.permutation(count);
      for (let i = 0; i < perEpoch; i++) {
        const number = epoch * perEpoch + i;
        const batch = drawBatch(
          images,
          order.subarray(i * minibatch, (i + 1) * minibatch),
          settings.shift,
          random,
        );
        const rate = tf.scalar(settings.rate * rateShare(number / (epochs * perEpoch)));
        const out = step({ weights, momenta, ...batch, rate });
        tf.dispose([weights, momenta, batch, rate] as tf.TensorContainer);
        ({ weights, momenta } = out);
        const [loss] = out.loss.dataSync();
        out.loss.dispose();
        if (!Number.isFinite(loss))
          throw new MetricsError(
            'training-invalid',
            `training: the loss of step ${number} is ${loss}; take a lower rate than ${settings.rate}`,
          );
        options.onProgress?.({
          done: (number + 1) * minibatch,
          total: epochs * perEpoch * minibatch,
          loss: loss!,
        });
        await nextTurn(); // a signal may be heard
        if (options.signal?.aborted)
          throw new MetricsError('interrupted', 'stopped before the end', { cause: options.signal.reason });
      }
    }
  } catch (error) {
    tf.dispose(weights);
    throw error;
  } finally {
    tf.dispose(momenta);
    step.dispose();
  }
  return { shape, weights, settings };
}

/** A mode of a class that was never shown would never be met. */
function requireEveryClass({ classes, classCount }: LabelledImages): void {
  const present = new Set(classes);
  const absent = Array.from({ length: classCount }, (_, i) => i).find((value) => !present.has(value));
  if (absent !== undefined)
    throw new MetricsError(
      'training-invalid',
      `training images: expected images of all ${classCount} classes, got none of class ${absent}`,
    );
}

function drawBatch(images: LabelledImages, records: Int32Array, reach: number, random: RandomState) {
  const { data, width, height, classes, classCount } = images;
  const area = width * height;
  const pixels = new Float32Array(records.length * area);
  const targets = new Float32Array(records.length * classCount);
  records.forEach((record, i) => {
    const shift = { x: random.randint(2 * reach + 1) - reach, y: random.randint(2 * reach + 1) - reach };
    const image = data.subarray(record * area, (record + 1) * area);
    moveImage(image, width, shift, pixels.subarray(i * area, (i + 1) * area));
    targets[i * classCount + classes[record]!] = 1;
  });
  return {
    images: tf.tensor4d(pixels, [records.length, height, width, 1]),
    targets: tf.tensor2d(targets, [records.length, classCount]),
  };
}

function mapWeights(weights: ClassifierWeights, make: (weight: tf.Tensor) => tf.Tensor): ClassifierWeights {
  return Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, make(weight)]));
}
