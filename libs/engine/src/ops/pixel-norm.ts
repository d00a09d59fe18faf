import * as tf from '../tf.js';
import { defineOperation } from './kernel.js';

/** `x / sqrt(mean(x^2 over the last axis) + epsilon)`, any rank (facts 1.3). */
export function pixelNorm<T extends tf.Tensor>(x: T, epsilon = 1e-8): T {
  return run({ x }, { epsilon }) as T;
}

const run = defineOperation<{ readonly epsilon: number }>({
  name: 'PixelNorm',
  compute: ({ x }, { epsilon }) => tf.mul(x as tf.Tensor, inverseNorm(x as tf.Tensor, epsilon)),
  saveInputs: ['x'],
  // With r = 1/sqrt(mean(x^2) + epsilon): dx = r dy - x r^3 mean(dy x).
  gradient: (dy, saved, { epsilon }) => ({
    x: () => {
      const [x] = saved as [tf.Tensor];
      const r = inverseNorm(x, epsilon);
      const along = tf.mul(tf.mul(tf.square(r), r), tf.mean(tf.mul(dy, x), -1, true));
      return tf.sub(tf.mul(dy, r), tf.mul(x, along));
    },
  }),
});

function inverseNorm(x: tf.Tensor, epsilon: number): tf.Tensor {
  return tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));
}
