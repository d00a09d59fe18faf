/**
 * The training steps as pure functions: tensors in, tensors out, structure decided by statics alone.
 * They are meant to be run through `compile` of @pggan/engine; called directly inside tf.tidy they do
 * the same eagerly. A whole step is gradients, then an update; where a minibatch does not fit the
 * memory, micro-steps.ts takes the gradients in parts and calls the same updates.
 */
import { tf } from '@pggan/engine';
import { adamUpdate, type AdamUpdate } from './adam.js';
import {
  discriminatorGradients,
  generatorGradients,
  lodPoint,
  type DiscriminatorSampleInputs,
  type GeneratorSampleInputs,
  type LossInputs,
  type LossStatics,
  type StepGradients,
} from './gradients.js';
import { movedAverages } from './layers/batch-norm.js';
import { generator } from './networks.js';
import { averagedScore } from './noise-strength.js';
import type { AdamOptions } from './options.js';
import { accumulate, type Statistics } from './statistics.js';
import { generatorVariables, pick, runningNames, variable, type Weights } from './variables.js';

/** What the structure of a step depends on. */
export interface StepStatics extends LossStatics {
  readonly adam: AdamOptions;
  /** Share of the old value that Gs keeps. */
  readonly GSmoothing: number;
}

/** Optimiser state of the variables that a step touches. */
type StepAdam = { readonly t: tf.Scalar; readonly m: Weights; readonly v: Weights };

/** What a D step changes, beside samples. */
export type DiscriminatorUpdateInputs = LossInputs & {
  /** Variables to be moved, a superset of the active ones; the others get zero gradients. */
  readonly D: Weights;
  readonly adam: StepAdam;
  /** The variables of G that Gs follows, a superset of the active ones. */
  readonly G: Weights;
  /** The same variables of Gs. */
  readonly Gs: Weights;
  readonly learningRate: tf.Scalar;
  readonly statistics: Statistics;
};

export type DiscriminatorStepInputs = DiscriminatorUpdateInputs & DiscriminatorSampleInputs;

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
  return discriminatorUpdate(inputs, discriminatorGradients(inputs, statics), statics);
}

/** The second half of {@link discriminatorStep}. */
export function discriminatorUpdate(
  inputs: DiscriminatorUpdateInputs,
  { values, gradients }: StepGradients,
  statics: StepStatics,
): DiscriminatorStepOutputs {
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
function followG({ G, Gs }: Pick<DiscriminatorUpdateInputs, 'G' | 'Gs'>, statics: StepStatics): Weights {
  const { network, level, GSmoothing } = statics;
  const running = new Set(runningNames(generatorVariables(network), network, level));
  return Object.fromEntries(
    Object.entries(Gs).map(([name, average]) => {
      const current = variable(G, name);
      return [name, tf.add(current, tf.mul(tf.sub(average, current), running.has(name) ? 0 : GSmoothing))];
    }),
  );
}

/** What a G step changes, beside samples. */
export type GeneratorUpdateInputs = LossInputs & {
  /** Variables to be moved, a superset of the active ones, and running averages of batch normalisation. */
  readonly G: Weights;
  readonly adam: StepAdam;
  readonly learningRate: tf.Scalar;
  readonly statistics: Statistics;
};

export type GeneratorStepInputs = GeneratorUpdateInputs & GeneratorSampleInputs;

export type GeneratorStepOutputs = {
  readonly G: Weights;
  readonly adam: StepAdam;
  readonly statistics: Statistics;
};

/** One step of G. Only variables with moments in `adam` are moved. */
export function generatorStep(inputs: GeneratorStepInputs, statics: StepStatics): GeneratorStepOutputs {
  const { network } = statics;
  const out = generatorUpdate(inputs, generatorGradients(inputs, statics), statics);
  if (!network.useBatchnorm) return out;
  const averages: Weights = {};
  const point = lodPoint(inputs.fade, statics);
  generator(inputs.G, network, inputs.latents, point, inputs.labels ?? null, {
    statistics: 'batch',
    observe: (layer, found) => Object.assign(averages, movedAverages(inputs.G, layer, found)),
  });
  return { ...out, G: { ...out.G, ...averages } };
}

/** The second half of {@link generatorStep}, but for the running averages of batch normalisation. */
export function generatorUpdate(
  inputs: GeneratorUpdateInputs,
  { values, gradients }: StepGradients,
  statics: StepStatics,
): GeneratorStepOutputs {
  const touched = pick(inputs.G, Object.keys(inputs.adam.m));
  const update = adamUpdate(touched, gradients, inputs.adam, inputs.learningRate, statics.adam);
  return {
    G: update.weights,
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
