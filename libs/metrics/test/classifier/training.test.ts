import { startEngine, tf } from '@pggan/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  encodeClassifier,
  evaluateClassifier,
  holdOut,
  trainClassifier,
  type ClassifierOptions,
  type LabelledImages,
} from '../../src/classifier/index.js';
import { moveImage } from '../../src/classifier/shift.js';
import { drawShapes, shapeClasses } from './shapes.js';

beforeAll(async () => {
  await startEngine({ threads: 2 });
});

const short = { epochs: 1, minibatch: 16 } as const;

/** The file of a network trained on a few images; nothing is left on the engine. */
async function trained(options: ClassifierOptions): Promise<Buffer> {
  const classifier = await trainClassifier(drawShapes(64, 1), { ...short, ...options });
  const bytes = encodeClassifier(classifier);
  tf.dispose(classifier.weights);
  return bytes;
}

describe('training', () => {
  it('tells apart what it has not seen', async () => {
    const progress: number[] = [];
    const classifier = await trainClassifier(drawShapes(640, 1), {
      epochs: 2,
      minibatch: 16,
      onProgress: ({ done, total, loss }) => progress.push(done / total, loss),
    });
    const { images, right, accuracy } = await evaluateClassifier(classifier, drawShapes(403, 2));
    expect(images).toBe(403);
    expect(accuracy).toBe(right / images);
    expect(accuracy).toBeGreaterThan(0.98);
    expect(progress.at(-2)).toBe(1);
    expect(progress[1]).toBeGreaterThan(progress.at(-1)!);
    tf.dispose(classifier.weights);
  });

  it('of the same seed gives the same bytes, of another one others, and leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const one = await trained({ seed: 3 });
    expect(one.equals(await trained({ seed: 3 }))).toBe(true);
    expect(one.equals(await trained({ seed: 4 }))).toBe(false);
    expect(one.equals(await trained({ seed: 3, shift: 0 }))).toBe(false);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('stops on request, and leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    await expect(trained({ signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says so when the rate was too high', async () => {
    await expect(trained({ epochs: 40, rate: 10 })).rejects.toMatchObject({
      code: 'training-invalid',
      message: expect.stringMatching(/the loss of step \d+ is NaN; take a lower rate than 10/),
    });
  });

  const shapes = drawShapes(8, 1);
  const cut: LabelledImages = { ...shapes, data: shapes.data.subarray(1) };
  it.each([
    ['no images', drawShapes(0, 1), 'training images: holds no images'],
    ['bytes missing', cut, '8 classes need 2048 bytes of 16x16 gray images, got 2047'],
    ['an odd side', { ...shapes, width: 12 }, 'expected sides that are multiples of 8 pixels, got 12x16'],
    ['one class', { ...shapes, classCount: 1 }, 'expected 2 to 256 classes, got 1'],
    ['a class too high', { ...shapes, classCount: 3 }, 'expected classes below 3, got 3 for image 3'],
    ['a class without images', { ...shapes, classCount: 5 }, 'all 5 classes, got none of class 4'],
    ['less than a minibatch', shapes, 'expected at least the 64 of a minibatch, got 8'],
  ])('refuses %s', async (_, images, message) => {
    await expect(trainClassifier(images)).rejects.toMatchObject({
      code: 'training-invalid',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    [{ seed: -1 }, 'seed: expected a whole number from 0'],
    [{ epochs: 0 }, 'epochs: expected a whole number from 1'],
    [{ minibatch: 1.5 }, 'minibatch: expected a whole number from 1'],
    [{ shift: 33 }, 'shift: expected a whole number from 0 to 32'],
    [{ rate: NaN }, 'rate: expected a number above 0 and up to 10, got NaN'],
  ])('refuses %j', async (options, message) => {
    await expect(trainClassifier(shapes, options)).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining(message),
    });
  });
});

it('a classifier is not tested with images of another size or other classes', async () => {
  const classifier = await trainClassifier(drawShapes(16, 1), { ...short });
  const shapes = drawShapes(8, 1);
  for (const [images, message] of [
    [
      { ...shapes, width: 8, height: 32 },
      'expected 16x16 and 4 classes as the classifier has, got 8x32 and 4',
    ],
    [{ ...shapes, classCount: 10 }, 'got 16x16 and 10'],
  ] as const)
    await expect(evaluateClassifier(classifier, images)).rejects.toMatchObject({
      code: 'training-invalid',
      message: expect.stringContaining(message),
    });
  tf.dispose(classifier.weights);
});

describe('held-out images', () => {
  it('are drawn by the seed; the parts make up the whole', () => {
    const images = drawShapes(50, 1);
    const [rest, held] = holdOut(images, 12, 7);
    expect([rest.classes.length, held.classes.length]).toEqual([38, 12]);
    expect(holdOut(images, 12, 7)[1]).toEqual(held);
    expect(holdOut(images, 12, 8)[1]).not.toEqual(held);
    const each = ({ data, classes }: LabelledImages) =>
      Array.from(classes, (value, i) => `${value} ${data.subarray(i * 256, (i + 1) * 256).join()}`);
    expect([...each(rest), ...each(held)].sort()).toEqual(each(images).sort());
    expect(new Set(held.classes).size).toBe(shapeClasses);
  });

  it('leave some to train on', () => {
    expect(() => holdOut(drawShapes(4, 1), 4, 0)).toThrow('held: expected a whole number from 1 to 3, got 4');
  });
});

describe('moved images', () => {
  const image = Uint8Array.of(1, 2, 3, 4, 5, 6);
  it.each([
    [{ x: 0, y: 0 }, [1, 2, 3, 4, 5, 6]],
    [{ x: 1, y: 0 }, [0, 1, 2, 0, 4, 5]],
    [{ x: -2, y: 0 }, [3, 0, 0, 6, 0, 0]],
    [{ x: 0, y: 1 }, [0, 0, 0, 1, 2, 3]],
    [{ x: 1, y: -1 }, [0, 4, 5, 0, 0, 0]],
    [{ x: 3, y: 0 }, [0, 0, 0, 0, 0, 0]],
    [{ x: 0, y: -5 }, [0, 0, 0, 0, 0, 0]],
  ])('by %j', (shift, expected) => {
    const target = new Float32Array(6);
    moveImage(image, 3, shift, target);
    expect([...target]).toEqual(expected);
  });
});
