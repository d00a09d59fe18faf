/** The presets of the TensorFlow version for CelebA-HQ (facts 5), in 32-bit precision. */
import { extend, type Preset } from './preset.js';

const base: Preset = {
  summary: '',
  network: {},
  training: {
    schedule: { maxMinibatchPerDevice: { 256: 16, 512: 8, 1024: 4 } },
    mirrorAugment: true,
  },
  totalKimg: 12000,
};

/** The same rates for G and D, as every preset has them. */
const rates = (exceptions: Readonly<Record<string, number>>) => ({
  GlrateDict: exceptions,
  DlrateDict: exceptions,
});

export const v1: Preset = extend(base, {
  summary: 'CelebA-HQ on one device as first published: a month at 1024x1024',
  network: { mbstdGroupSize: 16 },
  training: {
    schedule: {
      minibatchBase: 16,
      minibatchDict: { 256: 14, 512: 6, 1024: 3 },
      lodTrainingKimg: 800,
      lodTransitionKimg: 800,
    },
  },
  totalKimg: 19000,
});

export const v2OneDevice: Preset = extend(base, {
  summary: 'CelebA-HQ on one device, faster: two weeks at 1024x1024',
  training: {
    schedule: {
      minibatchBase: 4,
      minibatchDict: { 4: 128, 8: 128, 16: 128, 32: 64, 64: 32, 128: 16, 256: 8, 512: 4 },
      ...rates({ 1024: 0.0015 }),
    },
  },
});

export const v2TwoDevices: Preset = extend(base, {
  summary: 'the same with the minibatches of two devices',
  training: {
    schedule: {
      devices: 2,
      minibatchBase: 8,
      minibatchDict: { 4: 256, 8: 256, 16: 128, 32: 64, 64: 32, 128: 16, 256: 8 },
      ...rates({ 512: 0.0015, 1024: 0.002 }),
    },
  },
});

export const v2FourDevices: Preset = extend(base, {
  summary: 'the same with the minibatches of four devices',
  training: {
    schedule: {
      devices: 4,
      minibatchBase: 16,
      minibatchDict: { 4: 512, 8: 256, 16: 128, 32: 64, 64: 32, 128: 16 },
      ...rates({ 256: 0.0015, 512: 0.002, 1024: 0.003 }),
    },
  },
});

export const v2EightDevices: Preset = extend(base, {
  summary: 'the same with the minibatches of eight devices',
  training: {
    schedule: {
      devices: 8,
      minibatchBase: 32,
      minibatchDict: { 4: 512, 8: 256, 16: 128, 32: 64, 64: 32 },
      ...rates({ 128: 0.0015, 256: 0.002, 512: 0.003, 1024: 0.003 }),
    },
  },
});
