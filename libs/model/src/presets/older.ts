/** The older version's settings, with which the paper's numbers were made (appendix A.1, facts 6). */
import { extend, type Preset } from './preset.js';

export const olderBase: Preset = {
  summary: 'the base of the settings below',
  network: { fusedScale: false, mbstdGroupSize: 'all' },
  training: {
    schedule: {
      minibatchBase: 16,
      minibatchDict: { 256: 14, 512: 6, 1024: 3 },
      rampupKimg: 40,
      tickKimgBase: 50,
      tickKimgDict: { 32: 20, 64: 10, 128: 10, 256: 5, 512: 2, 1024: 1 },
    },
    minibatchRepeats: 1,
    imageSnapshotTicks: 4,
    networkSnapshotTicks: 40,
  },
  totalKimg: 15000,
};

/**
 * The older version moves Gs once per G step, this one at every D step, with the same G all the while:
 * the share to keep then is a root.
 */
export function smoothingPerDStep(share: number, DRepeats: number): number {
  return share ** (1 / DRepeats);
}

export const celebahq: Preset = extend(olderBase, {
  summary: 'CelebA-HQ as in the paper',
  training: {
    schedule: { lodTrainingKimg: 800, lodTransitionKimg: 800 },
    mirrorAugment: true,
  },
  totalKimg: 19000,
});

export const lsun: Preset = extend(olderBase, {
  summary: 'an LSUN category, 100k images, 256x256',
  resolution: 256,
  training: {
    schedule: { lodTrainingKimg: 800, lodTransitionKimg: 800, minibatchDict: {} },
    mirrorAugment: true,
  },
  totalKimg: 20000,
});

export const lsunFull: Preset = extend(lsun, {
  summary: 'LSUN bedroom or dog, all images, 256x256',
  training: { mirrorAugment: false },
});

export const cifar10: Preset = extend(olderBase, {
  summary: 'CIFAR-10 without labels, 32x32',
  resolution: 32,
  network: { fmapBase: 4096, fmapMax: 128, latentSize: 128 },
  training: {
    schedule: { lodTrainingKimg: 400, lodTransitionKimg: 400, rampupKimg: 0, minibatchDict: {} },
    wgan: { target: 750 },
    simultaneous: true,
  },
  totalKimg: 20000,
});
