/** ../shared/golden/net: fused_vs_unfused, variants, process_reals. Tolerances of its README. */
import { tf, upscale2d } from '@pggan/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  convertDiscriminator,
  convertGenerator,
  discriminate,
  disposeWeights,
  generate,
  type NetworkConfig,
  type Weights,
} from '../src/index.js';
import { splitLod } from '../src/lod.js';
import { processReals } from '../src/reals.js';
import { onBackends } from './backends.js';
import {
  expectStats,
  golden,
  goldenConfig,
  lods,
  maxDifference,
  tensors,
  toNhwc,
  type Stats,
} from './golden.js';

/** The generator behind the collection's bytes (golden/IMAGEGEN.md). */
function lcgBytes(seed: number) {
  let state = seed;
  return (count: number) =>
    Float32Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
}

onBackends(['tensorflow', 'wasm', 'cpu'], (backend) => {
  let G: Weights, D: Weights, inputs: Weights;
  let latents: tf.Tensor2D, reals: tf.Tensor4D;
  const fused = goldenConfig();
  const unfused = goldenConfig({ fusedScale: false });

  beforeAll(() => {
    G = tensors('g_weights');
    D = tensors('d_weights');
    inputs = tensors('inputs');
    latents = inputs['latents'] as tf.Tensor2D;
    reals = tf.tidy(() => toNhwc(inputs['reals'] as tf.Tensor));
  });
  afterAll(() => {
    [G, D, inputs].forEach(disposeWeights);
    reals.dispose();
  });

  describe('fused and unfused', () => {
    it.each(lods)('G at lod %d is the same function when kernels are reversed', (lod) => {
      tf.tidy(() => {
        const z = backend === 'cpu' ? tf.slice(latents, 0, 1) : latents;
        const images = generate(G, fused, z, lod).dataSync();
        const other = generate(convertGenerator(G, 'unfused'), unfused, z, lod).dataSync();
        expect(maxDifference(images, other)).toBeLessThan(3e-5);
      });
    });

    it('conversion goes there and back', () => {
      tf.tidy(() => {
        const back = convertGenerator(convertGenerator(G, 'unfused'), 'fused');
        expect(Object.keys(back)).toEqual(Object.keys(G));
        for (const [name, tensor] of Object.entries(back)) {
          expect(tensor.dataSync()).toEqual(G[name]!.dataSync());
        }
        const backD = convertDiscriminator(convertDiscriminator(D, 'unfused'), 'fused');
        expect(Object.keys(backD)).toEqual(Object.keys(D));
      });
    });

    it.each(backend === 'cpu' ? [2.75, 3] : lods)('unfused D at lod %d', (lod) => {
      tf.tidy(() => {
        const weights = convertDiscriminator(D, 'unfused');
        const scores = discriminate(weights, unfused, reals, lod).dataSync();
        const wanted = golden.fused_vs_unfused.values[`lod${lod}`]!.d_unfused_scores_n8;
        expect(maxDifference(scores, wanted)).toBeLessThan(3e-6);
      });
    });
  });

  describe.skipIf(backend === 'cpu')('one option changed', () => {
    const scaled = (weights: Weights) =>
      Object.fromEntries(
        Object.entries(weights).map(([name, w]) => [name, name.endsWith('weight') ? tf.mul(w, 0.1) : w]),
      );
    const withoutStatistic = (weights: Weights) => ({
      ...weights,
      '4x4/Conv/weight': tf.slice(weights['4x4/Conv/weight']!, 0, [3, 3, 32, 32]),
    });

    it.each<[string, Partial<NetworkConfig>, ((w: Weights) => Weights)?]>([
      ['G no_pixelnorm', { usePixelnorm: false }],
      ['G relu', { useLeakyRelu: false }],
      ['G no_latent_norm', { normalizeLatents: false }],
      ['G no_wscale_weights_times_0.1', { useWscale: false }, scaled],
      ['G pixelnorm_eps_1e-4', { pixelnormEpsilon: 1e-4 }],
    ])('%s', (name, changes, prepare = (w) => w) => {
      for (const [lod, stats] of Object.entries(golden.variants.values[name]!)) {
        tf.tidy(() => {
          const images = generate(prepare(G), goldenConfig(changes), latents, Number(lod.slice(3)));
          const { l2, abs_sum } = stats as Stats;
          // Without normalisation values reach the hundreds; the tolerance is relative there.
          const scale = Math.max(1, l2 / 116);
          expectStats(tf.transpose(images, [0, 3, 1, 2]).dataSync(), stats as Stats, {
            element: 3e-5 * scale,
            sum: 5e-6 * abs_sum,
          });
        });
      }
    });

    it.each<[string, Partial<NetworkConfig>, ((w: Weights) => Weights)?]>([
      ['D mbstd_group_8', { mbstdGroupSize: 8 }],
      ['D mbstd_group_16', { mbstdGroupSize: 16 }],
      ['D mbstd_group_2', { mbstdGroupSize: 2 }],
      ['D mbstd_off', { mbstdGroupSize: 0 }, withoutStatistic],
      ['D no_wscale_weights_times_0.1', { useWscale: false }, scaled],
    ])('%s', (name, changes, prepare = (w) => w) => {
      for (const [lod, wanted] of Object.entries(golden.variants.values[name]!)) {
        tf.tidy(() => {
          const config = goldenConfig(changes);
          const scores = discriminate(prepare(D), config, reals, Number(lod.slice(3))).dataSync();
          const values = wanted as number[];
          const scale = Math.max(1, ...values.map(Math.abs));
          expect(maxDifference(scores, values)).toBeLessThan(3e-6 * scale);
        });
      }
    });
  });

  it('real images: range, mirror, fade, repetition', () => {
    const draw = lcgBytes(10000031);
    for (const [key, wanted] of Object.entries(golden.process_reals.cases)) {
      const [n, c, side] = wanted.shape;
      const bytes = draw(n * c * side * side);
      expect(bytes.reduce((sum, byte) => sum + byte, 0)).toBe(wanted.bytes_sum);
      if (wanted.images !== null) expect(Array.from(bytes)).toEqual(wanted.images);
      const { level, fraction } = splitLod(Number(key.slice(3)));
      tf.tidy(() => {
        const x = tf.tensor4d(bytes, wanted.shape);
        const fade = fraction > 0 ? tf.scalar(fraction) : null;
        const flags = tf.tensor4d(wanted.mirror.map(Number), [n, 1, 1, 1]);
        for (const [mirror, stats] of [
          [null, wanted.plain],
          [flags, wanted.mirrored],
        ] as const) {
          const images = upscale2d(processReals(x, mirror, fade), 2 ** level);
          const nchw = tf.transpose(images, [0, 3, 1, 2]).dataSync();
          expectStats(nchw, stats, { element: 1e-6, sum: 1e-3, l2: 1e-4 });
        }
      });
    }
  });
});
