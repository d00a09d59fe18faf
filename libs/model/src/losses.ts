/** WGAN-GP with drift (facts section 3): everything per sample, then the mean over the minibatch. */
import { lerp, tf } from '@pggan/engine';
import type { NetworkConfig } from './config.js';
import type { LodPoint } from './lod.js';
import { discriminator, generator } from './networks.js';
import type { WganOptions } from './options.js';
import type { Weights } from './variables.js';

/** D's loss and what it is made of, per sample [N]. */
export interface DiscriminatorLoss {
  readonly loss: tf.Scalar;
  readonly realScores: tf.Tensor1D;
  readonly fakeScores: tf.Tensor1D;
  readonly mixedScores: tf.Tensor1D;
  /** Norms of the score's gradient with respect to the mixed image at its full size. */
  readonly mixedNorms: tf.Tensor1D;
  /** (lambda / target^2) * (norm - target)^2. */
  readonly gradientPenalty: tf.Tensor1D;
  /** real^2, before its weight. */
  readonly epsilonPenalty: tf.Tensor1D;
}

/**
 * score(fake) - score(real) + (lambda/target^2) (|grad| - target)^2 + epsilon score(real)^2.
 * @param D weights of D; the loss can be differentiated with respect to them
 * @param fakes [N, S, S, C] images of G, taken as constants
 * @param reals [N, S, S, C]
 * @param mix [N, 1, 1, 1] in [0, 1): share of the fake in the mixed image
 */
export function discriminatorLoss(
  D: Weights,
  config: NetworkConfig,
  fakes: tf.Tensor4D,
  reals: tf.Tensor4D,
  mix: tf.Tensor4D,
  point: LodPoint,
  wgan: WganOptions,
): DiscriminatorLoss {
  const score = (images: tf.Tensor4D) => discriminator(D, config, images, point);
  const realScores = tf.reshape<tf.Rank.R1>(score(reals), [-1]);
  const fakeScores = tf.reshape<tf.Rank.R1>(score(fakes), [-1]);

  const mixed = lerp(reals, fakes, mix);
  const { value, grad } = tf.valueAndGrad((images: tf.Tensor) => score(images as tf.Tensor4D))(
    mixed,
    tf.ones([mixed.shape[0], 1]),
  );
  const mixedScores = tf.reshape<tf.Rank.R1>(value, [-1]);
  // The official gradient is taken at full size, where each active pixel is 2^level x 2^level equal
  // ones that share it: the norm there is smaller by 2^level.
  const squares: tf.Tensor1D = tf.sum(tf.square(grad), [1, 2, 3]);
  const mixedNorms = tf.mul<tf.Tensor1D>(tf.sqrt(squares), 2 ** -point.level);

  const { lambda, epsilon, target } = wgan;
  const gradientPenalty = tf.mul<tf.Tensor1D>(tf.square(tf.sub(mixedNorms, target)), lambda / target ** 2);
  const epsilonPenalty = tf.square(realScores);
  const perSample = tf.addN([
    tf.sub(fakeScores, realScores),
    gradientPenalty,
    tf.mul(epsilonPenalty, epsilon),
  ]);
  const loss: tf.Scalar = tf.mean(perSample);
  return {
    loss,
    realScores,
    fakeScores,
    mixedScores,
    mixedNorms,
    gradientPenalty,
    epsilonPenalty,
  };
}

/** G's loss, the mean of -score(G(z)), and the scores [N]; differentiable with respect to G. */
export function generatorLoss(
  G: Weights,
  D: Weights,
  config: NetworkConfig,
  latents: tf.Tensor2D,
  point: LodPoint,
): { readonly loss: tf.Scalar; readonly fakeScores: tf.Tensor1D } {
  const scores = discriminator(D, config, generator(G, config, latents, point), point);
  const fakeScores = tf.reshape<tf.Rank.R1>(scores, [-1]);
  return { loss: tf.neg(tf.mean<tf.Scalar>(fakeScores)), fakeScores };
}
