export * as tf from './tf.js';
export * from './ops/index.js';
export { compile, type CompiledFunction } from './compile/compile.js';
export { type TensorTree } from './compile/tree.js';
