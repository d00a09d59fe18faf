import * as tf from '../tf.js';
import type { TensorTree } from './tree.js';

export interface CompiledFunction<I extends TensorTree, O extends TensorTree, S> {
  (inputs: I, statics: S): O;
  /** How many graphs were recorded so far. */
  readonly traces: number;
  /** Frees the recorded graphs; the next call records again. */
  dispose(): void;
}

/** Trace once, replay as a graph on TensorFlow; `tf.tidy` elsewhere. */
export function compile<I extends TensorTree, O extends TensorTree, S = void>(
  fn: (inputs: I, statics: S) => O,
  _options: { readonly name?: string } = {},
): CompiledFunction<I, O, S> {
  const call = (inputs: I, statics: S): O => tf.tidy(() => fn(inputs, statics) as tf.TensorContainer) as O;
  return Object.assign(call, { traces: 0, dispose: () => undefined });
}
