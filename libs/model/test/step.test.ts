import { compile, tf } from '@pggan/engine';
import { RandomState } from '@pggan/random';
import { expect, it } from 'vitest';
import { adamUpdate, freshAdam, ensureMoments } from '../src/adam.js';
import {
  discriminatorVariables,
  generatorVariables,
  networkConfigSchema,
  type Weights,
} from '../src/index.js';
import { initialWeights } from '../src/init.js';
import { adamSchema, conditionSchema, lsganSchema, wganSchema } from '../src/options.js';
import {
  accumulate,
  averages,
  discriminatorStatistics,
  emptyStatistics,
  generatorStatistics,
} from '../src/statistics.js';
import {
  discriminatorStep,
  generatorStep,
  type DiscriminatorStepInputs,
  type GeneratorStepInputs,
  type StepStatics,
} from '../src/step.js';
import { activeNames, pick } from '../src/variables.js';
import { onBackends } from './backends.js';
import { maxDifference } from './golden.js';

const network = networkConfigSchema.parse({ resolution: 8, fmapBase: 64, fmapMax: 4 });
const statics: StepStatics = {
  network,
  loss: 'wgan-gp',
  wgan: wganSchema.parse({}),
  lsgan: lsganSchema.parse({}),
  condition: conditionSchema.parse({}),
  adam: adamSchema.parse({}),
  GSmoothing: 0.999,
  level: 0,
  fading: true,
  mirrorAugment: true,
};

/** Inputs of both steps in the middle of a fade, with all the variables there are. */
function stepInputs(seed = 1) {
  const random = new RandomState(seed);
  const normal = (...shape: number[]) => tf.tensor(random.normals(shape.reduce((a, b) => a * b)), shape);
  const G = initialWeights(generatorVariables(network), random);
  const D = initialWeights(discriminatorVariables(network), random);
  const adamOf = (weights: Weights) => {
    const state = freshAdam();
    ensureMoments(state, weights, Object.keys(weights));
    return { t: state.t, m: state.m, v: state.v };
  };
  const reals = Float32Array.from({ length: 4 * 3 * 64 }, () => random.randint(256));
  const shared = { fade: tf.scalar(0.3), learningRate: tf.scalar(0.001), fakeScore: tf.scalar(0.25) };
  const d: DiscriminatorStepInputs = {
    ...shared,
    D,
    adam: adamOf(D),
    G,
    Gs: initialWeights(generatorVariables(network), random),
    reals: tf.tensor4d(reals, [4, 3, 8, 8]),
    latents: normal(4, 4) as tf.Tensor2D,
    mix: tf.tensor4d([0.1, 0.9, 0.4, 0.6], [4, 1, 1, 1]),
    mirror: tf.tensor4d([0, 1, 1, 0], [4, 1, 1, 1]),
    statistics: emptyStatistics(discriminatorStatistics(statics)),
  };
  const g: GeneratorStepInputs = {
    ...shared,
    G,
    adam: adamOf(G),
    D,
    latents: normal(4, 4) as tf.Tensor2D,
    statistics: emptyStatistics(generatorStatistics),
  };
  return { d, g };
}

function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

type Tree = { readonly [name: string]: Tree } | tf.Tensor;
function flatten(tree: Tree, prefix = ''): [string, tf.Tensor][] {
  if (tree instanceof tf.Tensor) return [[prefix, tree]];
  return Object.entries(tree).flatMap(([name, value]) => flatten(value, `${prefix}/${name}`));
}

