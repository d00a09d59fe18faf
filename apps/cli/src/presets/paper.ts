import type { Preset } from './preset.js';

/** The published single-GPU settings (facts section 5): weeks on one GPU at 1024x1024. */
export function paperV1Preset(): Preset {
  return {
    network: { mbstdGroupSize: 16 },
    training: {
      schedule: {
        lodTrainingKimg: 800,
        lodTransitionKimg: 800,
        minibatchBase: 16,
        minibatchDict: { 256: 14, 512: 6, 1024: 3 },
      },
      mirrorAugment: true,
    },
    totalKimg: () => 19000,
  };
}

/** The faster published single-GPU settings (facts section 5). */
export function paperV2Preset(): Preset {
  return {
    network: {},
    training: {
      schedule: {
        minibatchBase: 4,
        minibatchDict: { 4: 128, 8: 128, 16: 128, 32: 64, 64: 32, 128: 16, 256: 8, 512: 4 },
        GlrateDict: { 1024: 0.0015 },
        DlrateDict: { 1024: 0.0015 },
      },
      mirrorAugment: true,
    },
    totalKimg: () => 12000,
  };
}
