/** Somebody's TensorFlow.js model, graph or layers, run as it is: one input of float32, outputs by name. */
import { loadGraphModel, loadLayersModel, model as layersModel } from '@tensorflow/tfjs';
import type { GraphModel, LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { EngineError } from '../errors.js';
import * as tf from '../tf.js';

/** What a model's files hold. */
export interface NetworkFiles {
  readonly json: object; // of model.json
  readonly weights: Uint8Array; // its files of weights, one after the other
}

export interface NetworkResult {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export interface Network {
  /** The inputs; null: any size. */
  readonly inputs: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly (number | null)[];
  }[];
  /** What can be asked for: outputs first, then nodes or layers between. */
  readonly outputs: readonly string[];
  /**
   * Results by the names asked for, in their order, on the engine's backend.
   * @throws EngineError `model-invalid` when the model fails on such an input, or an output is not float32
   */
  run(data: Float32Array, dims: readonly number[], names: readonly string[]): Promise<NetworkResult[]>;
  dispose(): void;
}

const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!;

/** @throws EngineError `model-invalid` for what TensorFlow.js does not load */
export async function loadNetwork({ json, weights }: NetworkFiles): Promise<Network> {
  // A copy: tfjs keeps views of what it is given.
  const bytes = Uint8Array.from(weights).buffer;
  try {
    const artifacts = await tf.io.getModelArtifactsForJSON(json as tf.io.ModelJSON, (manifest) =>
      Promise.resolve([manifest.flatMap((group) => group.weights), bytes]),
    );
    const source = tf.io.fromMemory(artifacts);
    return artifacts.format === 'graph-model'
      ? graphNetwork(await loadGraphModel(source), artifacts)
      : layersNetwork(await loadLayersModel(source));
  } catch (cause) {
    throw new EngineError('model-invalid', `TensorFlow.js does not load the model: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

type Outputs = tf.Tensor | tf.Tensor[];

async function runWith(
  predict: (input: tf.Tensor) => Outputs,
  data: Float32Array,
  dims: readonly number[],
): Promise<NetworkResult[]> {
  let outputs: tf.Tensor[];
  try {
    outputs = tf.tidy(() => {
      const found = predict(tf.tensor(data, [...dims], 'float32'));
      return Array.isArray(found) ? found : [found];
    });
  } catch (cause) {
    throw new EngineError(
      'model-invalid',
      `The model fails on an input of ${dims.join('x')}: ${reasonOf(cause)}`,
      { cause },
    );
  }
  try {
    return await Promise.all(
      outputs.map(async (output) => {
        const values = await output.data();
        if (values instanceof Float32Array) return { data: values, dims: output.shape };
        throw new EngineError('model-invalid', `The model gives ${output.dtype}; expected float32`);
      }),
    );
  } finally {
    tf.dispose(outputs);
  }
}

interface PortInfo {
  readonly name: string;
  readonly dtype: string;
  readonly shape?: readonly (number | null)[] | null | undefined;
}

const portOf = ({ name, dtype, shape }: PortInfo) => ({
  name: bareName(name),
  dtype,
  shape: (shape ?? []).map((side) => (side === null || side < 0 ? null : side)),
});

/** Of a tensor: TensorFlow calls the first result of node "pool" "pool:0". */
const bareName = (name: string) => name.replace(/:0$/, '');

function graphNetwork(graph: GraphModel, artifacts: tf.io.ModelArtifacts): Network {
  const signature = (artifacts.signature ?? {}) as { outputs?: Record<string, { name: string }> };
  const called = new Map(Object.entries(signature.outputs ?? {}).map(([key, { name }]) => [key, name]));
  const { node = [] } = artifacts.modelTopology as { node?: { name: string }[] };
  const inputs = graph.inputs.map(portOf);
  return {
    inputs,
    outputs: [
      ...new Set([...called.keys(), ...graph.outputNodes.map(bareName), ...node.map(({ name }) => name)]),
    ],
    run: (data, dims, names) =>
      runWith(
        (input) =>
          graph.execute(
            { [inputs[0]!.name]: input },
            names.map((name) => called.get(name) ?? name),
          ),
        data,
        dims,
      ),
    dispose: () => graph.dispose(),
  };
}

function layersNetwork(whole: LayersModel): Network {
  const find = (name: string): SymbolicTensor => {
    const place = whole.outputNames.indexOf(name);
    return place >= 0 ? whole.outputs[place]! : (whole.getLayer(name).output as SymbolicTensor);
  };
  return {
    inputs: whole.inputs.map(portOf),
    outputs: [...new Set([...whole.outputNames, ...whole.layers.map(({ name }) => name)])],
    run: (data, dims, names) =>
      runWith(
        (input) =>
          layersModel({ inputs: whole.inputs, outputs: names.map(find) }).predict(input, {
            batchSize: dims[0]!,
          }) as Outputs,
        data,
        dims,
      ),
    dispose: () => void whole.dispose(),
  };
}
