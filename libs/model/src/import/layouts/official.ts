import type { MappingInput } from '../mapping.js';

const variables = (name: string, blocks: [number] | [number, number] = [2, 2]) => [
  { to: `${name}/weight`, from: `${name}/weight`, blocks, wscale: 'official' as const },
  { to: `${name}/bias`, from: `${name}/bias`, blocks },
];

/** Gs of the official TensorFlow version, its variables saved under their own names; nothing changes. */
function official(first: 'Conv0' | 'Conv0_up'): MappingInput {
  const fused = first === 'Conv0_up';
  return {
    schemaVersion: 1,
    name: fused ? 'official' : 'official-unfused',
    about:
      `Variables of the official TensorFlow version under their own names, ${fused ? 'fused' : 'unfused'} scaling. ` +
      'Names and layouts are those of the networks that the golden numbers come from.',
    network: { fusedScale: fused },
    tensors: [
      ...variables('4x4/Dense'),
      ...variables('4x4/Conv'),
      ...variables(`{side}x{side}/${first}`, [3]),
      ...variables('{side}x{side}/Conv1', [3]),
      ...variables('ToRGB_lod{lod}', [2]),
    ],
    ignore: ['lod'],
  };
}

export const officialFused = official('Conv0_up');
export const officialUnfused = official('Conv0');
