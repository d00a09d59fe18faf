/** Small models of known behaviour, with their manifests. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeOnnx, type OnnxGraph } from '@pggan/files';
import { RandomState } from '@pggan/random';
import { temporaryFolder } from '../folder.js';

export const folder = temporaryFolder();
let made = 0;

/** What every manifest here says, but for what is given. */
const usual = {
  format: 'pggan-extractor',
  version: 1,
  name: 'known',
  input: { layout: 'nchw', channels: 'rgb', range: [0, 255] },
  resizer: 'none',
  outputs: { features: 'means' },
};

export interface Parts {
  readonly input?: object;
  readonly [key: string]: unknown;
}

/** Writes a manifest with these keys in place of the usual ones; undefined leaves one out. Returns its path. */
export function writeManifest(model: string, { input, ...rest }: Parts = {}): string {
  const path = join(folder, `${model}-${made++}.json`);
  const manifest = { ...usual, model, ...rest, input: { ...usual.input, ...input } };
  writeFileSync(path, JSON.stringify(manifest));
  return path;
}

/** Writes a model and its manifest. Returns the manifest's path. */
export function writeModel(graph: OnnxGraph, parts: Parts = {}): string {
  return writeManifest(writeBytes(`model${made++}.onnx`, encodeOnnx(graph)), parts);
}

export function writeBytes(name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(folder, name), bytes);
  return name;
}

/** Means of every plane: [batch, planes], or [batch, planes, 1, 1] with `keep`. */
export function means(shape: readonly (number | string)[], { axes = [2, 3], keep = false } = {}): OnnxGraph {
  return {
    inputs: [{ name: 'picture', shape }],
    outputs: [{ name: 'means', shape: keep ? [shape[0]!, 'c', 1, 1] : [shape[0]!, 'c'] }],
    operators: [
      {
        op: 'ReduceMean',
        inputs: ['picture'],
        outputs: ['means'],
        attributes: { axes, keepdims: keep ? 1 : 0 },
      },
    ],
  };
}

/** The picture itself, as maps. */
export function copies(shape: readonly (number | string)[]): OnnxGraph {
  return {
    inputs: [{ name: 'picture', shape }],
    outputs: [{ name: 'copy', shape }],
    operators: [{ op: 'Identity', inputs: ['picture'], outputs: ['copy'] }],
  };
}

export const maps = 8;
export const classes = 5;

/** Weights of `classifier`. */
export const classifierWeights = {
  kernel: new RandomState(3).normals(maps * 3 * 9).map((x) => x / 6),
  matrix: new RandomState(4).normals(maps * classes).map((x) => x * 2),
};

/** A convolution, ReLU and pooling give features; a matrix gives logits of them. */
export function classifier(batch: number | string): OnnxGraph {
  const { kernel, matrix } = classifierWeights;
  return {
    inputs: [{ name: 'picture', shape: [batch, 3, 12, 12] }],
    outputs: [
      { name: 'pooled', shape: [batch, maps, 1, 1] },
      { name: 'logits', shape: [batch, classes] },
    ],
    weights: [
      { name: 'kernel', shape: [maps, 3, 3, 3], data: kernel },
      { name: 'matrix', shape: [maps, classes], data: matrix },
    ],
    operators: [
      { op: 'Conv', inputs: ['picture', 'kernel'], outputs: ['maps'], attributes: { kernel_shape: [3, 3] } },
      { op: 'Relu', inputs: ['maps'], outputs: ['active'] },
      { op: 'GlobalAveragePool', inputs: ['active'], outputs: ['pooled'] },
      { op: 'Flatten', inputs: ['pooled'], outputs: ['flat'] },
      { op: 'MatMul', inputs: ['flat', 'matrix'], outputs: ['logits'] },
    ],
  };
}

/** Layers wide enough for ONNX Runtime to divide them among threads. */
export function wide(): OnnxGraph {
  const random = new RandomState(6);
  const kernel = (name: string, from: number, to: number, side: number) => ({
    name,
    shape: [to, from, side, side],
    data: random.normals(to * from * side ** 2).map((x) => x * Math.sqrt(2 / (from * side ** 2))),
  });
  const conv = (input: string, weights: string, output: string, stride: number) => ({
    ...{ op: 'Conv', inputs: [input, weights], outputs: [output], attributes: { strides: [stride, stride] } },
  });
  return {
    inputs: [{ name: 'picture', shape: ['n', 3, 48, 48] }],
    outputs: [{ name: 'logits', shape: ['n', 300] }],
    weights: [
      kernel('first', 3, 64, 3),
      kernel('second', 64, 256, 3),
      { name: 'matrix', shape: [256, 300], data: random.normals(256 * 300) },
    ],
    operators: [
      conv('picture', 'first', 'a', 1),
      { op: 'Relu', inputs: ['a'], outputs: ['b'] },
      conv('b', 'second', 'c', 2),
      { op: 'Relu', inputs: ['c'], outputs: ['d'] },
      { op: 'GlobalAveragePool', inputs: ['d'], outputs: ['e'] },
      { op: 'Flatten', inputs: ['e'], outputs: ['f'] },
      { op: 'MatMul', inputs: ['f', 'matrix'], outputs: ['logits'] },
    ],
  };
}

