/** Runs any TensorFlow op eagerly, not only those tfjs has kernels for (engine.md section 1). */
import * as tf from '../tf.js';

type AttributeKind = 'TF_ATTR_INT' | 'TF_ATTR_FLOAT' | 'TF_ATTR_STRING' | 'TF_ATTR_TYPE' | 'TF_ATTR_BOOL';

/** The part of tfjs-node's backend used here; the package's own types cannot be relied on when it is absent. */
interface NodeBackend {
  readonly binding: Readonly<Record<AttributeKind | 'TF_FLOAT', number>>;
  executeSingleOutput(
    name: string,
    attrs: readonly { name: string; type: number; value: unknown }[],
    inputs: readonly tf.Tensor[],
  ): tf.Tensor;
}

/** One float32 op with a single output; `attrs` beside its type attribute `T`. */
export function runTensorflow(
  op: string,
  inputs: readonly tf.Tensor[],
  attrs: Readonly<Record<string, readonly [kind: AttributeKind, value: unknown]>> = {},
): tf.Tensor {
  const backend = tf.backend() as unknown as NodeBackend;
  const { binding } = backend;
  const listed = Object.entries(attrs).map(([name, [kind, value]]) => ({ name, type: binding[kind], value }));
  const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  return backend.executeSingleOutput(op, [type, ...listed], inputs);
}
