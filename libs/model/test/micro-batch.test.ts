/** A minibatch in parts: the same samples, the same statistics, the same gradients. */
import { tf } from '@pggan/engine';
import { RandomState } from '@pggan/random';
import { describe, expect, it, vi } from 'vitest';
import {
  createTrainingState,
  disposeTrainingState,
  imageShape,
  networkConfigSchema,
  parseTrainingOptions,
  scheduleAt,
  train,
  type NetworkConfigInput,
  type TrainingOptions,
  type TrainingOptionsInput,
} from '../src/index.js';
import { rowTensors, Rows } from '../src/draws.js';
import { discriminatorGradients, type DiscriminatorSampleInputs } from '../src/gradients.js';
import { microBatchRows, microBatchSizes, wholeBatchReason } from '../src/micro-batch.js';
import { MicroSteps } from '../src/micro-steps.js';
import { averages, discriminatorStatistics, generatorStatistics } from '../src/statistics.js';
import type { StepStatics } from '../src/step.js';
import { TrainingSteps } from '../src/training-steps.js';
import { onBackends } from './backends.js';
import { maxDifference } from './golden.js';
import { MemoryReader } from './memory-reader.js';

vi.setConfig({ testTimeout: 240_000 });

const network = (changes: Partial<NetworkConfigInput> = {}) =>
  networkConfigSchema.parse({ resolution: 8, ...changes });

