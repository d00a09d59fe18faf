/**
 * Adam in the official form (facts section 3): the bias correction sits in the step size and
 * epsilon is added to the uncorrected root, so it weighs sqrt(1 / (1 - beta2^t)) times as much as
 * in the form other libraries use. State is keyed by variable name, because the set of active
 * variables grows. All of it is tensor arithmetic, so that it can be part of a recorded step.
 */
import { tf } from '@pggan/engine';
import type { AdamOptions } from './options.js';
import { disposeWeights, variable, type Weights } from './variables.js';

/** Step count and moments. A variable without moments has zeros. */
export interface AdamState {
  t: tf.Scalar;
  readonly m: Weights;
  readonly v: Weights;
}

/** What an update yields: new tensors for the given variables. */
export type AdamUpdate = {
  readonly weights: Weights;
  readonly t: tf.Scalar;
  readonly m: Weights;
  readonly v: Weights;
  /** 1, or 0 when the update was skipped. */
  readonly applied: tf.Scalar;
};

/**
 * One update: m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; w -= lr sqrt(1-b2^t)/(1-b1^t) m/(sqrt(v)+e).
 * A gradient that is absent counts as zero. When any element of any gradient is not finite, nothing
 * changes at all, the step count included.
 */
export function adamUpdate(
  weights: Weights,
  gradients: Weights,
  state: { readonly t: tf.Scalar; readonly m: Weights; readonly v: Weights },
  learningRate: tf.Scalar,
  { beta1, beta2, epsilon }: AdamOptions,
): AdamUpdate {
  const good = allFinite(Object.values(gradients));
  const applied = tf.cast(good, 'float32');
  const t = tf.add<tf.Scalar>(state.t, applied);
  // A skipped update keeps its moments (factor 1, no share of the gradient) and moves by zero.
  const kept = tf.sub(1, applied);
  const keep1 = tf.add(tf.mul(applied, beta1), kept);
  const keep2 = tf.add(tf.mul(applied, beta2), kept);
  const take1 = tf.mul(applied, 1 - beta1);
  const take2 = tf.mul(applied, 1 - beta2);
  // t is 0 while every update so far was skipped; a count of 1 avoids 0/0 and moves nothing.
  const count = tf.maximum(t, 1);
  const correction = tf.div(
    tf.sqrt(tf.sub(1, tf.pow(tf.scalar(beta2), count))),
    tf.sub(1, tf.pow(tf.scalar(beta1), count)),
  );
  const rate = tf.mul(tf.mul(learningRate, applied), correction);

  const update = { weights: {} as Weights, m: {} as Weights, v: {} as Weights };
  for (const [name, weight] of Object.entries(weights)) {
    const raw = gradients[name] ?? tf.zerosLike(weight);
    const gradient = tf.where(good, raw, tf.zerosLike(raw));
    const m = tf.add(tf.mul(variable(state.m, name), keep1), tf.mul(gradient, take1));
    const v = tf.add(tf.mul(variable(state.v, name), keep2), tf.mul(tf.square(gradient), take2));
    const move = tf.mul(rate, tf.div(m, tf.add(tf.sqrt(v), epsilon)));
    update.weights[name] = tf.sub(weight, move);
    update.m[name] = m;
    update.v[name] = v;
  }
  return { ...update, t, applied };
}

function allFinite(tensors: readonly tf.Tensor[]): tf.Scalar {
  return tf.all(tf.stack(tensors.map((tensor) => tf.all(tf.isFinite(tensor)))));
}

/** Adam before its first step. */
export function freshAdam(): AdamState {
  return { t: tf.scalar(0), m: {}, v: {} };
}

/** Forgets everything: step count and moments, as at both ends of every fade. */
export function resetAdam(state: AdamState): void {
  disposeAdam(state);
  for (const moments of [state.m, state.v]) {
    for (const name of Object.keys(moments)) delete moments[name];
  }
  state.t = tf.scalar(0);
}

/** Gives zero moments to those of the named variables that have none yet. */
export function ensureMoments(state: AdamState, weights: Weights, names: readonly string[]): void {
  for (const name of names) {
    for (const moments of [state.m, state.v]) {
      moments[name] ??= tf.zeros(variable(weights, name).shape);
    }
  }
}

export function disposeAdam(state: AdamState): void {
  state.t.dispose();
  disposeWeights(state.m);
  disposeWeights(state.v);
}
