/** ../shared/golden/net: main and cond. Tolerances are those of the golden README (float32). */
import { compile, tf } from '@pggan/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adamUpdate } from '../src/adam.js';
import { discriminate, generate, type Weights } from '../src/index.js';
import { splitLod, type LodPoint } from '../src/lod.js';
import { discriminatorLoss, generatorLoss } from '../src/losses.js';
import { generator } from '../src/networks.js';
import { adamSchema, conditionSchema, lsganSchema, wganSchema } from '../src/options.js';
import { averages, discriminatorStatistics, emptyStatistics } from '../src/statistics.js';
import { discriminatorStep } from '../src/step.js';
import {
  activeNames,
  discriminatorVariables,
  disposeWeights,
  generatorVariables,
  pick,
} from '../src/variables.js';
import { onBackends } from './backends.js';
import {
  collections,
  expectStats,
  maxDifference,
  rawTensors,
  statsOf,
  tensors,
  toNhwc,
  type LodGolden,
} from './golden.js';

const adam = adamSchema.parse({});
const losses = {
  loss: 'wgan-gp' as const,
  wgan: wganSchema.parse({}),
  lsgan: lsganSchema.parse({}),
  condition: conditionSchema.parse({}),
};
const networks = Object.entries(collections);

/** Loss and gradients by name with respect to the active variables; the rest have none. */
function gradients(weights: Weights, loss: (weights: Weights) => tf.Scalar) {
  const names = Object.keys(weights);
  const byName = (list: readonly tf.Tensor[]) =>
    Object.fromEntries(names.map((name, i) => [name, list[i] as tf.Tensor]));
  const { value, grads } = tf.valueAndGrads((...list: tf.Tensor[]) => loss(byName(list)))(
    Object.values(weights),
  );
  return { loss: value.dataSync()[0] as number, gradients: byName(grads) };
}

