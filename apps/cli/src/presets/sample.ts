import { type BackendName } from '@pggan/engine';
import { type Preset } from './preset.js';

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
  readonly minibatchDict: Readonly<Record<string, number>>;
  readonly tickKimg: number;
}

/** Found by experiment on two cores with the sample dataset; each ends within `minutes` there. */
const numbers: Readonly<Record<BackendName, SampleNumbers>> = {
  tensorflow: {
    minutes: 5,
    resolution: 32,
    fmapBase: 512,
    fmapMax: 64,
    lodTrainingKimg: 2.4,
    lodTransitionKimg: 2.4,
    finalKimg: 6,
    minibatchDict: { 4: 32, 8: 32, 16: 16, 32: 16, 64: 16 },
    tickKimg: 1.2,
  },
  wasm: {
    minutes: 10,
    resolution: 16,
    fmapBase: 256,
    fmapMax: 32,
    lodTrainingKimg: 2.4,
    lodTransitionKimg: 2.4,
    finalKimg: 4.8,
    minibatchDict: { 4: 16, 8: 16, 16: 16, 32: 16, 64: 16 },
    tickKimg: 1.2,
  },
  cpu: {
    minutes: 10,
    resolution: 8,
    fmapBase: 64,
    fmapMax: 16,
    lodTrainingKimg: 1.2,
    lodTransitionKimg: 1.2,
    finalKimg: 2.4,
    minibatchDict: { 4: 16, 8: 16, 16: 16, 32: 16, 64: 16 },
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
        minibatchBase: 16,
        minibatchDict: { ...n.minibatchDict },
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
