import { tf } from '@pggan/engine';
import type { RandomState } from '@pggan/random';
import type { NetworkConfig } from './config.js';
import type { VariableSpec, Weights } from './variables.js';

/**
 * Fresh variables in the order of the list (facts 1.2): weights N(0,1) with the equalised learning
 * rate, N(0, std^2) without; biases 0. Draws are consumed from `random`; the caller owns the tensors.
 */
export function initialWeights(
  specs: readonly VariableSpec[],
  config: Pick<NetworkConfig, 'useWscale'>,
  random: RandomState,
): Weights {
  const weights: Weights = {};
  for (const { name, shape, std } of specs) {
    const size = shape.reduce((product, side) => product * side, 1);
    let values = new Float32Array(size);
    if (std > 0) {
      values = Float32Array.from(random.normals(size));
      if (!config.useWscale) values = values.map((value) => value * std);
    }
    weights[name] = tf.tensor(values, [...shape]);
  }
  return weights;
}

/** A second set of tensors with the same values, to be disposed of on its own: Gs starts as one. */
export function copyWeights(weights: Weights): Weights {
  return Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tf.clone(tensor)]));
}
