import { tf } from '@pggan/engine';
import { RandomState } from '@pggan/random';
import { disposeAdam, freshAdam, type AdamState } from './adam.js';
import { copyWeights, initialWeights } from './init.js';
import { freshHealth, type Health } from './divergence.js';
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
  /** What the rules of divergence remember. */
  health: Health;
  /** The reader's cursor as of the last stop or snapshot; null before the first. */
  reader: unknown;
}

/**
 * One stream per purpose, so that switching one use on does not move the others. Numbers are offsets from the seed
 * of a run; the seed itself belongs to the snapshot latents, 1 to the first weights.
 */
const streamOffsets = {
  latents: 2,
  mix: 3,
  mirror: 4,
  /** Labels of the fakes in G's steps. */
  labels: 5,
  /** LSGAN's noise inside D. */
  noise: 6,
} as const;
const weightsOffset = 1;

export type StreamName = keyof typeof streamOffsets;
export const streamNames = Object.keys(streamOffsets) as StreamName[];
export type RandomStreams = Record<StreamName, RandomState>;

/** One entry per stream. */
export function mapStreams<T>(value: (name: StreamName) => T): Record<StreamName, T> {
  return Object.fromEntries(streamNames.map((name) => [name, value(name)])) as Record<StreamName, T>;
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

/** A random stream of a run as it is before the first step. */
export function freshStream(seed: number, name: StreamName): RandomState {
  return new RandomState((seed + streamOffsets[name]) >>> 0);
}

/** A run before its first step. Gs starts as a copy of G. */
export function createTrainingState(options: TrainingOptions): TrainingState {
  const { network } = options;
  const weights = new RandomState((options.seed + weightsOffset) >>> 0);
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
    random: mapStreams((name) => freshStream(options.seed, name)),
    progress: {
      nimg: 0,
      lod: -1,
      tick: 0,
      tickStart: 0,
      seconds: 0,
      tickSeconds: 0,
      maintenanceSeconds: 0,
    },
    health: freshHealth(),
    reader: null,
  };
}

/**
 * Puts the networks, optimisers, averages and counters of `from` in the place of those of `to`, which are freed.
 * Random streams, options, health and the reader's cursor of `to` stay; `from` is spent.
 */
export function takeOver(to: TrainingState, from: TrainingState): void {
  for (const key of ['G', 'D', 'Gs'] as const) refill(to[key], from[key]);
  for (const key of ['adamG', 'adamD'] as const) {
    to[key].t.dispose();
    to[key].t = from[key].t;
    refill(to[key].m, from[key].m);
    refill(to[key].v, from[key].v);
  }
  tf.dispose([to.fakeScore, to.statisticsG, to.statisticsD]);
  to.fakeScore = from.fakeScore;
  to.statisticsG = from.statisticsG;
  to.statisticsD = from.statisticsD;
  Object.assign(to.progress, from.progress);
}

function refill(target: Weights, next: Weights): void {
  disposeWeights(target);
  for (const name of Object.keys(target)) delete target[name];
  Object.assign(target, next);
}

/**
 * Every tensor of a state by the name that it has in a file: `G/…`, `D/…`, `Gs/…`, `adam_g/{t,m/…,v/…}`,
 * `adam_d/…`, `loss/fake_score`, `statistics_{g,d}/{sum,count}`.
 */
export function namedTensors(state: TrainingState): Record<string, tf.Tensor> {
  const groups: Record<string, Readonly<Record<string, tf.Tensor>>> = {
    G: state.G,
    D: state.D,
    Gs: state.Gs,
    loss: { fake_score: state.fakeScore },
  };
  for (const [letter, adam, statistics] of [
    ['g', state.adamG, state.statisticsG],
    ['d', state.adamD, state.statisticsD],
  ] as const) {
    groups[`adam_${letter}`] = { t: adam.t };
    groups[`adam_${letter}/m`] = adam.m;
    groups[`adam_${letter}/v`] = adam.v;
    groups[`statistics_${letter}`] = statistics;
  }
  const tensors: Record<string, tf.Tensor> = {};
  for (const [prefix, group] of Object.entries(groups)) {
    for (const [name, tensor] of Object.entries(group)) tensors[`${prefix}/${name}`] = tensor;
  }
  return tensors;
}

/** Name of a tensor with a number that is not finite; null when there is none. Reads all of them back. */
export function nonFiniteTensor(state: TrainingState): string | null {
  for (const [name, tensor] of Object.entries(namedTensors(state))) {
    if (!tensor.dataSync().every(Number.isFinite)) return name;
  }
  return null;
}

/** The same, for whose sake a state is not to be kept as a good one; null as well where the rule `nonFinite` is off. */
export function spoiltTensor(state: TrainingState): string | null {
  return state.options.divergence.nonFinite === false ? null : nonFiniteTensor(state);
}

/** Frees every tensor; the state is unusable afterwards. */
export function disposeTrainingState(state: TrainingState): void {
  for (const weights of [state.G, state.D, state.Gs]) disposeWeights(weights);
  disposeAdam(state.adamG);
  disposeAdam(state.adamD);
  tf.dispose([state.fakeScore, state.statisticsG, state.statisticsD]);
}
