/** The parts of tfjs-node's backend that recording and replaying touch; the package ships no usable types for them. */
import type * as tf from '../tf.js';

export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** A tensor on TensorFlow's side of the binding. Ids are never used twice. */
export interface TensorMetadata {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

export interface Binding {
  createTensor(shape: number[], dtype: number, values: unknown): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): unknown;
  executeOp(
    name: string,
    attrs: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorMetadata[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(
    id: number,
    inputIds: readonly number[],
    inputNames: string,
    outputNames: string,
  ): TensorMetadata[];
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}

/** What the backend knows of one tensor; `values` wait in JavaScript until the first op needs them. */
export interface TensorRecord {
  readonly shape: number[];
  readonly dtype: number;
  readonly id: number;
  readonly values: unknown;
}

export interface NodeBackend {
  binding: Binding;
  readonly tensorMap: { get(dataId: object): TensorRecord };
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  write(values: unknown, shape: number[], dtype: tf.DataType): object;
}

/** A tensor with an id of its own; `tf.clone` shares the one it has. */
export function copy(backend: NodeBackend, x: tf.Tensor): tf.Tensor {
  const { binding } = backend;
  const { dtype } = backend.tensorMap.get(x.dataId);
  const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: dtype };
  const [metadata] = binding.executeOp('Identity', [type], backend.getInputTensorIds([x]), 1);
  return backend.createOutputTensor(metadata as TensorMetadata);
}
