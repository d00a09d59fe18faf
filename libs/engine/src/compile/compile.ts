/**
 * Trace once, replay as a graph: what `tf.function` is to Python. On TensorFlow a pure function of
 * tensors is recorded while it runs and replayed as one graph, where ops are fused, pruned and run
 * without JavaScript between them. Elsewhere the function itself runs, tidied.
 */
import { EngineError } from '../errors.js';
import * as tf from '../tf.js';
import { copy, type NodeBackend } from './node-backend.js';
import { prune, record } from './recorder.js';
import { type GraphSession, openSession } from './session.js';
import { leaves, mapTree, signature, type TensorTree } from './tree.js';

export interface CompileOptions {
  readonly name?: string; //      for error messages; default the function's own
  readonly maxGraphs?: number; // recorded graphs kept, the least recently used goes first; default 4
}

export interface CompiledFunction<I extends TensorTree, O extends TensorTree, S> {
  /** Returns new tensors, the caller's to dispose (or the surrounding tidy's); inputs are left alone. */
  (inputs: I, statics: S): O;
  /** How many times a graph was recorded; stays 0 off TensorFlow. */
  readonly traces: number;
  /** Frees the recorded graphs; a later call records again. */
  dispose(): void;
}

interface Graph<O> {
  readonly session: GraphSession;
  readonly backend: tf.KernelBackend;
  readonly rebuild: (tensors: readonly tf.Tensor[]) => O;
}

/** Set while a function is being recorded; compiled functions it calls become part of it. */
let recording = false;

/**
 * `fn` must be pure: everything that changes from call to call comes in as a tensor, everything it
 * returns is a tensor. Whatever else it computes in JavaScript is fixed when it is recorded, which
 * happens again when an input's name, shape or dtype, or `JSON.stringify(statics)`, was not seen lately.
 * Gradients are taken inside `fn`, not through it.
 *
 * Recording costs one eager run; the result still comes from the graph, so that a run that was
 * interrupted and resumed sees the same numbers as one that was not.
 * @throws EngineError `trace-impure` from a call, when fn reads values back, draws random numbers or
 *   uses tensors that are neither inputs nor made inside it, or when the call itself is differentiated
 */
export function compile<I extends TensorTree, O extends TensorTree, S = void>(
  fn: (inputs: I, statics: S) => O,
  { name = fn.name || 'anonymous', maxGraphs = 4 }: CompileOptions = {},
): CompiledFunction<I, O, S> {
  const graphs = new Map<string, Graph<O>>();
  let traces = 0;

  const find = (inputs: I, statics: S): Graph<O> => {
    const key = `${signature(inputs)} ${JSON.stringify(statics)}`;
    const backend = tf.backend();
    let graph = graphs.get(key);
    graphs.delete(key);
    if (graph?.backend !== backend) {
      graph = { ...recordGraph(name, inputs, (own) => fn(own, statics)), backend };
      traces++;
    }
    graphs.set(key, graph); // a Map keeps insertion order: the first key is the least recently used
    while (graphs.size > maxGraphs) {
      const [oldest, { session }] = graphs.entries().next().value as [string, Graph<O>];
      session.dispose();
      graphs.delete(oldest);
    }
    return graph;
  };

  const call = (inputs: I, statics: S): O => {
    if (recording) return fn(inputs, statics);
    if (tf.engine().isTapeOn()) {
      throw new EngineError(
        'trace-impure',
        `The compiled function '${name}' was called inside tf.grad, which cannot see through a graph. ` +
          'Take the gradient inside the function.',
      );
    }
    const given = leaves(inputs);
    if (tf.getBackend() !== 'tensorflow') {
      return tf.tidy(() => ownOutputs(fn(inputs, statics), given) as tf.TensorContainer) as O;
    }
    const graph = find(inputs, statics);
    return graph.rebuild(graph.session.run(given));
  };

  return Object.defineProperties(call, {
    traces: { get: () => traces },
    dispose: {
      value: () => {
        for (const { session } of graphs.values()) session.dispose();
        graphs.clear();
      },
    },
  }) as CompiledFunction<I, O, S>;
}

function recordGraph<I extends TensorTree, O extends TensorTree>(
  name: string,
  inputs: I,
  fn: (inputs: I) => O,
): Omit<Graph<O>, 'backend'> {
  const backend = tf.backend() as unknown as NodeBackend;
  recording = true;
  try {
    return tf.tidy(() => {
      const own = withoutAliases(backend, inputs);
      const { result, graph } = record(backend, name, leaves(own), () => {
        const result = fn(own);
        return { result, outputs: leaves(result) };
      });
      const session = openSession(backend, prune(graph), leaves(own).length);
      // Only the shape of the tree is used; its tensors are gone when this scope ends.
      const rebuild = (tensors: readonly tf.Tensor[]): O => {
        let next = 0;
        return mapTree(result, () => tensors[next++] as tf.Tensor);
      };
      return { session, rebuild } as unknown as tf.TensorContainer;
    }) as unknown as Omit<Graph<O>, 'backend'>;
  } finally {
    recording = false;
  }
}

/** Copies an input that was given twice: in the next call the two places may hold different tensors. */
function withoutAliases<I extends TensorTree>(backend: NodeBackend, inputs: I): I {
  const seen = new Set<number | undefined>();
  return mapTree(inputs, (leaf) => {
    const [id] = backend.getInputTensorIds([leaf]);
    if (seen.has(id)) return copy(backend, leaf);
    seen.add(id);
    return leaf;
  });
}

/** A copy of every output that is an input or came before, so that each can be disposed on its own. */
function ownOutputs<O extends TensorTree>(outputs: O, inputs: readonly tf.Tensor[]): O {
  const taken = new Set(inputs);
  return mapTree(outputs, (leaf) => {
    const own = taken.has(leaf) ? tf.clone(leaf) : leaf;
    taken.add(leaf);
    return own;
  });
}
