/** Everything that can be switched on beside the official defaults trains, grows, and resumes exactly. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tf } from '@pggan/engine';
import { RandomState } from '@pggan/random';
import { describe, expect, it, vi } from 'vitest';
import {
  discriminatorVariables,
  disposeTrainingState,
  disposeWeights,
  generateImages,
  generatorVariables,
  imageShape,
  loadCheckpoint,
  networkConfigSchema,
  networkShape,
  parseTrainingOptions,
  saveCheckpoint,
  seededLatents,
  train,
  type NetworkConfigInput,
  type TrainArguments,
  type TrainingOptions,
  type TrainingOptionsInput,
} from '../src/index.js';
import { initialWeights } from '../src/init.js';
import { drawLabels } from '../src/labels.js';
import { discriminatorLoss, generatorLoss } from '../src/losses.js';
import { averagedScore, noiseStrength } from '../src/noise-strength.js';
import { conditionSchema, lsganSchema, wganSchema } from '../src/options.js';
import { discriminator, generator } from '../src/networks.js';
import { noiseMaps } from '../src/layers/noise.js';
import { pick } from '../src/variables.js';
import { onBackends } from './backends.js';
import { maxDifference } from './golden.js';
import { MemoryReader } from './memory-reader.js';
import { stateContents } from './train-small.js';

vi.setConfig({ testTimeout: 240_000 });

interface Variant {
  readonly network?: Omit<NetworkConfigInput, 'resolution'>;
  readonly training?: Omit<TrainingOptionsInput, 'network' | 'schedule'>;
}

const older = { fusedScale: false, usePixelnorm: false, useWscale: false, mbstdGroupSize: 'all' } as const;

/** 8 images at 4x4, then 16 while 8x8 fades in, where all variables are active; 4 a step. */
const variants: Record<string, Variant> = {
  'labels, gray, 4x3 base': {
    network: { labelSize: 2, numChannels: 1, baseHeight: 3 },
  },
  'the first of three label components, 3x5 base': {
    network: { labelSize: 1, baseWidth: 3, baseHeight: 5 },
  },
  'LSGAN with noise': {
    // Noise from the first fake on that scores above 0.
    training: { loss: 'lsgan', lsgan: { noiseLimit: 0, noiseCoefficient: 0.4 } },
  },
  'batch norm, layer norm, tanh, n_critic': {
    network: { ...older, useBatchnorm: true, useLayernorm: true, tanhOutput: true, useLeakyRelu: false },
    training: { DRepeats: 2 },
  },
  'minibatch discrimination': {
    network: { ...older, mbstdGroupSize: 0, minibatchDiscriminationKernels: 4 },
  },
  'the small architecture with batch norm': {
    network: { architecture: 'small', useBatchnorm: true, tanhOutput: true, discriminatorDivisor: 2 },
  },
  'both networks at once, labels': {
    network: { labelSize: 3 },
    training: { simultaneous: true },
  },
};

function optionsOf({ network, training }: Variant): TrainingOptions {
  return parseTrainingOptions({
    seed: 3,
    minibatchRepeats: 1,
    ...training,
    network: { resolution: 8, fmapBase: 64, fmapMax: 6, latentSize: 6, ...network },
    schedule: {
      minibatchBase: 4,
      lodTrainingKimg: 0.008,
      lodTransitionKimg: 0.016,
      rampupKimg: 0.02,
      tickKimgBase: 0.012,
      tickKimgDict: {},
    },
    totalKimg: 0.024,
    mirrorAugment: true,
    snapshotGrid: { columns: 3, rows: 2 },
  });
}

const readerFor = ({ network }: TrainingOptions) =>
  new MemoryReader(imageShape(network), network.numChannels, network.labelSize > 0 ? 3 : 0);

/** Trains, optionally stopping once `stopAt` images were shown; what every tick averaged, too. */
async function run(options: TrainingOptions, args: Partial<TrainArguments> & { stopAt?: number } = {}) {
  const { stopAt = Infinity, ...rest } = args;
  const controller = new AbortController();
  const ticks: Readonly<Record<string, number | null>>[] = [];
  const pictures: Uint8Array[] = [];
  const { state } = await train({
    options,
    reader: readerFor(options),
    signal: controller.signal,
    onTick: ({ statistics }) => void ticks.push(statistics),
    onImages: ({ grid }) => void pictures.push(grid.data),
    ...rest,
    onProgress: ({ nimg }) => {
      if (nimg >= stopAt) controller.abort();
    },
  });
  return { state, ticks, pictures };
}

