/** What both architectures of D do at the base. */
import { minibatchStddev, tf } from '@pggan/engine';
import { hasMinibatchStddev, type NetworkConfig } from '../config.js';

/** x with the minibatch standard deviation as one more map, where the configuration has it. */
export function withDeviation(x: tf.Tensor4D, config: NetworkConfig): tf.Tensor4D {
  if (!hasMinibatchStddev(config)) return x;
  return minibatchStddev(x, config.mbstdGroupSize === 'all' ? x.shape[0] : config.mbstdGroupSize);
}

/** [N, H, W, C] to [N, C * H * W], in the official order: channel, row, column. */
export function flatten(x: tf.Tensor4D): tf.Tensor2D {
  const [samples, height, width, maps] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [samples, maps * height * width]);
}
