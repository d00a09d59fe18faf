import { tf } from '@pggan/engine';
import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import {
  countParameters,
  discriminate,
  discriminatorVariables,
  featureMaps,
  generate,
  generateImages,
  generatorVariables,
  networkConfigSchema,
  seededLatents,
  type NetworkConfigInput,
  type VariableSpec,
} from '../src/index.js';
import { initialWeights } from '../src/init.js';
import { activeNames, reachedNames } from '../src/variables.js';
import { onBackends } from './backends.js';
import { fullDiscriminator, fullGenerator } from './full-form.js';
import { goldenConfig, maxDifference, rawTensors, statsOf } from './golden.js';

const parse = (input: NetworkConfigInput) => networkConfigSchema.parse(input);

describe('variables', () => {
  it('has the official number of feature maps', () => {
    const maps = (input: NetworkConfigInput, blocks: number[]) =>
      blocks.map((r) => featureMaps(parse(input), r - 1));
    expect(maps({ resolution: 1024 }, [2, 3, 4, 5, 6, 7, 8, 9, 10])).toEqual([
      512, 512, 512, 512, 256, 128, 64, 32, 16,
    ]);
    expect(maps({ resolution: 128, fmapBase: 2048 }, [2, 3, 4, 5, 6, 7])).toEqual([
      512, 512, 256, 128, 64, 32,
    ]);
  });

  it.each([
    [{ resolution: 1024 }, 23_079_115, 23_087_249],
    [{ resolution: 256 }, 23_044_309, 23_052_353],
    [{ resolution: 128 }, 22_933_394, 22_941_313],
    [{ resolution: 128, fmapBase: 2048 }, 13_629_810, 13_636_897],
    [{ resolution: 32, fmapBase: 4096, fmapMax: 128, latentSize: 128 }, 1_296_908, 1_298_689],
  ])('%j has the official number of parameters', (input, G, D) => {
    const config = parse(input);
    expect(countParameters(generatorVariables(config))).toBe(G);
    expect(countParameters(discriminatorVariables(config))).toBe(D);
  });

  it('has the names, shapes and order of the golden weight files', () => {
    const config = goldenConfig();
    const listed = (specs: VariableSpec[]) => specs.map(({ name, shape }) => [name, shape]);
    const stored = (file: string) =>
      Object.entries(rawTensors(file)).map(([name, { shape }]) => [name, shape]);
    expect(listed(generatorVariables(config))).toEqual(stored('g_weights'));
    expect(listed(discriminatorVariables(config))).toEqual(stored('d_weights'));
  });

  it('knows which variables a level of detail uses', () => {
    const config = goldenConfig();
    const layers = (names: string[]) => names.filter((n) => n.endsWith('weight')).join(' ');
    const specs = discriminatorVariables(config);
    expect(layers(activeNames(specs, config, 3, false))).toBe(
      'FromRGB_lod3/weight 4x4/Conv/weight 4x4/Dense0/weight 4x4/Dense1/weight',
    );
    expect(layers(activeNames(specs, config, 2, true))).toBe(
      'FromRGB_lod2/weight 8x8/Conv0/weight 8x8/Conv1_down/weight FromRGB_lod3/weight ' +
        '4x4/Conv/weight 4x4/Dense0/weight 4x4/Dense1/weight',
    );
    expect(activeNames(specs, config, 2, false)).not.toContain('FromRGB_lod3/weight');
    expect(reachedNames(specs, config, 2)).toContain('FromRGB_lod3/weight');
    expect(reachedNames(specs, config, 2)).not.toContain('FromRGB_lod1/weight');
  });
});

describe('network options', () => {
  it.each([
    [{ resolution: 48 }, /power of two/],
    [{ resolution: 2048 }, /1024/],
    [{ resolution: 64, numChannels: 2 }, /numChannels|expected/],
    [{ resolution: 1024, fmapBase: 256 }, /no feature map at 1024x1024.*at least 512/],
    [{ resolution: 64, fmaps: 3 }, /fmaps/],
  ])('%j is refused', (input, message) => {
    expect(() => parse(input as NetworkConfigInput)).toThrow(message);
  });

  it('resolves the latent size once', () => {
    const config = parse({ resolution: 64, fmapBase: 1024, fmapMax: 64 });
    expect(config.latentSize).toBe(64);
    expect(networkConfigSchema.parse(config)).toEqual(config);
  });
});

