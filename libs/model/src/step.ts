/**
 * The two training steps as pure functions: tensors in, tensors out, structure decided by statics
 * alone. They are meant to be run through `compile` of @pggan/engine; called directly inside
 * tf.tidy they do the same eagerly.
 */
import { tf } from '@pggan/engine';
import { adamUpdate, type AdamUpdate } from './adam.js';
import type { NetworkConfig } from './config.js';
import type { LodPoint } from './lod.js';
import { discriminatorLoss, generatorLoss } from './losses.js';
import { generator } from './networks.js';
import type { AdamOptions, WganOptions } from './options.js';
import { processReals } from './reals.js';
import { accumulate, type Statistics } from './statistics.js';
import {
  activeNames,
  discriminatorVariables,
  generatorVariables,
  pick,
  variable,
  type Weights,
} from './variables.js';

/** What the structure of a step depends on. */
export interface StepStatics {
  readonly network: NetworkConfig;
  readonly wgan: WganOptions;
  readonly adam: AdamOptions;
  /** Share of the old value that Gs keeps. */
  readonly GSmoothing: number;
  /** Halvings between the final resolution and the active one. */
  readonly level: number;
  /** Whether the next lower resolution is blended in, by `fade`. */
  readonly fading: boolean;
  /** Whether the flags in `mirror` are honoured. */
  readonly mirrorAugment: boolean;
}

/** Optimiser state of the variables that a step touches. */
type StepAdam = { readonly t: tf.Scalar; readonly m: Weights; readonly v: Weights };

export type DiscriminatorStepInputs = {
  /** Variables to be moved, a superset of the active ones; the others get zero gradients. */
  readonly D: Weights;
  readonly adam: StepAdam;
  /** The variables of G that Gs follows, a superset of the active ones. */
  readonly G: Weights;
  /** The same variables of Gs. */
  readonly Gs: Weights;
  /** [N, C, S, S], values 0 … 255. */
  readonly reals: tf.Tensor4D;
  /** [N, latentSize], normal. */
  readonly latents: tf.Tensor2D;
  /** [N, 1, 1, 1], uniform in [0, 1). */
  readonly mix: tf.Tensor4D;
  /** [N, 1, 1, 1], 1 = flip this real. */
  readonly mirror: tf.Tensor4D;
  /** Share of the lower resolution; ignored unless fading. */
  readonly fade: tf.Scalar;
  readonly learningRate: tf.Scalar;
  readonly statistics: Statistics;
};

export type DiscriminatorStepOutputs = {
  readonly D: Weights;
  readonly adam: StepAdam;
  readonly Gs: Weights;
  readonly statistics: Statistics;
};

/**
 * One step of D and, in the same call, one move of Gs towards G (facts section 3), which therefore
 * sees G as the previous G step left it.
 */
export function discriminatorStep(
  inputs: DiscriminatorStepInputs,
  statics: StepStatics,
): DiscriminatorStepOutputs {
  const { network, wgan } = statics;
  const point = lodPoint(inputs.fade, statics);
  const reals = processReals(inputs.reals, statics.mirrorAugment ? inputs.mirror : null, point.fade);
  const fakes = generator(inputs.G, network, inputs.latents, point);

  const active = activeNames(discriminatorVariables(network), network, statics.level, statics.fading);
  const { values, gradients } = valuesAndGradients(pick(inputs.D, active), 6, (D) => {
    const parts = discriminatorLoss(D, network, fakes, reals, inputs.mix, point, wgan);
    return [
      parts.loss,
      tf.mean(parts.realScores),
      tf.mean(parts.fakeScores),
      tf.mean(parts.mixedScores),
      tf.mean(parts.mixedNorms),
      tf.mean(parts.epsilonPenalty),
    ];
  });
  const update = adamUpdate(inputs.D, gradients, inputs.adam, inputs.learningRate, statics.adam);

  const Gs: Weights = {};
  for (const [name, average] of Object.entries(inputs.Gs)) {
    const current = variable(inputs.G, name);
    Gs[name] = tf.add(current, tf.mul(tf.sub(average, current), statics.GSmoothing));
  }
  return {
    D: update.weights,
    adam: { t: update.t, m: update.m, v: update.v },
    Gs,
    statistics: report(inputs.statistics, values, gradients, update),
  };
}

export type GeneratorStepInputs = {
  /** Variables to be moved, a superset of the active ones; the others get zero gradients. */
  readonly G: Weights;
  readonly adam: StepAdam;
  /** The active variables of D. */
  readonly D: Weights;
  /** [N, latentSize], normal. */
  readonly latents: tf.Tensor2D;
  /** Share of the lower resolution; ignored unless fading. */
  readonly fade: tf.Scalar;
  readonly learningRate: tf.Scalar;
  readonly statistics: Statistics;
};

export type GeneratorStepOutputs = {
  readonly G: Weights;
  readonly adam: StepAdam;
  readonly statistics: Statistics;
};

/** One step of G. */
export function generatorStep(inputs: GeneratorStepInputs, statics: StepStatics): GeneratorStepOutputs {
  const { network } = statics;
  const point = lodPoint(inputs.fade, statics);
  const active = activeNames(generatorVariables(network), network, statics.level, statics.fading);
  const { values, gradients } = valuesAndGradients(pick(inputs.G, active), 1, (G) => [
    generatorLoss(G, inputs.D, network, inputs.latents, point).loss,
  ]);
  const update = adamUpdate(inputs.G, gradients, inputs.adam, inputs.learningRate, statics.adam);
  return {
    G: update.weights,
    adam: { t: update.t, m: update.m, v: update.v },
    statistics: report(inputs.statistics, values, gradients, update),
  };
}

function lodPoint(fade: tf.Scalar, { level, fading }: StepStatics): LodPoint {
  return { level, fade: fading ? fade : null };
}

/**
 * The scalars a function computes [count], and the gradient of the first one by variable name. The
 * scalars leave as one tensor because that is the only way out of a gradient function.
 */
function valuesAndGradients(
  weights: Weights,
  count: number,
  compute: (weights: Weights) => tf.Scalar[],
): { values: tf.Tensor1D; gradients: Weights } {
  const names = Object.keys(weights);
  const byName = (tensors: readonly tf.Tensor[]) =>
    Object.fromEntries(names.map((name, i) => [name, tensors[i] as tf.Tensor]));
  const ofFirst = tf.tensor1d(Array.from({ length: count }, (_, i) => (i === 0 ? 1 : 0)));
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => tf.stack(compute(byName(tensors))))(
    Object.values(weights),
    ofFirst,
  );
  return { values: value as tf.Tensor1D, gradients: byName(grads) };
}

/** Adds a step's values, its gradient norm and whether it was skipped to the running averages. */
function report(
  statistics: Statistics,
  values: tf.Tensor1D,
  gradients: Weights,
  update: AdamUpdate,
): Statistics {
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(tf.addN(squares));
  const skipped = tf.sub(1, update.applied);
  return accumulate(statistics, tf.concat([values, tf.stack([norm, skipped])]) as tf.Tensor1D);
}