onBackends(['tensorflow', 'wasm'], (backend) => {
  describe.each(Object.entries(variants))('%s', (_, variant) => {
    const options = optionsOf(variant);

    it('trains through a fade: every average is a number, every variable moves', async () => {
      const before = tf.memory().numTensors;
      const { state, ticks, pictures } = await run(options);
      for (const statistics of ticks) {
        for (const [name, value] of Object.entries(statistics)) expect(value, name).not.toBeNull();
        expect(statistics['TrainD/overflow_frequency']).toBe(0);
        expect(statistics['TrainG/overflow_frequency']).toBe(0);
        expect('Loss/label_penalty_reals' in statistics).toBe(options.network.labelSize > 0);
        expect('Loss/mixed_norms' in statistics).toBe(options.loss === 'wgan-gp');
      }
      // Above its limit of 0 there was noise, and not only numbers drawn for it.
      if (options.loss === 'lsgan') expect(state.fakeScore.dataSync()[0]).toBeGreaterThan(0);
      const random = new RandomState(4);
      const first = {
        G: initialWeights(generatorVariables(options.network), random),
        D: initialWeights(discriminatorVariables(options.network), random),
      };
      for (const which of ['G', 'D'] as const) {
        for (const [name, tensor] of Object.entries(first[which])) {
          expect(maxDifference(tensor.dataSync(), state[which][name]!.dataSync()), name).toBeGreaterThan(0);
        }
        disposeWeights(first[which]);
      }
      const { width, height } = imageShape(options.network);
      expect(pictures.at(-1)).toHaveLength(6 * width * height * options.network.numChannels);
      disposeTrainingState(state);
      expect(tf.memory().numTensors).toBe(before);
    });

    // Inside the fade, where everything is in play; one backend shows what is no business of a backend.
    it.skipIf(backend === 'tensorflow')('stopped and resumed, it ends in the same bytes', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'pggan-model-'));
      const path = join(folder, 'state.safetensors');
      try {
        const straight = await run(options);
        const stopped = await run(options, { stopAt: 16 });
        await saveCheckpoint(path, stopped.state);
        disposeTrainingState(stopped.state);
        const loaded = await loadCheckpoint(path);
        const resumed = await run(options, { state: loaded });
        expect(stateContents(resumed.state)).toEqual(stateContents(straight.state));
        expect([...stopped.ticks, ...resumed.ticks]).toEqual(straight.ticks);
        expect([...stopped.pictures, ...resumed.pictures]).toEqual(straight.pictures);
        [straight, resumed].forEach(({ state }) => disposeTrainingState(state));
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });
});

