/**
 * What the wasm backend lacks for training: a filter gradient, an input gradient that is not an
 * order of magnitude slower than the forward pass, and matrix products of transposed operands that
 * are not either. All three are composed from its fast forward kernels. Importing this file
 * registers them under tfjs's own kernel names, so every tfjs op that uses them profits.
 */
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '../tf.js';
import type { Kernel } from './wasm-conv-info.js';
import { filterGradient } from './wasm-filter-gradient.js';
import { inputGradient } from './wasm-input-gradient.js';

wrapKernel(tf.BatchMatMul, transposeFirst);
wrapKernel(tf.Conv2DBackpropInput, inputGradient);
tf.registerKernel({
  kernelName: tf.Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: filterGradient,
});

function wrapKernel(kernelName: string, wrap: (original: Kernel) => Kernel): void {
  const original = tf.getKernel(kernelName, 'wasm');
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ ...original, kernelFunc: wrap(original.kernelFunc) });
}

/** The library's loop for transposed operands does 1 GF/s, its plain product 13: transpose beforehand. */
function transposeFirst(original: Kernel): Kernel {
  return (call) => {
    const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
    if (!transposeA && !transposeB) return original(call);
    return tf.tidy(() => {
      const { a, b } = call.inputs as { a: tf.Tensor; b: tf.Tensor };
      return tf.matMul(transposeA ? swapLast(a) : a, transposeB ? swapLast(b) : b);
    });
  };
}

function swapLast(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const [row, column] = axes.splice(-2) as [number, number];
  return tf.transpose(x, [...axes, column, row]);
}
