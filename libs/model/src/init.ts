import { tf } from '@pggan/engine';
import type { RandomState } from '@pggan/random';
import type { VariableSpec, Weights } from './variables.js';

/**
 * Fresh variables in the order of the list (facts 1.2): weights N(0,1) where the learning rate is
 * equalised, N(0, std^2) elsewhere; the others are not drawn. Draws are consumed from `random`; the
 * caller owns the tensors.
 */
export function initialWeights(specs: readonly VariableSpec[], random: RandomState): Weights {
  const weights: Weights = {};
  for (const { name, shape, std, fill, equalized } of specs) {
    const size = shape.reduce((product, side) => product * side, 1);
    let values = new Float32Array(size).fill(fill);
    if (std > 0) {
      values = Float32Array.from(random.normals(size));
      if (!equalized) values = values.map((value) => value * std);
    }
    weights[name] = tf.tensor(values, [...shape]);
  }
  return weights;
}

/** A second set of tensors with the same values, to be disposed of on its own: Gs starts as one. */
export function copyWeights(weights: Weights): Weights {
  return Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tf.clone(tensor)]));
}
