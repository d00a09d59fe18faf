import type { BackendName } from '@pggan/engine';
import type { Preset } from './preset.js';

interface SampleNumbers {
  readonly minutes: number;
  readonly resolution: number;
  readonly fmapBase: number;
  readonly fmapMax: number;
  /** T and F, thousands of images to stabilise and to fade per resolution. */
  readonly lodTrainingKimg: number;
  readonly lodTransitionKimg: number;
  /** Thousands of images at the final resolution, after its fade. */
  readonly finalKimg: number;
  readonly minibatch: number;
  readonly tickKimg: number;
}

/** Found by experiment on two cores with the sample dataset; each ends within `minutes` there. */
const numbers: Readonly<Record<BackendName, SampleNumbers>> = {
  tensorflow: {
    minutes: 3.5,
    resolution: 32,
    fmapBase: 256,
    fmapMax: 32,
    lodTrainingKimg: 2,
    lodTransitionKimg: 2,
    finalKimg: 14,
    minibatch: 16,
    tickKimg: 1.5,
  },
  wasm: {
    minutes: 6.5,
    resolution: 16,
    fmapBase: 256,
    fmapMax: 32,
    lodTrainingKimg: 2,
    lodTransitionKimg: 2,
    finalKimg: 8,
    minibatch: 16,
    tickKimg: 1.5,
  },
  cpu: {
    minutes: 7.5,
    resolution: 8,
    fmapBase: 64,
    fmapMax: 16,
    lodTrainingKimg: 1.2,
    lodTransitionKimg: 1.2,
    finalKimg: 2.4,
    minibatch: 16,
    tickKimg: 0.6,
  },
};

/** The default: small networks and short phases that show recognisable portraits within minutes. */
export function samplePreset(backend: BackendName): Preset {
  const n = numbers[backend];
  return {
    resolution: n.resolution,
    minutes: n.minutes,
    network: { fmapBase: n.fmapBase, fmapMax: n.fmapMax },
    training: {
      schedule: {
        lodTrainingKimg: n.lodTrainingKimg,
        lodTransitionKimg: n.lodTransitionKimg,
        minibatchBase: n.minibatch,
        minibatchDict: {},
        // Three times the paper's: a run of a thousand steps has no time to be careful.
        GlrateBase: 0.003,
        DlrateBase: 0.003,
        tickKimgBase: n.tickKimg,
        tickKimgDict: {},
      },
      // Official 0.999 averages over thousands of steps; this run has not many more in all.
      GSmoothing: 0.99,
      mirrorAugment: true,
      imageSnapshotTicks: 1,
      networkSnapshotTicks: 4,
      snapshotGrid: { columns: 10, rows: 6 },
    },
    totalKimg(resolution) {
      const transitions = Math.log2(resolution) - 2;
      return transitions * (n.lodTrainingKimg + n.lodTransitionKimg) + n.finalKimg;
    },
  };
}
