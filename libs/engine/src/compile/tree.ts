/** Nested objects and arrays with tensors at the leaves: what a compiled function takes and returns. */
import * as tf from '../tf.js';

export type TensorTree = tf.Tensor | { readonly [name: string]: TensorTree } | readonly TensorTree[];

/** The leaves in a fixed order: array order, and the sorted names of an object. */
export function leaves(tree: TensorTree): tf.Tensor[] {
  const found: tf.Tensor[] = [];
  mapTree(tree, (leaf) => {
    found.push(leaf);
    return leaf;
  });
  return found;
}

/** The same tree with every leaf replaced, visited in the order of `leaves`. */
export function mapTree<T extends TensorTree>(tree: T, replace: (leaf: tf.Tensor) => tf.Tensor): T {
  return visit(tree, replace) as T;
}

function visit(tree: TensorTree, replace: (leaf: tf.Tensor) => tf.Tensor): TensorTree {
  if (tree instanceof tf.Tensor) return replace(tree);
  if (isArray(tree)) return tree.map((item) => visit(item, replace));
  const names = Object.keys(tree).sort();
  return Object.fromEntries(names.map((name) => [name, visit(tree[name] as TensorTree, replace)]));
}

/** Two trees with equal signatures have the same names, shapes and dtypes in the same places. */
export function signature(tree: TensorTree): string {
  if (tree instanceof tf.Tensor) return `${tree.dtype}[${tree.shape.join()}]`;
  if (isArray(tree)) return `[${tree.map(signature).join(' ')}]`;
  const names = Object.keys(tree).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${signature(tree[name] as TensorTree)}`).join(' ')}}`;
}

function isArray(tree: TensorTree): tree is readonly TensorTree[] {
  return Array.isArray(tree);
}
