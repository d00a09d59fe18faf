/** Nested objects and arrays with tensors at the leaves: what a compiled function takes and returns. */
import * as tf from '../tf.js';

export type TensorTree = tf.Tensor | { readonly [name: string]: TensorTree } | readonly TensorTree[];

/** The leaves in a fixed order: array order, and the sorted names of an object. */
export function leaves(tree: TensorTree): tf.Tensor[] {
  if (tree instanceof tf.Tensor) return [tree];
  if (isArray(tree)) return tree.flatMap(leaves);
  return Object.keys(tree)
    .sort()
    .flatMap((name) => leaves(tree[name] as TensorTree));
}

function isArray(tree: TensorTree): tree is readonly TensorTree[] {
  return Array.isArray(tree);
}
