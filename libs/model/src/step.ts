/**
 * The training steps as pure functions: tensors in, tensors out, structure decided by statics alone.
 * They are meant to be run through `compile` of @pggan/engine; called directly inside tf.tidy they do
 * the same eagerly.
 */
import { tf } from '@pggan/engine';
import { adamUpdate, type AdamUpdate } from './adam.js';
import type { NetworkConfig } from './config.js';
import { movedAverages } from './layers/batch-norm.js';
import type { LodPoint } from './lod.js';
import { discriminatorLoss, generatorLoss } from './losses.js';
import { generator } from './networks.js';
import { averagedScore, noiseStrength } from './noise-strength.js';
import type { AdamOptions, LossOptions } from './options.js';
import { processReals } from './reals.js';
import { accumulate, discriminatorStatistics, discriminatorValues, type Statistics } from './statistics.js';
import {
  activeNames,
  discriminatorVariables,
  generatorVariables,
  pick,
  runningNames,
  variable,
  type Weights,
} from './variables.js';

/** What the structure of a step depends on. */
export interface StepStatics extends LossOptions {
  readonly network: NetworkConfig;
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
  /** [N, C, H, W], values 0 … 255. */
  readonly reals: tf.Tensor4D;
  /** [N, labelSize], of the reals; only when the network knows labels. */
  readonly labels?: tf.Tensor2D;
  /** [N, latentSize], normal. */
  readonly latents: tf.Tensor2D;
  /** [N, 1, 1, 1], uniform in [0, 1). */
  readonly mix: tf.Tensor4D;
  /** [N, 1, 1, 1], 1 = flip this real. */
  readonly mirror: tf.Tensor4D;
  /** Normal numbers for the inputs of D's convolutions; only when LSGAN's noise is on. */
  readonly noise?: { readonly reals: tf.Tensor2D; readonly fakes: tf.Tensor2D };
  /** Running average of the fakes' scores, which decides how strong the noise is. */
  readonly fakeScore: tf.Scalar;
  /** Share of the lower resolution; ignored unless fading. */
  readonly fade: tf.Scalar;
  readonly learningRate: tf.Scalar;
  readonly statistics: Statistics;
};

export type DiscriminatorStepOutputs = {
  readonly D: Weights;
  readonly adam: StepAdam;
  readonly Gs: Weights;
  readonly fakeScore: tf.Scalar;
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
  const { network } = statics;
  const point = lodPoint(inputs.fade, statics);
  const { mix, noise, labels = null } = inputs;
  const reals = processReals(inputs.reals, statics.mirrorAugment ? inputs.mirror : null, point.fade);
  const fakes = generator(inputs.G, network, inputs.latents, point, labels);
  const strength = noiseStrength(inputs.fakeScore, statics.lsgan);
  const gated = noise && {
    reals: { normals: noise.reals, strength },
    fakes: { normals: noise.fakes, strength },
  };
  const samples = { fakes, reals, mix, labels, noise: gated ?? null };

  const active = activeNames(discriminatorVariables(network), network, statics.level, statics.fading);
  // The gradient norm and the share of skipped updates come on top.
  const count = discriminatorStatistics(statics).length - 2;
  const { values, gradients } = valuesAndGradients(pick(inputs.D, active), count, (D) =>
    discriminatorValues(discriminatorLoss(D, network, samples, point, statics), statics),
  );
  const update = adamUpdate(inputs.D, gradients, inputs.adam, inputs.learningRate, statics.adam);
  // The third value is the mean score of the fakes.
  const score: tf.Scalar = tf.reshape(tf.slice(values, 2, 1), []);
  return {
    D: update.weights,
    adam: { t: update.t, m: update.m, v: update.v },
    Gs: followG(inputs, statics),
    fakeScore: averagedScore(inputs.fakeScore, score, statics.lsgan),
    statistics: report(inputs.statistics, values, gradients, update),
  };
}

/** Gs a little nearer to G; running averages of batch normalisation are copied. */
function followG({ G, Gs }: Pick<DiscriminatorStepInputs, 'G' | 'Gs'>, statics: StepStatics): Weights {
  const { network, level, GSmoothing } = statics;
  const running = new Set(runningNames(generatorVariables(network), network, level));
  return Object.fromEntries(
    Object.entries(Gs).map(([name, average]) => {
      const current = variable(G, name);
      return [name, tf.add(current, tf.mul(tf.sub(average, current), running.has(name) ? 0 : GSmoothing))];
    }),
  );
}

export type GeneratorStepInputs = {
  /** Variables to be moved, a superset of the active ones, and running averages of batch normalisation. */
  readonly G: Weights;
  readonly adam: StepAdam;
  /** The active variables of D. */
  readonly D: Weights;
  /** [N, latentSize], normal. */
  readonly latents: tf.Tensor2D;
  /** [N, labelSize]; only when the network knows labels. */
  readonly labels?: tf.Tensor2D;
  /** Normal numbers for the inputs of D's convolutions; only when LSGAN's noise is on. */
  readonly noise?: tf.Tensor2D;
  /** Running average of the fakes' scores, which decides how strong the noise is. */
  readonly fakeScore: tf.Scalar;
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

/** One step of G. Only variables with moments in `adam` are moved. */
export function generatorStep(inputs: GeneratorStepInputs, statics: StepStatics): GeneratorStepOutputs {
  const { network } = statics;
  const point = lodPoint(inputs.fade, statics);
  const { latents, labels = null } = inputs;
  const strength = noiseStrength(inputs.fakeScore, statics.lsgan);
  const noise = inputs.noise === undefined ? null : { normals: inputs.noise, strength };
  const samples = { latents, labels, noise };

  const active = activeNames(generatorVariables(network), network, statics.level, statics.fading);
  const { values, gradients } = valuesAndGradients(pick(inputs.G, active), 1, (G) => [
    generatorLoss(G, inputs.D, network, samples, point, statics).loss,
  ]);
  const touched = pick(inputs.G, Object.keys(inputs.adam.m));
  const update = adamUpdate(touched, gradients, inputs.adam, inputs.learningRate, statics.adam);
  const averages: Weights = {};
  if (network.useBatchnorm) {
    generator(inputs.G, network, latents, point, labels, {
      statistics: 'batch',
      observe: (layer, found) => Object.assign(averages, movedAverages(inputs.G, layer, found)),
    });
  }
  return {
    G: { ...update.weights, ...averages },
    adam: { t: update.t, m: update.m, v: update.v },
    statistics: report(inputs.statistics, values, gradients, update),
  };
}

export type SimultaneousStepInputs = {
  readonly discriminator: DiscriminatorStepInputs;
  /** The rest of what a G step needs; latents, labels and fade are those of D's step. */
  readonly generator: Pick<GeneratorStepInputs, 'adam' | 'learningRate' | 'statistics'> & {
    readonly noise?: tf.Tensor2D;
  };
};

export type SimultaneousStepOutputs = {
  readonly discriminator: DiscriminatorStepOutputs;
  readonly generator: GeneratorStepOutputs;
};

/** Both steps on the same fakes, each against the other network as it was before (facts 6, CIFAR-10). */
export function simultaneousStep(
  { discriminator, generator: rest }: SimultaneousStepInputs,
  statics: StepStatics,
): SimultaneousStepOutputs {
  const { G, D, latents, labels, fakeScore, fade } = discriminator;
  const inputs = { ...rest, G, D, latents, fakeScore, fade, ...(labels === undefined ? {} : { labels }) };
  return {
    discriminator: discriminatorStep(discriminator, statics),
    generator: generatorStep(inputs, statics),
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
