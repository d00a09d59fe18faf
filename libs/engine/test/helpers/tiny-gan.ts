/**
 * A WGAN-GP step small enough to differentiate and compare in a test, with everything the real one
 * has: fused resampling, pixel norm, minibatch stddev, a second-order penalty, Adam, a moving average.
 */
import * as ops from '../../src/index.js';
import { tf } from '../../src/index.js';
import { numbers } from './probe.js';

const MAPS = 6;
const LATENT = 5;

type Weights = Record<string, tf.Tensor>;

export interface TinyState extends Record<string, ops.TensorTree> {
  g: Weights;
  d: Weights;
  gs: Weights;
  mg: Weights;
  vg: Weights;
  md: Weights;
  vd: Weights;
}

export interface TinyInputs extends Record<string, ops.TensorTree> {
  state: TinyState;
  reals: tf.Tensor; //  [N,8,8,3]
  latents: tf.Tensor; // [N,5]
  mix: tf.Tensor; //     [N,1,1,1]
  rate: tf.Tensor; //    scalar
}

function random(shape: number[], seed: number): tf.Tensor {
  const next = numbers(seed);
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 1.5 * next()),
    shape,
  );
}

export function tinyInputs(samples: number, seed = 1): TinyInputs {
  const shapes = {
    g: {
      dense: [LATENT, 16 * MAPS],
      dense_b: [MAPS],
      up: [3, 3, MAPS, MAPS],
      up_b: [MAPS],
      rgb: [1, 1, MAPS, 3],
      rgb_b: [3],
    },
    d: {
      rgb: [1, 1, 3, MAPS],
      rgb_b: [MAPS],
      down: [3, 3, MAPS, MAPS],
      down_b: [MAPS],
      conv: [3, 3, MAPS + 1, MAPS],
      conv_b: [MAPS],
      dense: [16 * MAPS, 1],
      dense_b: [1],
    },
  };
  const fill = (net: 'g' | 'd', make: (shape: number[], i: number) => tf.Tensor): Weights =>
    Object.fromEntries(Object.entries(shapes[net]).map(([name, shape], i) => [name, make(shape, i)]));
  const zeros = (shape: number[]): tf.Tensor => tf.zeros(shape);
  const drawn = (shape: number[], i: number): tf.Tensor => random(shape, seed * 50 + i);
  return {
    state: {
      g: fill('g', drawn),
      gs: fill('g', drawn),
      d: fill('d', (shape, i) => drawn(shape, i + 20)),
      mg: fill('g', zeros),
      vg: fill('g', zeros),
      md: fill('d', zeros),
      vd: fill('d', zeros),
    },
    reals: random([samples, 8, 8, 3], seed * 50 + 40),
    latents: random([samples, LATENT], seed * 50 + 41),
    mix: tf.tidy(() => tf.abs(tf.div(random([samples, 1, 1, 1], seed * 50 + 42), 1.5))),
    rate: tf.scalar(0.01),
  };
}

function generate(w: Weights, latents: tf.Tensor): tf.Tensor4D {
  const scaled = (name: string, fanIn: number) => ops.scaleWeight(w[name]!, Math.SQRT2, fanIn, true);
  const flat = ops.dense(ops.pixelNorm(latents as tf.Tensor2D), scaled('dense', LATENT) as tf.Tensor2D);
  const first = tf.transpose(tf.reshape<tf.Rank.R4>(flat, [-1, MAPS, 4, 4]), [0, 2, 3, 1]);
  const x = ops.pixelNorm(ops.biasLeakyRelu(first, w['dense_b'] as tf.Tensor1D));
  const up = ops.upscaleConv2d(x, scaled('up', 9 * MAPS) as tf.Tensor4D);
  const y = ops.pixelNorm(ops.biasLeakyRelu(up, w['up_b'] as tf.Tensor1D));
  return ops.biasAct(ops.conv2d(y, scaled('rgb', MAPS) as tf.Tensor4D), w['rgb_b'] as tf.Tensor1D, 'linear');
}