/** `weights` in the order of a kernel or matrix of TensorFlow: [height, width, in, out]. */
function kernelOfTensorFlow(): Float32Array {
  const out = new Float32Array(maps * 27);
  for (let map = 0; map < maps; map++)
    for (let c = 0; c < 3; c++)
      for (let place = 0; place < 9; place++)
        out[(place * 3 + c) * maps + map] = classifierWeights.kernel[(map * 3 + c) * 9 + place]!;
  return out;
}

/** Writes a model.json with these keys, and the classifier's weights under these names beside it. Returns its name. */
function writeTfjs(model: object, [kernel, matrix]: readonly [string, string]): string {
  const name = `tfjs${made++}`;
  const parts = [kernelOfTensorFlow(), Float32Array.from(classifierWeights.matrix)];
  const paths = [
    writeBytes(`${name}.bin`, Buffer.concat(parts.map(({ buffer }) => Buffer.from(buffer as ArrayBuffer)))),
  ];
  const weights = [
    { name: kernel, shape: [3, 3, 3, maps], dtype: 'float32' },
    { name: matrix, shape: [maps, classes], dtype: 'float32' },
  ];
  return writeBytes(`${name}.json`, JSON.stringify({ ...model, weightsManifest: [{ paths, weights }] }));
}

/** `classifier` as a graph model, whose signature calls its outputs pooled and scores. */
export function classifierGraphModel(): string {
  const float = { type: 'DT_FLOAT' };
  const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
  const shape = (...sides: number[]) => ({ shape: { dim: sides.map((side) => ({ size: String(side) })) } });
  const constant = (name: string, ...sides: number[]) => ({
    ...{ name, op: 'Const', attr: { dtype: float, shape: shape(...sides) } },
  });
  const node = [
    { name: 'picture', op: 'Placeholder', attr: { dtype: float, shape: shape(-1, 12, 12, 3) } },
    constant('kernel', 3, 3, 3, maps),
    constant('matrix', maps, classes),
    {
      name: 'conv',
      op: 'Conv2D',
      input: ['picture', 'kernel'],
      attr: {
        T: float,
        strides: { list: { i: ['1', '1', '1', '1'] } },
        dilations: { list: { i: ['1', '1', '1', '1'] } },
        padding: text('VALID'),
        data_format: text('NHWC'),
      },
    },
    { name: 'active', op: 'Relu', input: ['conv'], attr: { T: float } },
    {
      name: 'pool',
      op: 'AvgPool',
      input: ['active'],
      attr: {
        T: float,
        ksize: { list: { i: ['1', '10', '10', '1'] } },
        strides: { list: { i: ['1', '1', '1', '1'] } },
        padding: text('VALID'),
        data_format: text('NHWC'),
      },
    },
    {
      name: 'flat',
      op: 'Squeeze',
      input: ['pool'],
      attr: { T: float, squeeze_dims: { list: { i: ['1', '2'] } } },
    },
    {
      name: 'product',
      op: 'MatMul',
      input: ['flat', 'matrix'],
      attr: { T: float, transpose_a: { b: false }, transpose_b: { b: false } },
    },
  ];
  const port = (name: string, ...sides: number[]) => ({
    name: `${name}:0`,
    dtype: 'DT_FLOAT',
    tensorShape: shape(-1, ...sides).shape,
  });
  const signature = {
    inputs: { picture: port('picture', 12, 12, 3) },
    outputs: { pooled: port('pool', 1, 1, maps), scores: port('product', classes) },
  };
  const modelTopology = { node, library: {}, versions: { producer: 1882 } };
  return writeTfjs({ format: 'graph-model', signature, modelTopology }, ['kernel', 'matrix']);
}

/** `classifier` as a layers model; its only output is that of layer dense. */
export function classifierLayersModel(): string {
  const layer = (class_name: string, name: string, before: string | null, config: object) => ({
    ...{ class_name, name, config: { name, ...config } },
    inbound_nodes: before === null ? [] : [[[before, 0, 0, {}]]],
  });
  const layers = [
    layer('InputLayer', 'picture', null, {
      batch_input_shape: [null, 12, 12, 3],
      dtype: 'float32',
      sparse: false,
    }),
    layer('Conv2D', 'conv', 'picture', {
      ...{ filters: maps, kernel_size: [3, 3], strides: [1, 1], padding: 'valid', use_bias: false },
      ...{ activation: 'relu', data_format: 'channels_last', dilation_rate: [1, 1] },
    }),
    layer('GlobalAveragePooling2D', 'pool', 'conv', {}),
    layer('Dense', 'dense', 'pool', { units: classes, use_bias: false, activation: 'linear' }),
  ];
  const config = {
    name: 'known',
    layers,
    input_layers: [['picture', 0, 0]],
    output_layers: [['dense', 0, 0]],
  };
  const modelTopology = { model_config: { class_name: 'Model', config } };
  return writeTfjs({ format: 'layers-model', modelTopology }, ['conv/kernel', 'dense/kernel']);
}
