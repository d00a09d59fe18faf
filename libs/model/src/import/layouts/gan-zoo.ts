import type { MappingInput } from '../mapping.js';

const gain = Math.SQRT2;

/** A layer whose module multiplies its whole output, bias included, by He's constant. */
function scaled(to: string, from: string, blocks: [number] | [number, number]) {
  const fanIn = [1, 2, 3];
  return [
    {
      to: `${to}/weight`,
      from: `${from}.weight`,
      blocks,
      axes: [[2], [3], [1], [0]],
      wscale: { gain, fanIn },
    },
    { to: `${to}/bias`, from: `${from}.bias`, blocks, wscale: { gain, fanIn, of: `${from}.weight` } },
  ];
}

/** GNet of facebookresearch/pytorch_GAN_zoo. */
export const ganZoo: MappingInput = {
  schemaVersion: 1,
  name: 'pytorch-gan-zoo',
  about:
    'GNet of facebookresearch/pytorch_GAN_zoo (models/networks/progressive_conv_net.py): the state dictionary of the ' +
    'generator, or of its average. Names and arithmetic as read in its source; no published weights were imported.',
  network: { fusedScale: false, firstBiasPerUnit: true },
  tensors: [
    {
      to: '4x4/Dense/weight',
      from: 'formatLayer.weight',
      axes: [[1], [0]],
      wscale: { gain, fanIn: [1] },
    },
    {
      to: '4x4/Dense/bias',
      from: 'formatLayer.bias',
      wscale: { gain, fanIn: [1], of: 'formatLayer.weight' },
    },
    ...scaled('4x4/Conv', 'groupScale0.0', [2, 2]),
    ...scaled('{side}x{side}/Conv0', 'scaleLayers.{block-3}.0', [3]),
    ...scaled('{side}x{side}/Conv1', 'scaleLayers.{block-3}.1', [3]),
    ...scaled('ToRGB_lod{lod}', 'toRGBLayers.{block-2}', [2]),
  ],
};
