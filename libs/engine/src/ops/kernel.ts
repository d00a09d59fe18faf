/**
 * Own operations as tfjs kernels. A registered kernel is better than `tf.customGrad` in two ways:
 * gradients are thunks, so the filter gradient nobody asked for is not computed, and every backend
 * finds its own implementation under one name.
 */
import * as tf from '../tf.js';

type Inputs = Readonly<Record<string, tf.Tensor>>;

/** One operation: how to compute it, and its gradient in terms of operations that have gradients. */
export interface Operation<A extends object> {
  readonly name: string;
  /** Computes the value; whatever else it allocates is freed. `backend` is the tfjs backend name. */
  readonly compute: (inputs: Inputs, attrs: A, backend: string) => tf.Tensor;
  /** Names of the inputs handed to `gradient` before the output, in this order. */
  readonly saveInputs?: readonly string[];
  /**
   * Hand the output to `gradient`, after the inputs, for uses that need no derivative: tfjs puts a
   * saved output on the tape before the operation that made it, so nothing flows back through it.
   */
  readonly saveOutput?: boolean;
  readonly gradient: (
    dy: tf.Tensor,
    saved: readonly tf.Tensor[],
    attrs: A,
  ) => Record<string, () => tf.Tensor>;
}

const backends = ['tensorflow', 'wasm', 'cpu'] as const;

/** Registers the operation with every backend and returns a function that runs it. */
export function defineOperation<A extends object>(operation: Operation<A>) {
  const kernelName = `Pggan${operation.name}`;
  for (const backendName of backends) {
    tf.registerKernel({
      kernelName,
      backendName,
      // tfjs hands tensors to kernels but calls them TensorInfo, and allows no tensor-valued
      // attributes in its types though it never looks at them.
      kernelFunc: ({ inputs, attrs }) =>
        tf.tidy(() => operation.compute(inputs as unknown as Inputs, attrs as unknown as A, backendName)),
    });
  }
  tf.registerGradient({
    kernelName,
    inputsToSave: [...(operation.saveInputs ?? [])],
    outputsToSave: [operation.saveOutput ?? false],
    gradFunc: (dy, saved, attrs) => operation.gradient(dy as tf.Tensor, saved, attrs as unknown as A),
  });
  return (inputs: Inputs, attrs: A): tf.Tensor => runKernel(kernelName, inputs, attrs);
}

/** Runs a kernel of the current backend by its tfjs name. */
export function runKernel(name: string, inputs: Inputs, attrs: object): tf.Tensor {
  return tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as tf.Tensor;
}
