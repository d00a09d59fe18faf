/**
 * Records what a function does on TensorFlow while it runs eagerly (engine.md section 2). Every
 * kernel goes through `backend.binding`, whose members are read-only, so the object itself is
 * exchanged for one that also writes down each op. What cannot be repeated by a graph is refused
 * here, because a graph would repeat it wrongly without a word: values read back into JavaScript,
 * random numbers drawn there, and tensors that are neither inputs nor made inside.
 */
import { EngineError } from '../errors.js';
import type * as tf from '../tf.js';
import type { Binding, NodeBackend, OpAttribute } from './node-backend.js';

export type GraphNode =
  | { readonly kind: 'placeholder'; readonly shape: readonly number[]; readonly dtype: number }
  | {
      readonly kind: 'constant';
      readonly shape: readonly number[];
      readonly dtype: number;
      readonly values: unknown;
    }
  | {
      readonly kind: 'op';
      readonly op: string;
      readonly attrs: readonly OpAttribute[];
      readonly inputs: readonly Edge[];
    };

/** One output of a node, by the node's place in the list. */
export interface Edge {
  readonly node: number;
  readonly output: number;
}

/** Nodes in an order in which every edge points backwards; placeholders first, one per input. */
export interface RecordedGraph {
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly (Edge & { readonly dtype: number })[];
}

/**
 * Runs `fn` once and returns its graph; the tensors it returns stay the caller's to dispose.
 * @throws EngineError `trace-impure`
 */
export function record<R>(
  backend: NodeBackend,
  name: string,
  inputs: readonly tf.Tensor[],
  fn: () => { result: R; outputs: readonly tf.Tensor[] },
): { result: R; graph: RecordedGraph } {
  const nodes: GraphNode[] = [];
  const producers = new Map<number, Edge>();
  const made = new WeakSet<object>();
  const original = backend.binding;

  const refuse = (what: string, remedy: string): never => {
    throw new EngineError('trace-impure', `The compiled function '${name}' ${what}. ${remedy}`);
  };
  const add = (node: GraphNode, ids: readonly number[]): void => {
    nodes.push(node);
    ids.forEach((id, output) => producers.set(id, { node: nodes.length - 1, output }));
  };
  /** Uploads what still waits in JavaScript, after making sure that it was made in here. */
  const edgesOf = (tensors: readonly tf.TensorInfo[]): void => {
    for (const { dataId, shape, dtype } of tensors) {
      const { id, values } = backend.tensorMap.get(dataId);
      if (values == null ? producers.has(id) : made.has(dataId)) continue;
      refuse(
        `uses a ${dtype} tensor of shape [${shape.join(', ')}] that is neither one of its inputs nor made inside it`,
        'A graph would keep its present value for ever: pass it as an input.',
      );
    }
  };

  // Uploading first, with the real binding, keeps an input from looking like a constant.
  backend.getInputTensorIds(inputs).forEach((id, i) => {
    const { shape, dataId } = inputs[i] as tf.Tensor;
    add({ kind: 'placeholder', shape, dtype: backend.tensorMap.get(dataId).dtype }, [id]);
  });

  const recording: Pick<Binding, 'createTensor' | 'executeOp' | 'tensorDataSync'> = {
    createTensor(shape, dtype, values) {
      const id = original.createTensor(shape, dtype, values);
      add({ kind: 'constant', shape, dtype, values }, [id]);
      return id;
    },
    executeOp(op, attrs, ids, count) {
      const edges = ids.map((id) => producers.get(id) as Edge);
      const results = original.executeOp(op, attrs, ids, count);
      add(
        { kind: 'op', op, attrs, inputs: edges },
        results.map(({ id }) => id),
      );
      return results;
    },
    tensorDataSync: () =>
      refuse(
        'reads a tensor back into JavaScript',
        'A graph would keep that value for ever: return it as an output.',
      ),
  };
  const getInputTensorIds = (tensors: readonly tf.TensorInfo[]): number[] => {
    edgesOf(tensors);
    return uploading(tensors);
  };
  const uploading = backend.getInputTensorIds.bind(backend);
  const writing = backend.write.bind(backend);
  const write: NodeBackend['write'] = (values, shape, dtype) => {
    const dataId = writing(values, shape, dtype);
    made.add(dataId);
    return dataId;
  };
  const random = (): never =>
    refuse(
      'draws random numbers in JavaScript',
      'A graph would repeat them at every call: pass them as an input.',
    );

  const restore = [
    override(backend, 'binding', inheriting(original, recording)),
    override(backend, 'getInputTensorIds', getInputTensorIds),
    override(backend, 'write', write),
    override(Math, 'random', random),
  ];
  try {
    const { result, outputs } = fn();
    const edges = getInputTensorIds(outputs).map((id, i) => ({
      ...(producers.get(id) as Edge),
      dtype: backend.tensorMap.get((outputs[i] as tf.Tensor).dataId).dtype,
    }));
    return { result, graph: { nodes, outputs: edges } };
  } finally {
    for (const undo of restore) undo();
  }
}

/** `base` with some members of its own; plain assignment would fail on the read-only ones it inherits. */
function inheriting<T extends object>(base: T, members: Partial<T>): T {
  return Object.create(base, Object.getOwnPropertyDescriptors(members)) as T;
}

/** Sets a property until the returned function is called; what was inherited is inherited again. */
function override<T extends object, K extends keyof T>(target: T, key: K, value: T[K]): () => void {
  const before = Object.getOwnPropertyDescriptor(target, key);
  Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: true });
  return () => {
    if (before) Object.defineProperty(target, key, before);
    else delete target[key];
  };
}

/** Drops nodes that no output depends on; placeholders stay, so that every input can be fed. */
export function prune({ nodes, outputs }: RecordedGraph): RecordedGraph {
  const used = new Set(outputs.map(({ node }) => node));
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i] as GraphNode;
    if (node.kind === 'placeholder') used.add(i);
    if (node.kind === 'op' && used.has(i)) for (const edge of node.inputs) used.add(edge.node);
  }
  const places = new Map([...used].sort((a, b) => a - b).map((old, place) => [old, place]));
  const moved = <E extends Edge>(edge: E): E => ({ ...edge, node: places.get(edge.node) as number });
  return {
    nodes: [...places.keys()].map((old) => {
      const node = nodes[old] as GraphNode;
      return node.kind === 'op' ? { ...node, inputs: node.inputs.map(moved) } : node;
    }),
    outputs: outputs.map(moved),
  };
}