onBackends(['tensorflow', 'wasm', 'cpu'], (backend) =>
  describe.each(networks)('%s', (_, collection) => {
    const { config, lods, prefix } = collection;
    const expected = rawTensors(`${prefix}outputs`);
    const conditional = config.labelSize > 0;
    let G: Weights, D: Weights, inputs: Weights;
    let latents: tf.Tensor2D, labels: tf.Tensor2D | null, reals: tf.Tensor4D, mix: tf.Tensor4D;
    // The second-order pass takes the plain backend half a minute at 8x8 already.
    const withLoss = backend === 'cpu' && !conditional ? [2.75, 3] : lods;
    const withGradients = backend === 'cpu' ? lods.slice(-1) : lods;

    beforeAll(() => {
      G = tensors(`${prefix}g_weights`);
      D = tensors(`${prefix}d_weights`);
      inputs = tensors(`${prefix}inputs`);
      latents = inputs['latents'] as tf.Tensor2D;
      labels = conditional ? (inputs['labels'] as tf.Tensor2D) : null;
      reals = tf.tidy(() => toNhwc(inputs['reals'] as tf.Tensor));
      mix = inputs['mix'] as tf.Tensor4D;
    });
    afterAll(() => {
      [G, D, inputs].forEach(disposeWeights);
      reals.dispose();
    });

    /**
     * At lod 0 two of D's pre-activations on fakes lie within 4e-7 of zero, less than float32 noise,
     * and wasm rounds them to the other side of the kink than the golden numbers: a gradient that
     * passes there differs by far more than rounding. Everything else holds as it stands.
     */
    const kink = (lod: number) => (backend === 'wasm' && lod === 0 && !conditional ? 20 : 1);

    const numbers = (lod: number) => collection.numbers[`lod${lod}`] as LodGolden;
    const point = (lod: number): LodPoint => {
      const { level, fraction } = splitLod(lod);
      return { level, fade: fraction > 0 ? tf.scalar(fraction) : null };
    };
    /** The networks train at the active size, where D begins. */
    const activeReals = (lod: number): tf.Tensor4D => {
      const factor = 2 ** splitLod(lod).level;
      return factor === 1 ? reals : tf.avgPool(reals, factor, factor, 'valid');
    };
    const active = (which: 'G' | 'D', lod: number) => {
      const specs = which === 'G' ? generatorVariables(config) : discriminatorVariables(config);
      const { level, fraction } = splitLod(lod);
      return activeNames(specs, config, level, fraction > 0);
    };
    const dLoss = (weights: Weights, lod: number) =>
      discriminatorLoss(
        weights,
        config,
        {
          fakes: generator(G, config, latents, point(lod), labels),
          reals: activeReals(lod),
          mix,
          labels,
          noise: null,
        },
        point(lod),
        losses,
      );
    const gLoss = (weights: Weights, lod: number) =>
      generatorLoss(weights, D, config, { latents, labels, noise: null }, point(lod), losses);

    it.each(lods)('G at lod %d makes the golden images', (lod) => {
      tf.tidy(() => {
        const wanted = expected[`lod${lod}/images`]!.data;
        if (backend === 'cpu') {
          const label = labels && tf.slice(labels, 0, 1);
          const image = generate(G, config, tf.slice(latents, 0, 1), lod, label);
          const nchw = tf.transpose(image, [0, 3, 1, 2]).dataSync();
          expect(maxDifference(nchw, wanted.subarray(0, nchw.length))).toBeLessThan(3e-5);
          return;
        }
        const nchw = tf.transpose(generate(G, config, latents, lod, labels), [0, 3, 1, 2]);
        expectStats(nchw.dataSync(), numbers(lod).images_all8, { element: 3e-5, sum: 0.05 });
        expect(maxDifference(tf.slice(nchw, 0, 4).dataSync(), wanted)).toBeLessThan(3e-5);
      });
    });

    it.each(lods)('D at lod %d scores reals, also in minibatches that are one small group', (lod) => {
      tf.tidy(() => {
        for (const n of backend === 'cpu' ? [3] : [8, 4, 3]) {
          const judged = discriminate(D, config, tf.slice(reals, 0, n), lod);
          const scores = tf.slice(judged, 0, [n, 1]).dataSync();
          const wanted = expected[`lod${lod}/scores_n${n}`]!.data;
          expect(maxDifference(scores, wanted)).toBeLessThan(3e-6);
          if (!conditional || n !== 8) continue;
          const logits = tf.slice(judged, [0, 1]).dataSync();
          expect(maxDifference(logits, expected[`lod${lod}/labels_n8`]!.data)).toBeLessThan(3e-6);
        }
      });
    });

    it.each(withLoss)('losses at lod %d and what they are made of', (lod) => {
      tf.tidy(() => {
        const parts = dLoss(D, lod);
        const { d_loss, d_parts, g_loss, g_parts } = numbers(lod);
        expect(Math.abs(parts.loss.dataSync()[0]! - d_loss)).toBeLessThan(1e-5);
        for (const [tensor, name, tolerance] of [
          [parts.realScores, 'real_scores', 3e-6],
          [parts.fakeScores, 'fake_scores', 3e-6],
          [parts.mixedScores, 'mixed_scores', 3e-6],
          [parts.mixedNorms, 'mixed_norms', 3e-6],
          [parts.gradientPenalty, 'weighted_gradient_penalty', 3e-5],
          [tf.mul(parts.epsilonPenalty!, 0.001), 'weighted_epsilon_penalty', 1e-8],
          [parts.labelPenaltyReals, 'label_penalty_reals', 3e-6],
          [parts.labelPenaltyFakes, 'label_penalty_fakes', 3e-6],
        ] as const) {
          expect(tensor === undefined, name).toBe(d_parts[name] === undefined);
          if (tensor) expect(maxDifference(tensor.dataSync(), d_parts[name]!)).toBeLessThan(tolerance);
        }
        const { loss, fakeScores, labelPenaltyFakes } = gLoss(G, lod);
        if (labelPenaltyFakes) {
          const wanted = g_parts['label_penalty_fakes']!;
          expect(maxDifference(labelPenaltyFakes.dataSync(), wanted)).toBeLessThan(3e-6);
        }
        expect(Math.abs(loss.dataSync()[0]! - g_loss)).toBeLessThan(1e-5);
        expect(maxDifference(fakeScores.dataSync(), g_parts['fake_scores']!)).toBeLessThan(3e-6);
      });
    });

    it.each(withGradients)('gradients at lod %d', (lod) => {
      tf.tidy(() => {
        const { d_grads, g_grads, ...global } = numbers(lod);
        for (const [which, wanted, globalNorm] of [
          ['D', d_grads, global.d_grad_global_l2],
          ['G', g_grads, global.g_grad_global_l2],
        ] as const) {
          const names = active(which, lod);
          const loss = (w: Weights) => (which === 'D' ? dLoss(w, lod).loss : gLoss(w, lod).loss);
          const { gradients: got } = gradients(pick(which === 'D' ? D : G, names), loss);
          let squares = 0;
          for (const [name, stats] of Object.entries(wanted)) {
            const gradient = got[name];
            if (gradient === undefined) {
              expect(stats.l2, `${name} is inactive`).toBe(0);
              continue;
            }
            expectStats(gradient.dataSync(), stats, {
              element: 1e-4 * kink(lod),
              sum: 1e-2 * kink(lod),
              l2: 1e-4 * kink(lod),
            });
            squares += statsOf(gradient.dataSync()).l2 ** 2;
          }
          expect(Math.abs(Math.sqrt(squares) - globalNorm)).toBeLessThan(1e-4 * kink(lod));
        }
      });
    });

    it.skipIf(backend === 'cpu')('a whole D step, recorded where the backend can', () => {
      const step = compile(discriminatorStep);
      const names = active('D', 0);
      const weights = pick(D, names);
      const statics = {
        ...losses,
        network: config,
        adam,
        GSmoothing: 0.999,
        level: 0,
        fading: false,
        mirrorAugment: false,
      };
      tf.tidy(() => {
        const zeros = () => Object.fromEntries(names.map((n) => [n, tf.zerosLike(D[n]!)]));
        const out = step(
          {
            D: weights,
            adam: { t: tf.scalar(0), m: zeros(), v: zeros() },
            G: pick(G, active('G', 0)),
            Gs: pick(G, active('G', 0)),
            reals: tf.mul(tf.add(inputs['reals'] as tf.Tensor4D, 1), 127.5),
            ...(labels ? { labels } : {}),
            latents,
            mix,
            fakeScore: tf.scalar(0),
            mirror: tf.zeros([8, 1, 1, 1]),
            fade: tf.scalar(0),
            learningRate: tf.scalar(0.001),
            statistics: emptyStatistics(discriminatorStatistics(statics)),
          },
          statics,
        );
        const { d_loss, d_parts, d_grad_global_l2, adam_d } = numbers(0);
        const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
        const got = averages(discriminatorStatistics(statics), out.statistics);
        expect(Math.abs(got['TrainD/loss']! - d_loss)).toBeLessThan(1e-5);
        const labelled = conditional ? ['label_penalty_reals', 'label_penalty_fakes'] : [];
        for (const name of ['real_scores', 'fake_scores', 'mixed_scores', 'mixed_norms', ...labelled]) {
          const wanted = mean(d_parts[name]!);
          expect(Math.abs(got[`Loss/${name}`]! - wanted)).toBeLessThan(3e-6);
        }
        const norm = got['TrainD/gradient_norm']!;
        expect(Math.abs(norm - d_grad_global_l2)).toBeLessThan(1e-4 * kink(0));
        const tolerance = { element: 1e-4 * kink(0), sum: 1e-2 * kink(0) };
        for (const name of names) {
          expectStats(out.D[name]!.dataSync(), adam_d[0]!.weights[name]!, tolerance);
        }
      });
      step.dispose();
    });

    describe.skipIf(backend === 'cpu')('Adam', () => {
      it.each([0, 0.35])('two steps of each network at lod %d, and Gs after them', (lod) => {
        const adamTolerance = { element: 1e-4 * kink(lod), sum: 1e-2 * kink(lod) };
        tf.tidy(() => {
          for (const which of ['D', 'G'] as const) {
            const wanted = which === 'D' ? numbers(lod).adam_d : numbers(lod).adam_g;
            const names = active(which, lod);
            const loss = (w: Weights) => (which === 'D' ? dLoss(w, lod).loss : gLoss(w, lod).loss);
            let weights = pick(which === 'D' ? D : G, names);
            const zeros = Object.fromEntries(names.map((n) => [n, tf.zerosLike(weights[n]!)]));
            let state = { t: tf.scalar(0), m: zeros, v: zeros };
            for (const { loss_before, weights: after } of wanted) {
              const result = gradients(weights, loss);
              expect(Math.abs(result.loss - loss_before)).toBeLessThan(1e-5 * kink(lod) ** 2);
              const update = adamUpdate(weights, result.gradients, state, tf.scalar(0.001), adam);
              expect(update.applied.dataSync()[0]).toBe(1);
              ({ weights } = update);
              state = update;
              for (const name of names) {
                expectStats(weights[name]!.dataSync(), after[name]!, adamTolerance);
              }
            }
            if (which === 'D') continue;
            const average = numbers(lod)['ema_after_2_g_steps_beta0.999_from_initial'];
            for (const name of names) {
              const moved = weights[name]!;
              const Gs = tf.add(moved, tf.mul(tf.sub(G[name]!, moved), 0.999));
              expectStats(Gs.dataSync(), average[name]!, adamTolerance);
            }
          }
        });
      });
    });
  }),
);
