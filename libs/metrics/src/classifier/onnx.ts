/** A classifier as an ONNX file. */
import { encodeOnnx, type OnnxAttribute, type OnnxOperator, type OnnxWeights } from '@pggan/files';
import { tf } from '@pggan/engine';
import { maps } from './network.js';
import type { Classifier } from './train.js';

/** Names in the file. */
export const onnxNames = { input: 'images', features: 'features', logits: 'logits' } as const;

/**
 * `images` [N, 1, height, width], levels 0…255, to `features` [N, 128] and `logits` [N, classes]; N is free.
 * @param metadata free text by key
 */
export function encodeClassifier(
  { shape, weights }: Pick<Classifier, 'shape' | 'weights'>,
  metadata: Readonly<Record<string, string>> = {},
): Buffer {
  const { width, height, classes } = shape;
  const constants: OnnxWeights[] = [];
  const operators: OnnxOperator[] = [];
  const constant = (name: string, shape: readonly number[], data: ArrayLike<number>, type?: 'int64') => {
    constants.push({ name, shape, data, ...(type && { type }) });
    return name;
  };
  const run = (
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ) => {
    operators.push({ op, inputs, outputs: [output], attributes });
    return output;
  };
  const as = (name: string) => {
    const tensor = weights[name]!;
    return constant(name, tensor.shape, tensor.dataSync());
  };

  let x = run('Mul', [onnxNames.input, constant('unit', [], [1 / 255])], 'scaled');
  maps.forEach((_, i) => {
    const name = `conv${i}`;
    const weight = weights[`${name}/weight`]!;
    const turned = tf.tidy(() => tf.transpose(weight, [3, 2, 0, 1])); // [out, in, 3, 3]
    const filter = constant(`${name}/weight`, turned.shape, turned.dataSync());
    turned.dispose();
    const convolved = run('Conv', [x, filter, as(`${name}/bias`)], `${name}/sum`, {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
    });
    const rectified = run('Relu', [convolved], `${name}/rectified`);
    x = run('AveragePool', [rectified], `${name}/halved`, { kernel_shape: [2, 2], strides: [2, 2] });
  });
  // The layer of features has its inputs by place, then by map; 0 = as many images as there are.
  const byPlace = run('Transpose', [x], 'places', { perm: [0, 2, 3, 1] });
  const flat = run('Reshape', [byPlace, constant('flat/shape', [2], [0, -1], 'int64')], 'flat');
  const layer = (input: string, name: string, output: string) =>
    run('Gemm', [input, as(`${name}/weight`), as(`${name}/bias`)], output);
  const features = run('Relu', [layer(flat, 'features', 'features/sum')], onnxNames.features);
  layer(features, 'logits', onnxNames.logits);

  return encodeOnnx({
    inputs: [{ name: onnxNames.input, shape: ['N', 1, height, width] }],
    outputs: [
      { name: onnxNames.features, shape: ['N', weights['features/bias']!.size] },
      { name: onnxNames.logits, shape: ['N', classes] },
    ],
    weights: constants,
    operators,
    metadata,
  });
}
