import { availableBackends, startEngine, tf, type BackendName } from '@pggan/engine';
import { RandomState } from '@pggan/random';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeClassifier } from '../../src/classifier/index.js';
import { classify, initialClassifier, type ClassifierWeights } from '../../src/classifier/network.js';
import { trainingStep } from '../../src/classifier/step.js';
import { referenceLoss, referenceOutputs, type Variables } from './reference.js';

const [width, height] = [16, 8];
const area = width * height;
const shape = { width, height, classes: 3 };
const classes = [2, 0];

const random = new RandomState(5);
const pixels = Uint8Array.from({ length: classes.length * area }, () => random.randint(256));

/** Biases as well are away from 0, or half of what is tested would not show. */
function someWeights(): ClassifierWeights {
  const own = new RandomState(6);
  return Object.fromEntries(
    Object.entries(initialClassifier(shape, own)).map(([name, weight]) => {
      const values = weight.dataSync().map((value) => value + 0.1 * own.normal());
      return [name, tf.tensor(values, weight.shape)];
    }),
  );
}

const numbers = (weights: ClassifierWeights): Variables =>
  Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [
      name,
      { shape: weight.shape, data: Float64Array.from(weight.dataSync()) },
    ]),
  );

const inputs = () => tf.tensor4d(Float32Array.from(pixels), [classes.length, height, width, 1]);

const apart = (found: ArrayLike<number>, expected: ArrayLike<number>) =>
  Math.max(...Array.from(expected, (value, i) => Math.abs(found[i]! - value)));

/** The derivative of the loss by one number, from a difference in float64. */
function slope(variables: Variables, name: string, at: number): number {
  const step = 1e-5;
  const { shape, data } = variables[name]!;
  const loss = (by: number) => {
    const moved = data.slice();
    moved[at]! += by;
    return referenceLoss({ ...variables, [name]: { shape, data: moved } }, pixels, width, height, classes);
  };
  return (loss(step) - loss(-step)) / (2 * step);
}

const available = await availableBackends();

describe.each(['tensorflow', 'wasm', 'cpu'] as const)('on %s', (name: BackendName) => {
  const on = it.skipIf(!available.includes(name));
  beforeAll(async () => {
    if (available.includes(name)) await startEngine({ backend: name, threads: 1 });
  });

  on('features and logits are those of plain loops in float64', () => {
    const weights = someWeights();
    const variables = numbers(weights);
    const { features, logits } = classify(weights, inputs());
    const expected = classes.map((_, i) =>
      referenceOutputs(variables, pixels.subarray(i * area, (i + 1) * area), width),
    );
    // Values are about 1, sums of up to 576 products in float32.
    expect(
      apart(
        features.dataSync(),
        expected.flatMap((one) => [...one.features]),
      ),
    ).toBeLessThan(2e-5);
    expect(
      apart(
        logits.dataSync(),
        expected.flatMap((one) => [...one.logits]),
      ),
    ).toBeLessThan(2e-5);
  });

  on('two steps go down the gradient with momentum, as differences of the loss say', () => {
    const rate = 0.05;
    const weights = someWeights();
    const momenta = Object.fromEntries(Object.entries(weights).map(([n, w]) => [n, tf.zerosLike(w)]));
    const targets = tf.oneHot(tf.tensor1d(classes, 'int32'), 3).toFloat() as tf.Tensor2D;
    const given = { images: inputs(), targets, rate: tf.scalar(rate) };
    const first = trainingStep({ weights, momenta, ...given });
    const second = trainingStep({ ...first, ...given });
    const [start, after, end] = [numbers(weights), numbers(first.weights), numbers(second.weights)];
    expect(first.loss.dataSync()[0]).toBeCloseTo(referenceLoss(start, pixels, width, height, classes), 5);
    expect(second.loss.dataSync()[0]).toBeCloseTo(referenceLoss(after, pixels, width, height, classes), 5);
    const slopes: number[] = [];
    for (const [variable, { data }] of Object.entries(start)) {
      const at = variable.length % data.length;
      const g1 = slope(start, variable, at);
      const g2 = slope(after, variable, at);
      slopes.push(Math.abs(g1));
      const moves = [
        [start, after, g1 + 0.9 * g1],
        [after, end, g2 + 0.9 * (0.9 * g1 + g2)],
      ] as const;
      for (const [from, to, expected] of moves) {
        const move = (from[variable]!.data[at]! - to[variable]!.data[at]!) / rate;
        // A weight of 1 in float32 moves in steps of 6e-8, over a rate of 0.05.
        expect(Math.abs(move - expected)).toBeLessThan(1e-3 * Math.abs(expected) + 5e-6);
      }
    }
    expect(slopes.filter((value) => value > 1e-3).length).toBeGreaterThan(5); // of ten: these were not all idle numbers
  });

  on('the ONNX file gives the same features and logits', async () => {
    const weights = someWeights();
    const { features, logits } = classify(weights, inputs());
    const session = await InferenceSession.create(encodeClassifier({ shape, weights }, { pggan: '{}' }));
    const images = new Tensor('float32', Float32Array.from(pixels), [classes.length, 1, height, width]);
    const found = await session.run({ images });
    expect(found['features']!.dims).toEqual([classes.length, 128]);
    expect(found['logits']!.dims).toEqual([classes.length, 3]);
    expect(apart(found['features']!.data as Float32Array, features.dataSync())).toBeLessThan(2e-5);
    expect(apart(found['logits']!.data as Float32Array, logits.dataSync())).toBeLessThan(2e-5);
    await session.release();
  });
});
