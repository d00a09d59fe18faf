import { tf } from '@pggan/engine';
import type { Weights } from './variables.js';

/**
 * Weights of a fused generator for an unfused one, or back. The transposed convolution mirrors its
 * kernel, so besides swapping input and output maps both spatial axes are reversed (facts 1.3,
 * trap 1); with that, the two compute the same function. New tensors throughout.
 */
export function convertGenerator(weights: Weights, to: 'fused' | 'unfused'): Weights {
  const [from, into] = to === 'unfused' ? ['Conv0_up', 'Conv0'] : ['Conv0', 'Conv0_up'];
  const pattern = new RegExp(`/${from}/(\\w+)$`);
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => {
      const match = pattern.exec(name);
      if (match === null) return [name, tf.clone(tensor)];
      const converted =
        match[1] === 'weight'
          ? tf.tidy(() => tf.reverse(tf.transpose(tensor, [0, 1, 3, 2]), [0, 1]))
          : tf.clone(tensor);
      return [name.replace(pattern, `/${into}/$1`), converted];
    }),
  );
}

/**
 * The same for a discriminator: one to one under other names. The function differs all the same,
 * because the unfused network pools after bias and activation (facts 1.3, trap 2).
 */
export function convertDiscriminator(weights: Weights, to: 'fused' | 'unfused'): Weights {
  const [from, into] = to === 'unfused' ? ['Conv1_down', 'Conv1'] : ['Conv1', 'Conv1_down'];
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [
      name.replace(`/${from}/`, `/${into}/`),
      tf.clone(tensor),
    ]),
  );
}
