import { tf } from '@pggan/engine';
import { ModelError } from '../errors.js';

/** Variables of one network by their official names and in their official layouts. */
export type Weights = Record<string, tf.Tensor>;

/** The named entries of a record; a name that is absent is an error in the caller. */
export function pick(weights: Weights, names: readonly string[]): Weights {
  return Object.fromEntries(names.map((name) => [name, variable(weights, name)]));
}

/** The tensor of that name. Throws ModelError `weights-mismatch` when there is none. */
export function variable(weights: Weights, name: string): tf.Tensor {
  const tensor = weights[name];
  if (tensor === undefined) {
    throw new ModelError(
      'weights-mismatch',
      `the weights hold no variable "${name}"; expected it for this network configuration, got ` +
        `${Object.keys(weights).length} variables: ${Object.keys(weights).join(', ')}`,
    );
  }
  return tensor;
}

/** Frees every tensor of a record. */
export function disposeWeights(weights: Weights): void {
  tf.dispose(Object.values(weights));
}