describe('the rows of a micro-batch', () => {
  it('are whole minibatch-stddev groups: sample i belongs to group i mod M', () => {
    expect(microBatchRows(network(), 8, 4)).toEqual([
      [0, 2, 4, 6],
      [1, 3, 5, 7],
    ]);
    expect(microBatchRows(network(), 16, 8)).toEqual([
      [0, 1, 4, 5, 8, 9, 12, 13],
      [2, 3, 6, 7, 10, 11, 14, 15],
    ]);
    expect(microBatchRows(network({ mbstdGroupSize: 0 }), 6, 2)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });

  it.each<[Partial<NetworkConfigInput>, number, number[]]>([
    [{}, 16, [4, 8, 16]],
    [{}, 12, [4, 12]],
    [{}, 3, [3]],
    [{ mbstdGroupSize: 0 }, 6, [1, 2, 3, 6]],
    [{ mbstdGroupSize: 16 }, 14, [14]],
    [{ mbstdGroupSize: 'all' }, 8, [8]],
    [{ useBatchnorm: true }, 8, [8]],
    [{ mbstdGroupSize: 0, minibatchDiscriminationKernels: 3 }, 8, [8]],
  ])('of %j and %d images can be as many as %j', (changes, minibatch, sizes) => {
    expect(microBatchSizes(network(changes), minibatch)).toEqual(sizes);
  });

  it('are refused where the whole minibatch is needed, with the reason', () => {
    const parse = (changes: Partial<NetworkConfigInput>, microBatch: TrainingOptionsInput['microBatch']) =>
      parseTrainingOptions({ network: { resolution: 8, ...changes }, microBatch });
    expect(parse({}, { 8: 4 }).microBatch).toEqual({ 8: 4 });
    expect(parse({ useBatchnorm: true }, 16).microBatch).toBe(16);
    expect(() => parse({}, 2)).toThrow(
      'microBatch: 2 images at a time at 4 px hold no whole minibatch-stddev group; expected at least 4',
    );
    expect(() => parse({ useBatchnorm: true }, 8)).toThrow(
      'the 16 images per step at 4 px cannot be split, for batch normalisation looks at the whole minibatch',
    );
    expect(() => parse({ mbstdGroupSize: 'all' }, 8)).toThrow(/minibatch stddev looks at the whole/);
    expect(() => parse({ minibatchDiscriminationKernels: 2 }, 8)).toThrow(/compares all images/);
    expect(wholeBatchReason(network({ useLayernorm: true }))).toBeNull();
  });
});

interface Variant {
  readonly network?: Omit<NetworkConfigInput, 'resolution'>;
  readonly training?: Omit<TrainingOptionsInput, 'network' | 'schedule'>;
}

const variants: Record<string, Variant> = {
  'stddev of groups of 4, fading in': {},
  'groups of 2': { network: { mbstdGroupSize: 2 } },
  'no stddev, layer norm, unfused': {
    network: { mbstdGroupSize: 0, useLayernorm: true, fusedScale: false },
  },
  'labels, gray, 4x3 base': { network: { labelSize: 2, numChannels: 1, baseHeight: 3 } },
  'LSGAN with noise': { training: { loss: 'lsgan', lsgan: { noiseLimit: 0, noiseCoefficient: 0.4 } } },
  'both networks at once, labels': {
    network: { labelSize: 3 },
    training: { simultaneous: true },
  },
  'the small architecture': { network: { architecture: 'small' } },
};

/** Rates so low that no weight moves: G's gradients do not depend on rounding in D's. */
function optionsOf({ network: changes, training }: Variant, microBatch?: number): TrainingOptions {
  return parseTrainingOptions({
    seed: 3,
    mirrorAugment: true,
    ...training,
    network: { resolution: 8, fmapBase: 64, fmapMax: 6, latentSize: 6, ...changes },
    schedule: { minibatchBase: 8, GlrateBase: 1e-12, DlrateBase: 1e-12 },
    ...(microBatch === undefined ? {} : { microBatch }),
  });
}

/** One pass in the middle of the fade: moments are gradients, as beta1 is 0. */
async function onePass(options: TrainingOptions) {
  const reader = new MemoryReader(
    imageShape(options.network),
    options.network.numChannels,
    options.network.labelSize,
  );
  const point = scheduleAt(options.schedule, options.network, 900_000);
  const state = createTrainingState(options);
  const steps = new TrainingSteps(options, reader.labels);
  // A score of the fakes above its limit makes noise at once.
  state.fakeScore.dispose();
  state.fakeScore = tf.scalar(0.7);
  const reals = await reader.nextBatch(3, point.minibatch);
  if (options.simultaneous) {
    steps.simultaneous(state, reals, point);
  } else {
    steps.discriminator(state, reals, point);
    steps.generator(state, point);
  }
  const { latents, mix, mirror, labels, noise } = state.random;
  const found = {
    gradients: Object.entries({ ...state.adamD.m, ...state.adamG.m }).map(
      ([name, m]) => [name, m.dataSync()] as const,
    ),
    statistics: {
      ...averages(discriminatorStatistics(options), state.statisticsD),
      ...averages(generatorStatistics, state.statisticsG),
    },
    fakeScore: state.fakeScore.dataSync()[0]!,
    streams: [latents, mix, mirror, labels, noise].map((stream) => stream.state()),
    traces: steps.traces,
  };
  steps.dispose();
  disposeTrainingState(state);
  return found;
}

onBackends(['tensorflow', 'wasm'], (backend) => {
  // Recording graphs takes seconds; what a variant computes is the same on every backend.
  const recorded = ['stddev of groups of 4, fading in', 'both networks at once, labels'];
  const tried = Object.entries(variants).filter(
    ([name]) => backend !== 'tensorflow' || recorded.includes(name),
  );

  it.each(tried)('%s: gradients of the parts add up to those of the whole', async (_, variant) => {
    const before = tf.memory().numTensors;
    const whole = await onePass(optionsOf(variant));
    const split = await onePass(optionsOf(variant, 4));
    expect(tf.memory().numTensors).toBe(before);
    expect(split.streams).toEqual(whole.streams);
    expect(split.fakeScore).toBeCloseTo(whole.fakeScore, 4);
    for (const [name, value] of Object.entries(whole.statistics)) {
      expect(Math.abs(split.statistics[name]! - value!), name).toBeLessThan(
        2e-4 * Math.max(1, Math.abs(value!)),
      );
    }
    const expected = new Map(whole.gradients);
    const largest = Math.max(...whole.gradients.flatMap(([, gradient]) => [...gradient].map(Math.abs)));
    expect(split.gradients.map(([name]) => name)).toEqual([...expected.keys()]);
    for (const [name, gradient] of split.gradients) {
      const wanted = expected.get(name)!;
      const scale = Math.max(...wanted.map(Math.abs));
      // Sums in another order: float32 rounding, largest where second-order gradients cancel out.
      expect(maxDifference(gradient, wanted), name).toBeLessThan(2e-4 * scale + 1e-5 * largest);
    }
    expect(split.traces).toBe(backend === 'tensorflow' ? 4 : 0);
  });
});

onBackends(['wasm'], () => {
  it('neighbouring samples in the place of groups would be another gradient', () => {
    const options = optionsOf({});
    const state = createTrainingState(options);
    const random = new RandomState(5);
    const rows = (...shape: [number, ...number[]]) =>
      new Rows(random.normals(shape.reduce((a, b) => a * b)), shape);
    const samples = {
      reals: new Rows(
        Uint8Array.from({ length: 8 * 192 }, () => random.randint(256)),
        [8, 3, 8, 8],
      ),
      latents: rows(8, 6),
      mix: new Rows(Float32Array.from(random.uniforms(8)), [8, 1, 1, 1]),
      mirror: new Rows(new Float32Array(8), [8, 1, 1, 1]),
    };
    const { network: config, loss, wgan, lsgan, condition, adam, GSmoothing, mirrorAugment } = options;
    const statics: StepStatics = {
      ...{ network: config, loss, wgan, lsgan, condition, adam, GSmoothing, mirrorAugment },
      level: 0,
      fading: false,
    };
    const micro = new MicroSteps();
    const inputs = { G: state.G, D: state.D, fakeScore: state.fakeScore, fade: tf.scalar(0) };
    const name = '4x4/Conv/weight';
    const difference = (parts: number[][]) => {
      const sum = micro.discriminatorGradients(inputs, samples, parts, statics);
      const apart = tf.tidy(() => {
        const tensors = rowTensors(samples) as DiscriminatorSampleInputs;
        const whole = discriminatorGradients({ ...inputs, ...tensors }, statics);
        const [a, b] = [sum.gradients[name]!.dataSync(), whole.gradients[name]!.dataSync()];
        return maxDifference(a, b) / Math.max(...b.map(Math.abs));
      });
      tf.dispose(sum);
      return apart;
    };
    expect(difference(microBatchRows(config, 8, 4))).toBeLessThan(2e-4);
    expect(
      difference([
        [0, 1, 2, 3],
        [4, 5, 6, 7],
      ]),
    ).toBeGreaterThan(1e-2);
    micro.dispose();
    inputs.fade.dispose();
    disposeTrainingState(state);
  });

  it('a run by parts goes the way of a run by whole minibatches', async () => {
    const scores = async (microBatch: TrainingOptionsInput['microBatch']) => {
      const options = parseTrainingOptions({
        seed: 3,
        network: { resolution: 8, fmapBase: 64, fmapMax: 6, latentSize: 6 },
        schedule: {
          minibatchBase: 8,
          lodTrainingKimg: 0.064,
          lodTransitionKimg: 0.064,
          tickKimgBase: 0.192,
          tickKimgDict: {},
        },
        totalKimg: 0.192,
        ...(microBatch === undefined ? {} : { microBatch }),
      });
      const found: number[] = [];
      const { state } = await train({
        options,
        reader: new MemoryReader(8),
        onTick: ({ statistics }) => void found.push(statistics['Loss/mixed_norms']!),
      });
      disposeTrainingState(state);
      return found;
    };
    const whole = await scores(undefined);
    for (const split of [await scores(4), await scores({ 8: 4 })]) {
      expect(Math.abs(split[0]! / whole[0]! - 1)).toBeLessThan(5e-3);
    }
  });
});
