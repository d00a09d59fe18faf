/** G as a graph model of TensorFlow.js, for browsers. Tensors are NHWC. */
import type { LoadedGenerator } from '../generator-file.js';
import type { RawTensor } from '../safetensors.js';
import { libraryVersion } from '../version.js';
import { describeExport } from './describe.js';
import { buildGraph, type GraphOps } from './graph.js';

/** Bytes of a file of weights; browsers fetch several at once, and caches like them small. */
const shardBytes = 4 * 2 ** 20;

/** Attributes as protobuf writes them in JSON: 64-bit integers are text, bytes are base64. */
type Attribute =
  | { readonly type: 'DT_FLOAT' | 'DT_INT32' }
  | { readonly shape: TensorShape }
  | { readonly list: { readonly i: readonly string[] } }
  | { readonly s: string }
  | { readonly b: boolean }
  | { readonly f: number };

interface TensorShape {
  readonly dim: readonly { readonly size: string }[];
}

interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

/**
 * The files of a graph model, `model.json` last: `latents` [N, latentSize] and, when the network knows labels,
 * `labels` [N, labelSize] to `images` [N, height, width, channels] in about [-1, 1], at the size active at `lod`; N is free.
 * @param lod default: that of the generator
 * @throws ModelError `export-invalid`, `weights-mismatch`
 */
export function exportTfjs(generator: LoadedGenerator, lod = generator.lod): Map<string, Uint8Array> {
  const ops = new TfjsOps();
  const { images, shape } = buildGraph(ops, generator, lod);
  const { latentSize, labelSize, width, height, channels } = shape;
  ops.nodes.push({ name: 'images', op: 'Identity', input: [images], attr: { T: float } });
  const port = (name: string, ...sides: number[]) => ({
    [name]: { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: shapeOf(-1, ...sides) },
  });

  const bytes = Buffer.concat(
    ops.weights.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  );
  const count = Math.max(1, Math.ceil(bytes.length / shardBytes));
  const shards = Array.from({ length: count }, (_, i) => ({
    path: `group1-shard${i + 1}of${count}.bin`,
    content: bytes.subarray(i * shardBytes, (i + 1) * shardBytes),
  }));
  const model = {
    format: 'graph-model',
    generatedBy: `pggan ${libraryVersion}`,
    convertedBy: null,
    signature: {
      inputs: { ...port('latents', latentSize), ...(labelSize > 0 ? port('labels', labelSize) : {}) },
      outputs: port('images', height, width, channels),
    },
    userDefinedMetadata: { pggan: describeExport(generator, lod) },
    modelTopology: { node: ops.nodes, library: {}, versions: { producer: 1882 } },
    weightsManifest: [
      {
        paths: shards.map(({ path }) => path),
        weights: ops.weights.map(({ name, shape: sides, data }) => ({
          name,
          shape: sides,
          dtype: data instanceof Float32Array ? 'float32' : 'int32',
        })),
      },
    ],
  };
  return new Map<string, Uint8Array>([
    ...shards.map(({ path, content }) => [path, content] as const),
    ['model.json', Buffer.from(JSON.stringify(model))],
  ]);
}

const float: Attribute = { type: 'DT_FLOAT' };
const int: Attribute = { type: 'DT_INT32' };
const ones: Attribute = { list: { i: ['1', '1', '1', '1'] } };
const text = (value: string): Attribute => ({ s: Buffer.from(value).toString('base64') });

function shapeOf(...sides: number[]): TensorShape {
  return { dim: sides.map((side) => ({ size: String(side) })) };
}

class TfjsOps implements GraphOps<string> {
  readonly weights: { name: string; shape: readonly number[]; data: Float32Array | Int32Array }[] = [];
  readonly nodes: GraphNode[] = [];

  input(name: string, size: number): string {
    this.nodes.push({ name, op: 'Placeholder', attr: { dtype: float, shape: { shape: shapeOf(-1, size) } } });
    return name;
  }
  concat(a: string, b: string): string {
    return this.#run('ConcatV2', [a, b, this.#integers([1], [])], { Tidx: int });
  }
  pixelNorm(x: string, epsilon: number): string {
    const square = this.#run('Square', [x]);
    const mean = this.#run('Mean', [square, this.#integers([-1])], { Tidx: int, keep_dims: { b: true } });
    const factor = this.#run('Rsqrt', [this.#run('AddV2', [mean, this.#number(epsilon)])]);
    return this.#run('Mul', [x, factor]);
  }
  dense(x: string, weight: RawTensor, bias: RawTensor | null): string {
    const product = this.#run('MatMul', [x, this.#floats(weight)], {
      transpose_a: { b: false },
      transpose_b: { b: false },
    });
    return bias === null ? product : this.bias(product, bias);
  }
  unflatten(x: string, maps: number, height: number, width: number): string {
    const planes = this.#run('Reshape', [x, this.#integers([-1, maps, height, width])], { Tshape: int });
    return this.#run('Transpose', [planes, this.#integers([0, 2, 3, 1])], { Tperm: int });
  }
  conv(x: string, weight: RawTensor, bias: RawTensor): string {
    const product = this.#run('Conv2D', [x, this.#floats(weight)], {
      strides: ones,
      dilations: ones,
      padding: text('SAME'),
      data_format: text('NHWC'),
      use_cudnn_on_gpu: { b: true },
    });
    return this.bias(product, bias);
  }
  bias(x: string, bias: RawTensor): string {
    return this.#run('BiasAdd', [x, this.#floats(bias)], { data_format: text('NHWC') });
  }
  rectify(x: string, slope: number): string {
    return slope === 0 ? this.#run('Relu', [x]) : this.#run('LeakyRelu', [x], { alpha: { f: slope } });
  }
  upscale(x: string, height: number, width: number): string {
    return this.#run('ResizeNearestNeighbor', [x, this.#integers([height, width])], {
      align_corners: { b: false },
      half_pixel_centers: { b: false },
    });
  }
  blend(a: string, b: string, t: number): string {
    const part = this.#run('Mul', [this.#run('Sub', [b, a]), this.#number(t)]);
    return this.#run('AddV2', [a, part]);
  }
  tanh(x: string): string {
    return this.#run('Tanh', [x]);
  }

  #run(op: string, input: readonly string[], attr: Readonly<Record<string, Attribute>> = {}): string {
    const name = `${op}${this.nodes.length}`;
    this.nodes.push({ name, op, input, attr: { T: float, ...attr } });
    return name;
  }
  #floats({ shape, data }: RawTensor): string {
    return this.#constant(shape, data);
  }
  #number(value: number): string {
    return this.#constant([], Float32Array.of(value));
  }
  #integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant(shape, Int32Array.from(values));
  }
  /** Values lie in the files of weights, under the node's name. */
  #constant(shape: readonly number[], data: Float32Array | Int32Array): string {
    const name = `weights${this.weights.length}`;
    this.weights.push({ name, shape, data });
    const dtype = data instanceof Float32Array ? float : int;
    this.nodes.push({ name, op: 'Const', attr: { dtype, shape: { shape: shapeOf(...shape) } } });
    return name;
  }
}