onBackends(['tensorflow', 'wasm', 'cpu'], (backend) => {
  const config = goldenConfig(backend === 'cpu' ? { resolution: 8, fmapMax: 8, latentSize: 8 } : {});
  const R = Math.log2(config.resolution);

  it('starts with N(0,1), or N(0, std) without the equalised learning rate', () => {
    for (const useWscale of [true, false]) {
      const config = parse({ resolution: 8, fmapBase: 128, fmapMax: 64, useWscale });
      const weights = initialWeights(generatorVariables(config), new RandomState(7));
      const values = weights['4x4/Dense/weight']!.dataSync();
      const rms = statsOf(values).l2 / Math.sqrt(values.length);
      expect(rms).toBeCloseTo(useWscale ? 1 : Math.SQRT2 / 4 / 8, useWscale ? 1 : 3);
      expect(weights['4x4/Dense/bias']!.dataSync().every((v) => v === 0)).toBe(true);
      tf.dispose(weights);
    }
  });

  it('the active blocks alone equal the full form, in value and gradient', () => {
    const G = initialWeights(generatorVariables(config), new RandomState(1));
    const D = initialWeights(discriminatorVariables(config), new RandomState(2));
    for (const lod of [0, 0.25, 1, 1.6, R - 2].filter((value) => value <= R - 2)) {
      tf.tidy(() => {
        const z = tf.tensor2d(seededLatents(3, 4, config.latentSize), [4, config.latentSize]);
        const full = fullGenerator(G, config, z, lod);
        expect(maxDifference(generate(G, config, z, lod).dataSync(), full.dataSync())).toBeLessThan(2e-5);
        const scores = fullDiscriminator(D, config, full, lod).dataSync();
        expect(maxDifference(discriminate(D, config, full, lod).dataSync(), scores)).toBeLessThan(5e-6);

        // On wasm the twin's convolutions have no filter gradient.
        if (backend === 'wasm') return;
        const active = new Set([
          ...activeNames(generatorVariables(config), config, Math.floor(lod), lod % 1 > 0),
        ]);
        const names = Object.keys(G);
        const gradient = (efficient: boolean) =>
          tf.grads((...list: tf.Tensor[]) => {
            const w = Object.fromEntries(
              names.map((n, i) => [n, efficient && !active.has(n) ? G[n]! : list[i]!]),
            );
            const images = efficient ? generate(w, config, z, lod) : fullGenerator(w, config, z, lod);
            // Adding nothing keeps unused variables differentiable: their gradient is zero.
            const nothing = tf.addN(list.map((t) => tf.mul(tf.sum(t), 0)));
            return tf.add(tf.sum(tf.square(images)), nothing);
          })(names.map((n) => G[n]!));
        const [fast, slow] = [gradient(true), gradient(false)];
        names.forEach((name, i) => {
          const wanted = slow[i]!.dataSync();
          const scale = Math.max(1, ...wanted.map(Math.abs));
          expect(maxDifference(fast[i]!.dataSync(), wanted) / scale, name).toBeLessThan(1e-4);
          if (!active.has(name))
            expect(
              wanted.every((v) => v === 0),
              name,
            ).toBe(true);
        });
      });
    }
    tf.dispose([G, D]);
  });

  it.each([
    [{ resolution: 4 }],
    [{ resolution: 8, numChannels: 1 as const }],
    [{ resolution: 64, fusedScale: false, mbstdGroupSize: 0 }],
    [{ resolution: backend === 'tensorflow' ? 1024 : 128 }],
  ])('G and D of %j fit each other', (input) => {
    const small = parse({ fmapBase: 1024, fmapMax: 4, latentSize: 4, ...input });
    const G = initialWeights(generatorVariables(small), new RandomState(1));
    const D = initialWeights(discriminatorVariables(small), new RandomState(2));
    tf.tidy(() => {
      const z = tf.tensor2d(seededLatents(3, 1, 4), [1, 4]);
      const images = generate(G, small, z);
      expect(images.shape).toEqual([1, input.resolution, input.resolution, small.numChannels]);
      const scores = discriminate(D, small, images);
      expect(scores.shape).toEqual([1, 1]);
      expect(Number.isFinite(scores.dataSync()[0])).toBe(true);
    });
    tf.dispose([G, D]);
  });

  it('makes pictures in chunks that do not change them', () => {
    const G = initialWeights(generatorVariables(config), new RandomState(1));
    const latents = seededLatents(5, 66, config.latentSize);
    const all = generateImages(G, config, latents, R - 2, { size: 'active' });
    expect(all).toMatchObject({ count: 66, width: 4, height: 4, channels: 3 });
    const one = generateImages(G, config, latents.subarray(65 * config.latentSize), R - 2, {
      size: 'active',
    });
    expect(all.data.subarray(65 * 48)).toEqual(one.data);
    const full = generateImages(G, config, latents.subarray(0, config.latentSize), R - 2);
    expect(full.width).toBe(config.resolution);
    expect(full.data.slice(0, 3)).toEqual(all.data.slice(0, 3));
    tf.dispose(G);
  });
});
