/** One thing changed of any preset: the feature switches of facts 5, and the paper's other loss. */
import type { PresetChanges } from './preset.js';

export const switches = {
  'no-growing': {
    summary: 'everything at the final resolution from the start',
    training: { schedule: { lodInitialResolution: 1024, lodTrainingKimg: 0, lodTransitionKimg: 0 } },
    totalKimg: 10000,
  },
  'no-pixelnorm': { summary: 'no pixel norm in G', network: { usePixelnorm: false } },
  'no-wscale': { summary: 'no equalised learning rate', network: { useWscale: false } },
  'no-leakyrelu': { summary: 'plain ReLU in G', network: { useLeakyRelu: false } },
  'no-smoothing': { summary: 'Gs is G', training: { GSmoothing: 0 } },
  'no-repeat': { summary: 'the schedule looked at for every minibatch', training: { minibatchRepeats: 1 } },
  'no-reset': { summary: 'Adam never starts afresh', training: { resetOptForNewLod: false } },
  'minibatch-16': {
    summary: '16 images per step at every resolution',
    training: { schedule: { minibatchBase: 16, minibatchDict: {}, maxMinibatchPerDevice: {} } },
  },
  lsgan: { summary: 'least squares instead of WGAN-GP, with noise in D', training: { loss: 'lsgan' } },
} as const satisfies Record<string, PresetChanges & { readonly summary: string }>;

export type SwitchName = keyof typeof switches;
