/**
 * The network: three times a 3x3 convolution, rectified, then halved by averaging; a layer of features; one of logits. All
 * of it runs on every backend.
 */
import { biasAct, conv2d, dense, downscale2d, tf } from '@pggan/engine';
import type { RandomState } from '@pggan/random';

/** What a network is built for. */
export interface ClassifierShape {
  readonly width: number; // a multiple of 8
  readonly height: number;
  readonly classes: number;
}

/** Variables by name. */
export type ClassifierWeights = { [name: string]: tf.Tensor };

/** Feature maps of the convolutions. */
export const maps = [8, 32, 64] as const;

/** Values a row of features holds. */
export const featureCount = 128;

interface VariableSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly fanIn: number; // inputs of an output; 0 for a bias
}

function variables({ width, height, classes }: ClassifierShape): VariableSpec[] {
  const layer = (name: string, shape: readonly number[]): VariableSpec[] => [
    { name: `${name}/weight`, shape, fanIn: shape.slice(0, -1).reduce((a, b) => a * b, 1) },
    { name: `${name}/bias`, shape: shape.slice(-1), fanIn: 0 },
  ];
  const flat = (width / 8) * (height / 8) * maps.at(-1)!;
  return [
    ...maps.flatMap((out, i) => layer(`conv${i}`, [3, 3, maps[i - 1] ?? 1, out])),
    ...layer('features', [flat, featureCount]),
    ...layer('logits', [featureCount, classes]),
  ];
}

/** Weights N(0, 2 / inputs) for the rectifiers, biases 0; drawn from `random`. The caller owns the tensors. */
export function initialClassifier(shape: ClassifierShape, random: RandomState): ClassifierWeights {
  return Object.fromEntries(
    variables(shape).map(({ name, shape, fanIn }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const scale = fanIn === 0 ? 0 : Math.sqrt(2 / fanIn);
      const values = scale === 0 ? new Float32Array(size) : random.normals(size).map((x) => x * scale);
      return [name, tf.tensor(values, [...shape])];
    }),
  );
}

/** What the network makes of images. */
export interface ClassifierOutputs {
  readonly features: tf.Tensor2D; // [N, featureCount], from 0 up
  readonly logits: tf.Tensor2D; // [N, classes]
}

/** `images`: [N, height, width, 1], levels 0…255. */
export function classify(weights: ClassifierWeights, images: tf.Tensor4D): ClassifierOutputs {
  const weight = <T extends tf.Tensor>(name: string) => weights[`${name}/weight`] as T;
  const bias = (name: string) => weights[`${name}/bias`] as tf.Tensor1D;
  let x = tf.mul<tf.Tensor4D>(images, 1 / 255);
  maps.forEach((_, i) => {
    const name = `conv${i}`;
    x = downscale2d(biasAct(conv2d(x, weight(name)), bias(name), 'relu'));
  });
  const flat = tf.reshape<tf.Rank.R2>(x, [x.shape[0], -1]);
  const features = biasAct(dense(flat, weight('features')), bias('features'), 'relu');
  return { features, logits: biasAct(dense(features, weight('logits')), bias('logits'), 'linear') };
}
