/**
 * WGAN-GP with drift or LSGAN, and the label's cross-entropy of AC-GAN on top (facts 3 and 6):
 * everything per sample, then the mean over the minibatch.
 */
import { lerp, tf } from '@pggan/engine';
import type { NetworkConfig } from './config.js';
import { crossEntropy } from './cross-entropy.js';
import type { DiscriminatorNoise } from './layers/noise.js';
import type { LodPoint } from './lod.js';
import { discriminator, generator } from './networks.js';
import type { LossOptions } from './options.js';
import type { Weights } from './variables.js';

/** What D looks at in one step; images are [N, H, W, C]. */
export interface DiscriminatorSamples {
  /** Images of G, taken as constants. */
  readonly fakes: tf.Tensor4D;
  readonly reals: tf.Tensor4D;
  /** [N, 1, 1, 1] in [0, 1): share of the fake in the mixed image. */
  readonly mix: tf.Tensor4D;
  /** [N, labelSize]: labels of the reals, which the fakes were made for as well; null = unconditional. */
  readonly labels: tf.Tensor2D | null;
  /** LSGAN only; null = none. */
  readonly noise: { readonly reals: DiscriminatorNoise; readonly fakes: DiscriminatorNoise } | null;
}

/** D's loss and what it is made of, per sample [N]; what the kind of loss does not have is absent. */
export interface DiscriminatorLoss {
  readonly loss: tf.Scalar;
  readonly realScores: tf.Tensor1D;
  readonly fakeScores: tf.Tensor1D;
  readonly mixedScores?: tf.Tensor1D;
  /** Norms of the score's gradient with respect to the mixed image at its full size. */
  readonly mixedNorms?: tf.Tensor1D;
  /** (lambda / target^2) * (norm - target)^2. */
  readonly gradientPenalty?: tf.Tensor1D;
  /** real^2, before its weight. */
  readonly epsilonPenalty?: tf.Tensor1D;
  /** Cross-entropy of the label, before its weight. */
  readonly labelPenaltyReals?: tf.Tensor1D;
  readonly labelPenaltyFakes?: tf.Tensor1D;
}

/**
 * WGAN-GP: score(fake) - score(real) + (lambda/target^2) (|grad| - target)^2 + epsilon score(real)^2.
 * LSGAN: score(real)^2 + fakeWeight (score(fake) - 1)^2. Both + DWeight (xent(real) + xent(fake)).
 * @param D weights of D; the loss can be differentiated with respect to them
 */
export function discriminatorLoss(
  D: Weights,
  config: NetworkConfig,
  { fakes, reals, mix, labels, noise }: DiscriminatorSamples,
  point: LodPoint,
  options: LossOptions,
): DiscriminatorLoss {
  const real = judge(discriminator(D, config, reals, point, noise?.reals ?? null), labels);
  const fake = judge(discriminator(D, config, fakes, point, noise?.fakes ?? null), labels);
  const scores = { realScores: real.scores, fakeScores: fake.scores };

  const adversarial =
    options.loss === 'lsgan'
      ? leastSquares(real.scores, fake.scores, options)
      : wasserstein(D, config, lerp(reals, fakes, mix), scores, point, options);
  const { perSample, ...parts } = adversarial;
  if (real.labelPenalty === null || fake.labelPenalty === null) {
    return { loss: tf.mean(perSample), ...scores, ...parts };
  }
  const condition = tf.mul(tf.add(real.labelPenalty, fake.labelPenalty), options.condition.DWeight);
  return {
    loss: tf.mean(tf.add(perSample, condition)),
    ...scores,
    ...parts,
    labelPenaltyReals: real.labelPenalty,
    labelPenaltyFakes: fake.labelPenalty,
  };
}