onBackends(['tensorflow', 'wasm', 'cpu'], () => {
  it('compiled and eager steps agree, the second and third time as well', () => {
    const compiledD = compile(discriminatorStep);
    const compiledG = compile(generatorStep);
    for (const seed of [1, 2, 3]) {
      const { d, g } = stepInputs(seed);
      for (const [compiled, eager] of [
        [compiledD(d, statics), tf.tidy(() => discriminatorStep(d, statics))],
        [compiledG(g, statics), tf.tidy(() => generatorStep(g, statics))],
      ] as const) {
        const expected = new Map(flatten(eager));
        for (const [name, tensor] of flatten(compiled)) {
          // A first Adam step moves by the rate times the sign, whatever the size of the gradient.
          const tolerance = /^\/(D|G)\//.test(name) ? 2e-3 : 1e-4;
          const wanted = expected.get(name)!.dataSync();
          const scale = Math.max(1, ...wanted.map(Math.abs));
          expect(maxDifference(tensor.dataSync(), wanted) / scale, name).toBeLessThan(tolerance);
          const before = /^\/(D|G)\/(.*)/.exec(name);
          if (!before) continue;
          // On the whole both have gone the same way: a step that leaves weights alone is far off.
          const start = (before[1] === 'D' ? d.D : g.G)[before[2]!]!.dataSync();
          const moved = meanDifference(wanted, start);
          if (moved > 0) expect(meanDifference(tensor.dataSync(), wanted), name).toBeLessThan(0.1 * moved);
        }
        tf.dispose([compiled, eager]);
      }
      tf.dispose([d, g]);
    }
    compiledD.dispose();
    compiledG.dispose();
  });

  it('moves Gs by the old G, and only what is passed', () => {
    const { d, g } = stepInputs();
    const out = tf.tidy(() => discriminatorStep(d, statics));
    for (const [name, tensor] of Object.entries(out.Gs)) {
      const [now, old] = [d.G[name]!.dataSync(), d.Gs[name]!.dataSync()];
      const wanted = now.map((value, i) => value + (old[i]! - value) * 0.999);
      expect(maxDifference(tensor.dataSync(), wanted)).toBeLessThan(1e-6);
    }
    expect(Object.keys(out.Gs)).toEqual(Object.keys(d.Gs));
    tf.dispose([out, d, g]);
  });

  it('outside a fade, variables that are touched but inactive stay put', () => {
    const { d, g } = stepInputs();
    const steady = { ...statics, fading: false };
    const out = tf.tidy(() => generatorStep(g, steady));
    const active = activeNames(generatorVariables(network), network, 0, false);
    for (const [name, tensor] of Object.entries(out.G)) {
      const same = maxDifference(tensor.dataSync(), g.G[name]!.dataSync()) === 0;
      expect(same, name).toBe(!active.includes(name));
    }
    tf.dispose([out, d, g]);
  });

  it.each([NaN, Infinity])('a %d in the reals skips the whole update', (poison) => {
    const { d, g } = stepInputs();
    const values = d.reals.dataSync().slice();
    values[5] = poison;
    const reals = tf.tensor4d(values, [4, 3, 8, 8]);
    const out = tf.tidy(() => discriminatorStep({ ...d, reals }, statics));
    for (const [name, tensor] of Object.entries(out.D)) {
      expect(tensor.dataSync(), name).toEqual(d.D[name]!.dataSync());
      expect(out.adam.v[name]!.dataSync().every((v) => v === 0)).toBe(true);
    }
    expect(out.adam.t.dataSync()[0]).toBe(0);
    const report = averages(discriminatorStatistics(statics), out.statistics);
    expect(report['TrainD/overflow_frequency']).toBe(1);
    expect(report['Loss/real_scores']).toBeNull();
    expect(report['Loss/fake_scores']).not.toBeNull();
    tf.dispose([out, d, g, reals]);
  });

  it('Adam: epsilon outside the bias correction, absent gradients zero, t counts good steps', () => {
    tf.tidy(() => {
      const weights = { a: tf.tensor1d([1, 2]), b: tf.tensor1d([3]) };
      const zeros = () => ({ a: tf.zeros([2]), b: tf.tensor1d([0]) });
      const options = adamSchema.parse({ beta1: 0.9, epsilon: 0.1 });
      const rate = tf.scalar(0.01);
      let state = { weights, t: tf.scalar(0), m: zeros(), v: zeros() } as {
        weights: Weights;
        t: tf.Scalar;
        m: Weights;
        v: Weights;
      };
      let [w, m, v] = [2, 0, 0];
      for (const [t, gradient] of [
        [1, 0.5],
        [2, -0.25],
        [3, 2],
      ] as const) {
        const bad = adamUpdate(state.weights, { a: tf.tensor1d([1, NaN]) }, state, rate, options);
        expect(bad.weights['a']!.dataSync()).toEqual(state.weights['a']!.dataSync());
        const gradients = { a: tf.tensor1d([0, gradient]) };
        const next = adamUpdate(state.weights, gradients, bad, rate, options);
        m = 0.9 * m + 0.1 * gradient;
        v = 0.99 * v + 0.01 * gradient ** 2;
        const step = (0.01 * Math.sqrt(1 - 0.99 ** t)) / (1 - 0.9 ** t);
        w -= (step * m) / (Math.sqrt(v) + 0.1);
        expect(next.t.dataSync()[0]).toBe(t);
        expect(next.weights['a']!.dataSync()[0]).toBe(1);
        expect(next.weights['a']!.dataSync()[1]).toBeCloseTo(w, 6);
        expect(next.weights['b']!.dataSync()[0]).toBe(3);
        state = next;
      }
    });
  });

  it('averages leave non-finite values out', () => {
    tf.tidy(() => {
      let statistics = emptyStatistics(['a', 'b']);
      for (const values of [
        [1, NaN],
        [2, Infinity],
        [6, NaN],
      ]) {
        statistics = accumulate(statistics, tf.tensor1d(values));
      }
      expect(averages(['a', 'b'], statistics)).toEqual({ a: 3, b: null });
    });
  });

  it('names an absent variable', () => {
    expect(() => pick({ a: tf.scalar(1) }, ['b'])).toThrow(/no variable "b".*1 variables: a/);
  });
});
