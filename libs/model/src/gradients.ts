/**
 * What a minibatch, or one micro-batch of it, says about a network: pure functions of tensors, the
 * first half of the steps in step.ts.
 */
import { tf } from '@pggan/engine';
import type { NetworkConfig } from './config.js';
import type { LodPoint } from './lod.js';
import { discriminatorLoss, generatorLoss } from './losses.js';
import { generator } from './networks.js';
import { noiseStrength } from './noise-strength.js';
import type { LossOptions } from './options.js';
import { processReals } from './reals.js';
import { discriminatorStatistics, discriminatorValues } from './statistics.js';
import { activeNames, discriminatorVariables, generatorVariables, pick, type Weights } from './variables.js';

/** What the structure of the losses depends on. */
export interface LossStatics extends LossOptions {
  readonly network: NetworkConfig;
  /** Halvings between the final resolution and the active one. */
  readonly level: number;
  /** Whether the next lower resolution is blended in, by `fade`. */
  readonly fading: boolean;
  /** Whether the flags in `mirror` are honoured. */
  readonly mirrorAugment: boolean;
}

/** What D is shown, one row a sample. */
export type DiscriminatorSampleInputs = {
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
};

/** What G is given, one row a sample. */
export type GeneratorSampleInputs = {
  /** [N, latentSize], normal. */
  readonly latents: tf.Tensor2D;
  /** [N, labelSize]; only when the network knows labels. */
  readonly labels?: tf.Tensor2D;
  /** Normal numbers for the inputs of D's convolutions; only when LSGAN's noise is on. */
  readonly noise?: tf.Tensor2D;
};

/** What both losses depend on beside samples. */
export type LossInputs = {
  /** At least the active variables of both networks. */
  readonly G: Weights;
  readonly D: Weights;
  /** Running average of the fakes' scores, which decides how strong the noise is. */
  readonly fakeScore: tf.Scalar;
  /** Share of the lower resolution; ignored unless fading. */
  readonly fade: tf.Scalar;
};

/** Means over the samples. */
export type StepGradients = {
  /** [K]: the loss, then what else is reported; statistics.ts names them. */
  readonly values: tf.Tensor1D;
  /** Of the loss, by name of the active variable. */
  readonly gradients: Weights;
};

/** Of D's loss, on fakes that G makes here. */
export function discriminatorGradients(
  inputs: LossInputs & DiscriminatorSampleInputs,
  statics: LossStatics,
): StepGradients {
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
  return valuesAndGradients(pick(inputs.D, active), discriminatorValueCount(statics), (D) =>
    discriminatorValues(discriminatorLoss(D, network, samples, point, statics), statics),
  );
}

/** Of G's loss. */
export function generatorGradients(
  inputs: LossInputs & GeneratorSampleInputs,
  statics: LossStatics,
): StepGradients {
  const { network } = statics;
  const point = lodPoint(inputs.fade, statics);
  const { latents, labels = null } = inputs;
  const strength = noiseStrength(inputs.fakeScore, statics.lsgan);
  const noise = inputs.noise === undefined ? null : { normals: inputs.noise, strength };
  const samples = { latents, labels, noise };

  const active = activeNames(generatorVariables(network), network, statics.level, statics.fading);
  return valuesAndGradients(pick(inputs.G, active), generatorValueCount, (G) => [
    generatorLoss(G, inputs.D, network, samples, point, statics).loss,
  ]);
}

/** Values of a D step; the gradient norm and the share of skipped updates come on top. */
export function discriminatorValueCount(statics: LossStatics): number {
  return discriminatorStatistics(statics).length - 2;
}

/** The loss alone. */
export const generatorValueCount = 1;

/** Adds a micro-batch that is `share` of the minibatch to the sum of those before it. */
export function addShare(sum: StepGradients, part: StepGradients, share: number): StepGradients {
  return {
    values: tf.add(sum.values, tf.mul(part.values, share)),
    gradients: Object.fromEntries(
      Object.entries(sum.gradients).map(([name, gradient]) => [
        name,
        tf.add(gradient, tf.mul(part.gradients[name] as tf.Tensor, share)),
      ]),
    ),
  };
}

/** Where the networks work; the share of the lower resolution counts only in a fade. */
export function lodPoint(fade: tf.Scalar, { level, fading }: LossStatics): LodPoint {
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
): StepGradients {
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