onBackends(['tensorflow', 'wasm'], () => {
  const losses = {
    wgan: wganSchema.parse({}),
    lsgan: lsganSchema.parse({}),
    condition: conditionSchema.parse({ GWeight: 0.5, DWeight: 2 }),
  };
  const tiny = (changes: Omit<NetworkConfigInput, 'resolution'>) =>
    networkConfigSchema.parse({ resolution: 8, fmapBase: 64, fmapMax: 5, latentSize: 6, ...changes });
  const point = { level: 0, fade: null };
  const normals = (seed: number, ...shape: number[]) =>
    tf.tensor(new RandomState(seed).normals(shape.reduce((a, b) => a * b)), shape);

  /** Networks, images and latents of a configuration. */
  function scene(config: ReturnType<typeof tiny>) {
    const G = initialWeights(generatorVariables(config), new RandomState(1));
    const D = initialWeights(discriminatorVariables(config), new RandomState(2));
    const { width, height } = imageShape(config);
    const latents = normals(3, 6, 6) as tf.Tensor2D;
    const reals = tf.mul<tf.Tensor4D>(normals(4, 6, height, width, 3) as tf.Tensor4D, 0.5);
    const mix = tf.tensor4d([0.1, 0.7, 0.4, 0.9, 0.2, 0.5], [6, 1, 1, 1]);
    return { G, D, latents, reals, mix };
  }

  it.each<[string, Omit<NetworkConfigInput, 'resolution'>]>([
    ['layer norm', { fusedScale: false, useLayernorm: true, mbstdGroupSize: 0 }],
    ['minibatch discrimination', { minibatchDiscriminationKernels: 3, mbstdGroupSize: 0 }],
    ['whole-batch deviation', { mbstdGroupSize: 'all', useWscale: false }],
    ['batch norm in D', { architecture: 'small', useBatchnorm: true, mbstdGroupSize: 'all' }],
    ['tanh and a 4x3 base', { tanhOutput: true, baseHeight: 3, mbstdGroupSize: 3 }],
  ])('gradients of both losses follow their differences: %s', (_, changes) => {
    const config = tiny(changes);
    tf.tidy(() => {
      const { G, D, latents, reals, mix } = scene(config);
      // Least squares are continuous; the gradient penalty jumps where a rectifier changes sides, and
      // its second derivatives are checked layer by layer in older-layers.test.ts and ops.test.ts.
      const options = { ...losses, loss: 'lsgan' as const };
      const fakes = generator(G, config, latents, point);
      const samples = { fakes, reals, mix, labels: null, noise: null };
      for (const [weights, specs, loss] of [
        [
          D,
          discriminatorVariables(config),
          (w: typeof D) => discriminatorLoss(w, config, samples, point, options).loss,
        ],
        [
          G,
          generatorVariables(config),
          (w: typeof G) =>
            generatorLoss(w, D, config, { latents, labels: null, noise: null }, point, options).loss,
        ],
      ] as const) {
        const used = specs
          .filter(({ name, trainable }) => trainable && !/lod1\//.test(name))
          .map(({ name }) => name);
        const chosen = pick(weights, used);
        const byName = (list: readonly tf.Tensor[]) =>
          ({ ...weights, ...Object.fromEntries(used.map((name, i) => [name, list[i]!])) }) as typeof weights;
        const gradients = tf.grads((...list: tf.Tensor[]) => loss(byName(list)))(Object.values(chosen));
        // Along the gradient itself the slope is its squared length, far above float32 noise.
        const squares = gradients.reduce((sum, g) => sum + tf.sum(tf.square(g)).dataSync()[0]!, 0);
        const at = (s: number) =>
          loss(byName(used.map((name, i) => tf.add(chosen[name]!, tf.mul(gradients[i]!, s))))).dataSync()[0]!;
        // Corners of rectifiers disturb the longer step, float32 rounding the shorter.
        const errors = [1e-3, 1e-4].map((length) => {
          const h = length / Math.sqrt(squares);
          return Math.abs((at(h) - at(-h)) / (2 * h) / squares - 1);
        });
        expect(Math.min(...errors)).toBeLessThan(0.02);
      }
    });
  });

  it('LSGAN: reals score 0, fakes 1, and labels count by their weights', () => {
    const config = tiny({ labelSize: 2, mbstdGroupSize: 3 });
    tf.tidy(() => {
      const { G, D, latents, reals, mix } = scene(config);
      const labels = tf.tensor2d([1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1], [6, 2]);
      const options = { ...losses, loss: 'lsgan' as const };
      const fakes = generator(G, config, latents, point, labels);
      const d = discriminatorLoss(D, config, { fakes, reals, mix, labels, noise: null }, point, options);
      const [real, fake, penaltyReal, penaltyFake] = [
        d.realScores,
        d.fakeScores,
        d.labelPenaltyReals!,
        d.labelPenaltyFakes!,
      ].map((tensor) => Array.from(tensor.dataSync()));
      const mean = (f: (i: number) => number) => [0, 1, 2, 3, 4, 5].reduce((sum, i) => sum + f(i), 0) / 6;
      const wantedD = mean(
        (i) => real![i]! ** 2 + 0.1 * (fake![i]! - 1) ** 2 + 2 * (penaltyReal![i]! + penaltyFake![i]!),
      );
      expect(d.loss.dataSync()[0]).toBeCloseTo(wantedD, 4);
      const g = generatorLoss(G, D, config, { latents, labels, noise: null }, point, options);
      const wantedG = mean((i) => fake![i]! ** 2 + 0.5 * penaltyFake![i]!);
      expect(g.loss.dataSync()[0]).toBeCloseTo(wantedG, 4);
    });
  });

  it("noise multiplies the inputs of D's convolutions, each sample and map by its own number", () => {
    const config = tiny({ mbstdGroupSize: 0 });
    tf.tidy(() => {
      const { D, reals } = scene(config);
      const maps = noiseMaps(discriminatorVariables(config), config, 0);
      // 8x8: two convolutions, 4x4: one and the dense layer that is a 4x4 convolution; 5 maps each.
      expect(maps).toBe(20);
      expect(noiseMaps(discriminatorVariables(config), config, 1)).toBe(10);
      const clean = discriminator(D, config, reals, point).dataSync();
      const judged = (noise: tf.Tensor2D, strength: number) =>
        discriminator(D, config, reals, point, { normals: noise, strength: tf.scalar(strength) }).dataSync();
      expect(judged(normals(5, 6, maps) as tf.Tensor2D, 0)).toEqual(clean);
      expect(maxDifference(judged(normals(5, 6, maps) as tf.Tensor2D, 0.1), clean)).toBeGreaterThan(1e-3);
      // 1 + s sqrt(5) n = 2 for one layer's input doubles it: weights twice as large do the same.
      const one = tf.tensor2d(
        Array.from({ length: 6 * maps }, (_, i) => (i % maps < 5 ? 1 : 0)),
        [6, maps],
      );
      const name = '8x8/Conv0/weight';
      const doubled = discriminator({ ...D, [name]: tf.mul(D[name]!, 2) }, config, reals, point).dataSync();
      expect(maxDifference(judged(one, 1 / Math.sqrt(5)), doubled)).toBeLessThan(1e-4);
    });
  });

  it("noise follows the running average of the fakes' scores above its limit", () => {
    const options = lsganSchema.parse({});
    tf.tidy(() => {
      const strength = (score: number) => noiseStrength(tf.scalar(score), options).dataSync()[0]!;
      expect([0, 0.5, 1, 1.5].map(strength)).toEqual([0, 0, 0.05, 0.2].map((s) => expect.closeTo(s, 6)));
      const next = (average: number, score: number) =>
        averagedScore(tf.scalar(average), tf.scalar(score), options).dataSync()[0]!;
      expect(next(0.5, 1)).toBeCloseTo(0.55, 6);
      expect(next(0.5, 7)).toBeCloseTo(0.55, 6);
      expect(next(0.5, -3)).toBeCloseTo(0.45, 6);
      expect(next(0.5, NaN)).toBeCloseTo(0.5, 6);
      expect(next(0.5, Infinity)).toBeCloseTo(0.5, 6);
    });
  });

  it('a picture of a network with batch norm does not depend on those made with it', () => {
    const config = tiny({ useBatchnorm: true });
    const G = initialWeights(generatorVariables(config), new RandomState(1));
    const latents = seededLatents(5, 3, 6);
    const all = generateImages(G, config, latents);
    const one = generateImages(G, config, latents.subarray(12));
    expect(maxDifference(all.data.subarray(2 * 192), one.data)).toBeLessThanOrEqual(1);
    const together = generateImages(G, config, latents, 0, { statistics: 'batch' });
    expect(maxDifference(all.data, together.data)).toBeGreaterThan(5);
    disposeWeights(G);
  });
});

describe('sizes that are not square', () => {
  it.each([
    [128, 96, 128, 4, 3],
    [48, 64, 64, 3, 4],
    [224, 160, 128, 7, 5],
    [1024, 1024, 1024, 4, 4],
  ])(
    '%dx%d are networks of resolution %d with base %dx%d',
    (width, height, resolution, baseWidth, baseHeight) => {
      const shape = networkShape({ width, height });
      expect(shape).toEqual({ resolution, baseWidth, baseHeight });
      expect(imageShape(shape)).toEqual({ width, height });
      expect(imageShape(shape, Math.log2(resolution) - 2)).toEqual({ width: baseWidth, height: baseHeight });
    },
  );

  it('a base that is too small is refused', () => {
    expect(() => networkConfigSchema.parse({ resolution: 64, baseWidth: 3, baseHeight: 2 })).toThrow(
      /larger side of 4 to 7/,
    );
  });
});

describe('labels', () => {
  it('of fakes are rows of the data set, all equally likely, cut to the components wanted', () => {
    const data = Float32Array.from([1, 10, 2, 20, 3, 30, 4, 40]);
    const drawn = drawLabels({ components: 2, data }, 1, 4000, new RandomState(1));
    const counts = [1, 2, 3, 4].map((value) => drawn.filter((label) => label === value).length);
    expect(counts.reduce((a, b) => a + b)).toBe(4000);
    counts.forEach((n) => expect(Math.abs(n - 1000)).toBeLessThan(120));
    const whole = drawLabels({ components: 2, data }, 2, 3, new RandomState(1));
    expect([0, 1, 2].map((i) => whole[2 * i + 1]! / whole[2 * i]!)).toEqual([10, 10, 10]);
  });
});

onBackends(['wasm'], () => {
  it.each([
    [
      'images of another shape',
      new MemoryReader({ width: 8, height: 6 }),
      /8x8 pixels or doublings of that, got 3 and 8x6/,
    ],
    ['images without labels', new MemoryReader(8), /at least 2 component\(s\) per image, got 0/],
    ['labels that are too short', new MemoryReader(8, 3, 1), /at least 2 component\(s\) per image, got 1/],
  ])('refuses %s', async (_, reader, message) => {
    const options = optionsOf({ network: { labelSize: 2 } });
    await expect(run(options, { reader })).rejects.toMatchObject({
      code: 'reader-mismatch',
      message: expect.stringMatching(message),
    });
  });
});
