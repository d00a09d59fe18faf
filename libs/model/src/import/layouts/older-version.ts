import type { MappingInput } from '../mapping.js';

/** Theano convolves where others correlate: its kernels are mirrored (facts 1.7). */
function layer(to: string, blocks?: [number] | [number, number]) {
  const common = blocks ? { blocks } : {};
  return [
    {
      ...common,
      to: `${to}/weight`,
      from: `${to}/W`,
      flip: [2, 3],
      axes: [[2], [3], [1], [0]],
      scale: `${to}/scale`,
    },
    { ...common, to: `${to}/bias`, from: `${to}/b` },
  ];
}

/** G of the official Theano version. */
export const olderVersion: MappingInput = {
  schemaVersion: 1,
  name: 'older-version',
  about:
    'G of the official Theano version by the rules of facts 1.7. Its snapshots are pickles of Python objects, which only its ' +
    'own program opens; save the arrays W, scale and b of every layer under the official name of the layer: ' +
    '4x4/Dense/W [out, in, 4, 4], 8x8/Conv0/W [out, in, 3, 3], ToRGB_lod0/W [in, out], …, each with /scale and /b. ' +
    'No published weights were imported.',
  network: { fusedScale: false },
  tensors: [
    {
      // The kernel lies down as it is: convolving one pixel does not mirror it.
      to: '4x4/Dense/weight',
      from: '4x4/Dense/W',
      axes: [[1], [0, 2, 3]],
      scale: '4x4/Dense/scale',
    },
    { to: '4x4/Dense/bias', from: '4x4/Dense/b' },
    ...layer('4x4/Conv'),
    ...layer('{side}x{side}/Conv0', [3]),
    ...layer('{side}x{side}/Conv1', [3]),
    {
      to: 'ToRGB_lod{lod}/weight',
      from: 'ToRGB_lod{lod}/W',
      blocks: [2],
      axes: [[], [], [0], [1]],
      scale: 'ToRGB_lod{lod}/scale',
    },
    { to: 'ToRGB_lod{lod}/bias', from: 'ToRGB_lod{lod}/b', blocks: [2] },
  ],
};
