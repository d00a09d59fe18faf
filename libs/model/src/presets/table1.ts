/**
 * The ablation of the paper's Table 1 (facts 6): each row is the one before and one thing more. Written
 * for CelebA at 128x128; LSUN bedroom is the same without mirroring.
 */
import { olderBase, smoothingPerDStep } from './older.js';
import { extend, type Preset } from './preset.js';

/** The full method at reduced capacity; the rows before it take things away. */
export const table1g: Preset = extend(olderBase, {
  summary: 'Table 1, row g: pixel norm; the full method at reduced capacity',
  resolution: 128,
  network: { fmapBase: 2048, latentSize: 512 },
  training: {
    schedule: {
      minibatchDict: {},
      lodTrainingKimg: 800,
      lodTransitionKimg: 800,
      rampupKimg: 0,
    },
    mirrorAugment: true,
  },
  totalKimg: 10000,
});

/** That this is h is read from the paper's text; the length is the base's and no more than a guess. */
export const table1h: Preset = extend(table1g, {
  summary: 'Table 1, row h: g with full capacity, trained for longer',
  network: { fmapBase: 8192 },
  totalKimg: 15000,
});

export const table1f: Preset = extend(table1g, {
  summary: 'Table 1, row f: equalised learning rate',
  network: { usePixelnorm: false },
});

export const table1e: Preset = extend(table1f, {
  summary: 'Table 1, row e: minibatch standard deviation',
  network: { useWscale: false },
  training: { schedule: { GlrateBase: 0.0001, DlrateBase: 0.0001 } },
});

export const table1d: Preset = extend(table1e, {
  summary: 'Table 1, row d: revised training parameters',
  network: { mbstdGroupSize: 0 },
});

export const table1eStar: Preset = extend(table1d, {
  summary: 'Table 1, row e*: minibatch discrimination instead of e',
  network: { minibatchDiscriminationKernels: 100 },
});

export const table1c: Preset = extend(table1d, {
  summary: 'Table 1, row c: small minibatch',
  network: {
    latentSize: 128,
    normalizeLatents: false,
    useLeakyRelu: false,
    useBatchnorm: true,
    useLayernorm: true,
    tanhOutput: true,
  },
  training: {
    DRepeats: 5,
    GSmoothing: smoothingPerDStep(0.999 ** 5, 5),
    wgan: { epsilon: 0 },
    adam: { beta2: 0.9 },
  },
});

export const table1b: Preset = extend(table1c, {
  summary: 'Table 1, row b: progressive growing',
  training: {
    schedule: { minibatchBase: 64 },
    GSmoothing: smoothingPerDStep(0.999 ** 20, 5),
  },
});

export const table1a: Preset = extend(table1b, {
  summary: 'Table 1, row a: Gulrajani et al., nothing grows',
  training: {
    schedule: { lodInitialResolution: 1024, lodTrainingKimg: 0, lodTransitionKimg: 0 },
  },
});
