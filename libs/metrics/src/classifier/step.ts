/** One step of training: pure tensor arithmetic, so that it can be replayed as a graph. */
import { tf } from '@pggan/engine';
import { classify, type ClassifierWeights } from './network.js';

export type StepInputs = {
  readonly weights: ClassifierWeights;
  readonly momenta: ClassifierWeights;
  readonly images: tf.Tensor4D; // [N, height, width, 1], levels 0…255
  readonly targets: tf.Tensor2D; // [N, classes], one-hot
  readonly rate: tf.Scalar;
};

export type StepOutputs = {
  readonly weights: ClassifierWeights;
  readonly momenta: ClassifierWeights;
  readonly loss: tf.Scalar; // mean cross-entropy, nats
};

/** Share of the last move that goes on. */
const momentum = 0.9;

/** Gradient descent with Nesterov's momentum: v = 0.9 v + g; w -= rate (g + 0.9 v). */
export function trainingStep({ weights, momenta, images, targets, rate }: StepInputs): StepOutputs {
  const names = Object.keys(weights);
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
    const own = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
    return tf.losses.softmaxCrossEntropy<tf.Tensor, tf.Scalar>(targets, classify(own, images).logits);
  })(Object.values(weights));
  const moved = { weights: {} as ClassifierWeights, momenta: {} as ClassifierWeights };
  names.forEach((name, i) => {
    const gradient = grads[i]!;
    const v = tf.add(tf.mul(momenta[name]!, momentum), gradient);
    moved.momenta[name] = v;
    moved.weights[name] = tf.sub(weights[name]!, tf.mul(rate, tf.add(gradient, tf.mul(v, momentum))));
  });
  return { ...moved, loss: value as tf.Scalar };
}