function criticise(w: Weights, images: tf.Tensor4D, groupSize: number): tf.Tensor2D {
  const scaled = (name: string, fanIn: number) =>
    ops.scaleWeight(w[name]!, Math.SQRT2, fanIn, true) as tf.Tensor4D;
  const bias = (name: string) => w[`${name}_b`] as tf.Tensor1D;
  const x = ops.biasLeakyRelu(ops.conv2d(images, scaled('rgb', 3)), bias('rgb'));
  const down = ops.biasLeakyRelu(ops.convDownscale2d(x, scaled('down', 9 * MAPS)), bias('down'));
  const grouped = ops.minibatchStddev(down, groupSize);
  const y = ops.biasLeakyRelu(ops.conv2d(grouped, scaled('conv', 9 * (MAPS + 1))), bias('conv'));
  const flat = tf.reshape<tf.Rank.R2>(y, [-1, 16 * MAPS]);
  return ops.biasAct(
    ops.dense(flat, scaled('dense', 16 * MAPS) as unknown as tf.Tensor2D),
    bias('dense'),
    'linear',
  );
}

/** Gradients of a loss by weight name. */
function gradients(loss: (w: Weights) => tf.Scalar, w: Weights): { loss: tf.Scalar; by: Weights } {
  const names = Object.keys(w);
  const { value, grads } = tf.valueAndGrads((...list: tf.Tensor[]) =>
    loss(Object.fromEntries(names.map((name, i) => [name, list[i]!]))),
  )(names.map((name) => w[name]!));
  return { loss: value as tf.Scalar, by: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}

function adam(w: Weights, m: Weights, v: Weights, grads: Weights, rate: tf.Tensor) {
  const next = { w: {} as Weights, m: {} as Weights, v: {} as Weights };
  for (const name of Object.keys(w)) {
    next.m[name] = tf.add(tf.mul(m[name]!, 0), grads[name]!);
    next.v[name] = tf.add(tf.mul(v[name]!, 0.99), tf.mul(tf.square(grads[name]!), 0.01));
    const step = tf.div(next.m[name]!, tf.add(tf.sqrt(next.v[name]!), 1e-8));
    next.w[name] = tf.sub(w[name]!, tf.mul(tf.mul(step, 0.1), rate));
  }
  return next;
}

export interface TinyOutputs extends Record<string, ops.TensorTree> {
  state: TinyState;
  dLoss: tf.Tensor;
  gLoss: tf.Tensor;
}

export function tinyStep(inputs: TinyInputs, { groupSize }: { groupSize: number }): TinyOutputs {
  const { state, latents, mix, rate } = inputs;
  const reals = inputs.reals as tf.Tensor4D;
  const d = gradients((w) => {
    const fakes = generate(state.g, latents);
    const real = criticise(w, reals, groupSize);
    const fake = criticise(w, fakes, groupSize);
    const between = ops.lerp(reals, fakes, mix);
    const slopes = tf.grad((x: tf.Tensor) => tf.sum(criticise(w, x as tf.Tensor4D, groupSize)))(between);
    const norms = tf.sqrt(tf.sum(tf.square(slopes), [1, 2, 3]));
    const penalty = tf.mean(tf.square(tf.sub(norms, 1)));
    const drift = tf.mean(tf.square(real));
    return tf.addN([tf.mean(tf.sub(fake, real)), tf.mul(penalty, 10), tf.mul(drift, 0.001)]) as tf.Scalar;
  }, state.d);
  const stepped = adam(state.d, state.md, state.vd, d.by, rate);
  const g = gradients(
    (w) => tf.neg(tf.mean<tf.Scalar>(criticise(stepped.w, generate(w, latents), groupSize))),
    state.g,
  );
  const moved = adam(state.g, state.mg, state.vg, g.by, rate);
  const gs = Object.fromEntries(
    Object.keys(state.gs).map((name) => [name, ops.lerp(moved.w[name]!, state.gs[name]!, 0.999)]),
  );
  return {
    state: { g: moved.w, d: stepped.w, gs, mg: moved.m, vg: moved.v, md: stepped.m, vd: stepped.v },
    dLoss: d.loss,
    gLoss: g.loss,
  };
}
