import type { MappingInput } from '../mapping.js';

const kernel = [[2], [3], [1], [0]];

/** A convolution without bias, then a layer that multiplies by a stored number and adds the bias. */
function layer(
  to: string,
  [conv, wscale]: readonly [string[], string[]],
  blocks?: [number] | [number, number],
  optional = false,
) {
  const common = { ...(blocks ? { blocks } : {}), optional };
  const of = (names: string[], entry: string) => names.map((name) => `${name}.${entry}`);
  return [
    { ...common, to: `${to}/weight`, from: of(conv, 'weight'), axes: kernel, scale: of(wscale, 'scale') },
    { ...common, to: `${to}/bias`, from: of(wscale, 'b') },
  ];
}

/** The generator of ptrblck/prog_gans_pytorch_inference, under the names of its model and of its converter. */
export const inference: MappingInput = {
  schemaVersion: 1,
  name: 'prog-gans-pytorch-inference',
  about:
    'Generator of ptrblck/prog_gans_pytorch_inference, which carries the weights of the Theano version: names of model.py ' +
    '(in_layer, upsampling_layers, out_layer) and of transfer_weights.py (features, output). It has toRGB of the final ' +
    'resolution only. Names and arithmetic as read in its source; no published weights were imported.',
  network: { fusedScale: false },
  tensors: [
    {
      // A full convolution of one pixel lays the mirrored kernel down.
      to: '4x4/Dense/weight',
      from: ['in_layer.1.weight', 'features.0.conv.weight'],
      flip: [2, 3],
      axes: [[1], [0, 2, 3]],
      scale: ['in_layer.2.scale', 'features.0.wscale.scale'],
    },
    { to: '4x4/Dense/bias', from: ['in_layer.2.b', 'features.0.wscale.b'] },
    ...layer('4x4/Conv', [
      ['upsampling_layers.0.conv', 'features.1.conv'],
      ['upsampling_layers.0.wscale', 'features.1.wscale'],
    ]),
    ...layer(
      '{side}x{side}/Conv0',
      [
        ['upsampling_layers.{2*block-5}.conv', 'features.{2*block-4}.conv'],
        ['upsampling_layers.{2*block-5}.wscale', 'features.{2*block-4}.wscale'],
      ],
      [3],
    ),
    ...layer(
      '{side}x{side}/Conv1',
      [
        ['upsampling_layers.{2*block-4}.conv', 'features.{2*block-3}.conv'],
        ['upsampling_layers.{2*block-4}.wscale', 'features.{2*block-3}.wscale'],
      ],
      [3],
    ),
    ...layer('ToRGB_lod0', [
      ['out_layer.1', 'output.conv'],
      ['out_layer.2', 'output.wscale'],
    ]),
  ],
};
