import { tf } from '@pggan/engine';
import { RandomState } from '@pggan/random';
import { disposeAdam, freshAdam, type AdamState } from './adam.js';
import { copyWeights, initialWeights } from './init.js';
import type { TrainingOptions } from './options.js';
import {
  discriminatorStatistics,
  emptyStatistics,
  generatorStatistics,
  type Statistics,
} from './statistics.js';
import { discriminatorVariables, disposeWeights, generatorVariables, type Weights } from './variables.js';

/**
 * Everything a run must remember to go on as if it had never stopped. The trainer changes it in
 * place; between steps it is consistent. Whoever created or loaded it disposes of it.
 */
export interface TrainingState {
  /** Those of the latest run; a resumed one may have others. */
  options: TrainingOptions;
  readonly G: Weights;
  readonly D: Weights;
  /** Running average of G: the network to make pictures with. */
  readonly Gs: Weights;
  readonly adamG: AdamState;
  readonly adamD: AdamState;
  /** Running average of the fakes' scores, which LSGAN's noise follows; 0 at first. */
  fakeScore: tf.Scalar;
  /** Running averages since the last tick. */
  statisticsG: Statistics;
  statisticsD: Statistics;
  readonly random: RandomStreams;
  readonly progress: TrainingProgress;
  /** The reader's cursor as of the last stop or snapshot; null before the first. */
  reader: unknown;
}

/** One stream per purpose, so that switching one use on does not move the others. */
export interface RandomStreams {
  latents: RandomState;
  mix: RandomState;
  mirror: RandomState;
  /** Labels of the fakes in G's steps. */
  labels: RandomState;
  /** LSGAN's noise inside D. */
  noise: RandomState;
}

/** Counters of the loop, plain JSON. */
export interface TrainingProgress {
  /** Real images shown to D. */
  nimg: number;
  /** Level of detail of the last pass, -1 before the first. */
  lod: number;
  /** Ticks completed. */
  tick: number;
  /** Images shown when the current tick began. */
  tickStart: number;
  /** Seconds spent training in all, over every resume. */
  seconds: number;
  /** Of these, seconds spent in the current tick. */
  tickSeconds: number;
  /** Seconds that pictures and snapshots of the last tick took. */
  maintenanceSeconds: number;
}

/** Offsets from the seed of a run; the seed itself belongs to the snapshot latents. */
const streamOffsets = { weights: 1, latents: 2, mix: 3, mirror: 4, labels: 5, noise: 6 } as const;

/** A random stream of a run as it is before the first step. */
export function freshStream(seed: number, name: keyof typeof streamOffsets): RandomState {
  return new RandomState((seed + streamOffsets[name]) >>> 0);
}

/** A run before its first step. Gs starts as a copy of G. */
export function createTrainingState(options: TrainingOptions): TrainingState {
  const { network } = options;
  const stream = (name: keyof typeof streamOffsets) => freshStream(options.seed, name);
  const weights = stream('weights');
  const G = initialWeights(generatorVariables(network), weights);
  const D = initialWeights(discriminatorVariables(network), weights);
  return {
    options,
    G,
    D,
    Gs: copyWeights(G),
    adamG: freshAdam(),
    adamD: freshAdam(),
    fakeScore: tf.scalar(0),
    statisticsG: emptyStatistics(generatorStatistics),
    statisticsD: emptyStatistics(discriminatorStatistics(options)),
    random: {
      latents: stream('latents'),
      mix: stream('mix'),
      mirror: stream('mirror'),
      labels: stream('labels'),
      noise: stream('noise'),
    },
    progress: {
      nimg: 0,
      lod: -1,
      tick: 0,
      tickStart: 0,
      seconds: 0,
      tickSeconds: 0,
      maintenanceSeconds: 0,
    },
    reader: null,
  };
}

/** Frees every tensor; the state is unusable afterwards. */
export function disposeTrainingState(state: TrainingState): void {
  for (const weights of [state.G, state.D, state.Gs]) disposeWeights(weights);
  disposeAdam(state.adamG);
  disposeAdam(state.adamD);
  tf.dispose([state.fakeScore, state.statisticsG, state.statisticsD]);
}