function leastSquares(realScores: tf.Tensor1D, fakeScores: tf.Tensor1D, { lsgan }: LossOptions) {
  const fakePart = tf.mul(tf.square(tf.sub(fakeScores, 1)), lsgan.fakeWeight);
  return { perSample: tf.add<tf.Tensor1D>(tf.square(realScores), fakePart) };
}

function wasserstein(
  D: Weights,
  config: NetworkConfig,
  mixed: tf.Tensor4D,
  { realScores, fakeScores }: Pick<DiscriminatorLoss, 'realScores' | 'fakeScores'>,
  point: LodPoint,
  { wgan: { lambda, epsilon, target } }: LossOptions,
) {
  const score = (images: tf.Tensor) =>
    judge(discriminator(D, config, images as tf.Tensor4D, point), null).scores;
  const { value, grad } = tf.valueAndGrad(score)(mixed, tf.ones([mixed.shape[0]]));
  // The official gradient is taken at full size, where each active pixel is 2^level x 2^level equal
  // ones that share it: the norm there is smaller by 2^level.
  const squares: tf.Tensor1D = tf.sum(tf.square(grad), [1, 2, 3]);
  const mixedNorms = tf.mul<tf.Tensor1D>(tf.sqrt(squares), 2 ** -point.level);

  const gradientPenalty = tf.mul<tf.Tensor1D>(tf.square(tf.sub(mixedNorms, target)), lambda / target ** 2);
  const epsilonPenalty = tf.square(realScores);
  const perSample = tf.addN([
    tf.sub(fakeScores, realScores),
    gradientPenalty,
    tf.mul(epsilonPenalty, epsilon),
  ]);
  return { perSample, mixedScores: value as tf.Tensor1D, mixedNorms, gradientPenalty, epsilonPenalty };
}

/** What G is given in one step. */
export interface GeneratorSamples {
  /** [N, latentSize]. */
  readonly latents: tf.Tensor2D;
  /** [N, labelSize]; null = unconditional. */
  readonly labels: tf.Tensor2D | null;
  /** LSGAN only; null = none. */
  readonly noise: DiscriminatorNoise | null;
}

/** G's loss and what it is made of, per sample [N]. */
export interface GeneratorLoss {
  readonly loss: tf.Scalar;
  readonly fakeScores: tf.Tensor1D;
  /** Cross-entropy of the label, before its weight. */
  readonly labelPenaltyFakes?: tf.Tensor1D;
}

/**
 * WGAN-GP: -score(G(z)). LSGAN: score(G(z))^2. Both + GWeight xent. Differentiable with respect to G.
 */
export function generatorLoss(
  G: Weights,
  D: Weights,
  config: NetworkConfig,
  { latents, labels, noise }: GeneratorSamples,
  point: LodPoint,
  options: LossOptions,
): GeneratorLoss {
  const fakes = generator(G, config, latents, point, labels);
  const fake = judge(discriminator(D, config, fakes, point, noise), labels);
  const { scores: fakeScores, labelPenalty } = fake;
  const perSample = options.loss === 'lsgan' ? tf.square(fakeScores) : tf.neg(fakeScores);
  if (labelPenalty === null) return { loss: tf.mean(perSample), fakeScores };
  const condition = tf.mul(labelPenalty, options.condition.GWeight);
  return { loss: tf.mean(tf.add(perSample, condition)), fakeScores, labelPenaltyFakes: labelPenalty };
}

/** Splits D's output [N, 1 + labelSize] into scores [N] and how badly it guessed the labels [N]. */
function judge(output: tf.Tensor2D, labels: tf.Tensor2D | null) {
  const [samples, columns] = output.shape;
  const score = columns === 1 ? output : tf.slice(output, [0, 0], [samples, 1]);
  const logits = labels === null ? null : tf.slice(output, [0, 1], [samples, columns - 1]);
  return {
    scores: tf.reshape<tf.Rank.R1>(score, [samples]),
    labelPenalty: labels === null || logits === null ? null : crossEntropy(labels, logits),
  };
}
