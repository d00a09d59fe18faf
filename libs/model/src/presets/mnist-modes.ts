/**
 * Counting the modes of triples of digits (facts 6): four variants of tiny networks, D a half or a
 * quarter as wide as G.
 */
import { olderBase, smoothingPerDStep } from './older.js';
import { extend, type Preset } from './preset.js';

const mnistBase = (divisor: number): Preset =>
  extend(olderBase, {
    summary: `MNIST modes, D of size K/${divisor}: WGAN-GP baseline`,
    resolution: 32,
    network: {
      architecture: 'small',
      fmapBase: 64,
      discriminatorDivisor: divisor,
      tanhOutput: true,
      useBatchnorm: true,
      useWscale: false,
      usePixelnorm: false,
      mbstdGroupSize: 0,
    },
    training: {
      schedule: {
        lodInitialResolution: 1024,
        lodTrainingKimg: 0,
        lodTransitionKimg: 0,
        minibatchBase: 64,
        minibatchDict: {},
      },
      DRepeats: 5,
      GSmoothing: smoothingPerDStep(0.999, 5),
      wgan: { epsilon: 0 },
    },
    totalKimg: 10000,
  });

/** The four variants, in the order of the paper's table. */
export function mnistModes(divisor: number) {
  const size = `MNIST modes, D of size K/${divisor}`;
  const baseline = mnistBase(divisor);
  const norm = extend(baseline, {
    summary: `${size}: our normalisation`,
    network: { useBatchnorm: false, useWscale: true, usePixelnorm: true },
  });
  const mbstd = extend(norm, {
    summary: `${size}: and minibatch standard deviation`,
    network: { mbstdGroupSize: 'all' },
  });
  const progressive = extend(mbstd, {
    summary: `${size}: and progressive growing`,
    training: { schedule: { lodInitialResolution: 4, lodTrainingKimg: 500, lodTransitionKimg: 2000 } },
    totalKimg: 15000,
  });
  return { baseline, norm, mbstd, progressive };
}
