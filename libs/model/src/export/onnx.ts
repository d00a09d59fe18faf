/** G as an ONNX file. Tensors are NCHW inside and out, as ONNX has them. */
import { encodeOnnx, type OnnxAttribute, type OnnxOperator, type OnnxWeights } from '@pggan/files';
import type { LoadedGenerator } from '../generator-file.js';
import { rearrange } from '../import/rearrange.js';
import type { RawTensor } from '../safetensors.js';
import { describeExport } from './describe.js';
import { buildGraph, type GraphOps } from './graph.js';

/**
 * The bytes of an ONNX model (opset 17): `latents` [N, latentSize] and, when the network knows labels, `labels`
 * [N, labelSize] to `images` [N, channels, height, width] in about [-1, 1], at the size active at `lod`; N is free.
 * @param lod default: that of the generator
 * @throws ModelError `export-invalid`, `weights-mismatch`
 */
export function exportOnnx(generator: LoadedGenerator, lod = generator.lod): Buffer {
  const ops = new OnnxOps();
  const { images, shape } = buildGraph(ops, generator, lod);
  const { latentSize, labelSize, width, height, channels } = shape;
  ops.operators.push({ op: 'Identity', inputs: [images], outputs: ['images'] });
  return encodeOnnx({
    inputs: [
      { name: 'latents', shape: ['N', latentSize] },
      ...(labelSize > 0 ? [{ name: 'labels', shape: ['N', labelSize] }] : []),
    ],
    outputs: [{ name: 'images', shape: ['N', channels, height, width] }],
    weights: ops.weights,
    operators: ops.operators,
    metadata: { pggan: describeExport(generator, lod) },
  });
}

class OnnxOps implements GraphOps<string> {
  readonly weights: OnnxWeights[] = [];
  readonly operators: OnnxOperator[] = [];

  input(name: string): string {
    return name;
  }
  concat(a: string, b: string): string {
    return this.#run('Concat', [a, b], { axis: 1 });
  }
  pixelNorm(x: string, epsilon: number): string {
    const mean = this.#run('ReduceMean', [this.#run('Mul', [x, x])], { axes: [1], keepdims: 1 });
    const norm = this.#run('Sqrt', [this.#run('Add', [mean, this.#floats([], [epsilon])])]);
    return this.#run('Div', [x, norm]);
  }
  dense(x: string, weight: RawTensor, bias: RawTensor | null): string {
    const product = this.#run('MatMul', [x, this.#floats(weight.shape, weight.data)]);
    return bias === null ? product : this.#run('Add', [product, this.#floats(bias.shape, bias.data)]);
  }
  unflatten(x: string, maps: number, height: number, width: number): string {
    // 0 = as many samples as there are.
    return this.#run('Reshape', [x, this.#integers([0, maps, height, width])]);
  }
  conv(x: string, weight: RawTensor, bias: RawTensor): string {
    const { shape, data } = rearrange(weight, { axes: [[3], [2], [0], [1]], flip: [] }, 'weight');
    const side = shape[2]!;
    const pad = (side - 1) / 2;
    const inputs = [x, this.#floats(shape, data), this.#floats(bias.shape, bias.data)];
    return this.#run('Conv', inputs, { kernel_shape: [side, side], pads: [pad, pad, pad, pad] });
  }
  bias(x: string, { data }: RawTensor): string {
    return this.#run('Add', [x, this.#floats([1, data.length, 1, 1], data)]);
  }
  rectify(x: string, slope: number): string {
    return slope === 0 ? this.#run('Relu', [x]) : this.#run('LeakyRelu', [x], { alpha: { float: slope } });
  }
  upscale(x: string): string {
    return this.#run('Resize', [x, '', this.#floats([4], [1, 1, 2, 2])], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
  }
  blend(a: string, b: string, t: number): string {
    const part = this.#run('Mul', [this.#run('Sub', [b, a]), this.#floats([], [t])]);
    return this.#run('Add', [a, part]);
  }
  tanh(x: string): string {
    return this.#run('Tanh', [x]);
  }

  #run(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    const output = `${op}${this.operators.length}`;
    this.operators.push({ op, inputs, outputs: [output], attributes });
    return output;
  }
  #floats(shape: readonly number[], data: ArrayLike<number>): string {
    return this.#constant({ shape, data });
  }
  #integers(data: readonly number[]): string {
    return this.#constant({ shape: [data.length], data, type: 'int64' });
  }
  #constant(weights: Omit<OnnxWeights, 'name'>): string {
    const name = `weights${this.weights.length}`;
    this.weights.push({ name, ...weights });
    return name;
  }
}
