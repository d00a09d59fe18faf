/** Small models of known behaviour, with their manifests. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeOnnx, type OnnxGraph } from '@pggan/files';
import { RandomState } from '@pggan/random';
import { temporaryFolder } from '../folder.js';

const folder = temporaryFolder();
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
