import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tf from '../tf.js';
import type { NodeBackend } from './node-backend.js';
import type { RecordedGraph } from './recorder.js';
import { inputName, outputName, serializeGraph } from './saved-model.js';

/** A graph loaded into TensorFlow. */
export interface GraphSession {
  /** New tensors, the caller's; the inputs in the order of recording. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  dispose(): void;
}

/** Loads a graph by way of a folder under `scratch` that is gone when this returns or throws. */
export function openSession(
  backend: NodeBackend,
  graph: RecordedGraph,
  inputCount: number,
  scratch = tmpdir(),
): GraphSession {
  const { binding } = backend;
  const folder = mkdtempSync(join(scratch, 'pggan-graph-'));
  let id: number;
  try {
    writeFileSync(join(folder, 'saved_model.pb'), serializeGraph(graph, binding));
    id = binding.loadSavedModel(folder, 'serve');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const inputNames = Array.from({ length: inputCount }, (_, i) => `${inputName(i)}:0`).join();
  const outputNames = graph.outputs.map((_, i) => `${outputName(i)}:0`).join();
  return {
    run(inputs) {
      const ids = backend.getInputTensorIds(inputs);
      return binding
        .runSavedModel(id, ids, inputNames, outputNames)
        .map((metadata) => backend.createOutputTensor(metadata));
    },
    dispose: () => binding.deleteSavedModel(id),
  };
}
