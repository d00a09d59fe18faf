import { listPhases, parseTrainingOptions } from '@pggan/model';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../src/options/parse.js';
import { trainOptionsSchema } from '../src/options/train.js';
import { findPreset, presetNames } from '../src/presets/index.js';
import { fitFactor, predict } from '../src/train/budget.js';
import { passMacs, secondsBetween, typicalSpeed } from '../src/train/cost.js';
import { scaleLengths } from '../src/train/lengths.js';
import { resolveTraining } from '../src/train/resolve.js';
import { TimeLeft } from '../src/train/time-left.js';

const dataset = { path: '/data/faces', name: 'faces', resolution: 64, channels: 3, count: 100 };
const resolve = (raw: Record<string, string | boolean>, of = dataset) =>
  resolveTraining(parseOptions(trainOptionsSchema, raw), 'tensorflow', of);

describe('what is trained', () => {
  it.each(
    presetNames.flatMap((name) =>
      (['tensorflow', 'wasm', 'cpu'] as const).map((backend) => [name, backend] as const),
    ),
  )('preset %s on %s is valid at every resolution', (name, backend) => {
    const preset = findPreset(name, backend);
    // Small networks run out of feature maps above 64; parsing says so there.
    for (let side = 4; side <= (name === 'sample' ? 64 : (preset.resolution ?? 1024)); side *= 2) {
      const training = parseTrainingOptions({
        ...preset.training,
        network: { ...preset.network, resolution: side },
        totalKimg: preset.totalKimg(side),
      });
      const reached = listPhases(training.schedule, training.network, training.totalKimg).at(-1)!;
      expect(reached).toMatchObject({ resolution: side, kind: 'stabilize' });
    }
  });

  it('is the preset, at most at the resolution of the images, then the options', () => {
    expect(resolve({}, { ...dataset, resolution: 8 }).training.network.resolution).toBe(8);
    const { training, fixedLengths } = resolve({
      resolution: '64x64',
      kimg: '12.5',
      minibatch: '4:32,64:8',
      fmapMax: '16',
      learningRate: '0.002',
      mirror: false,
      seed: '7',
    });
    expect(training).toMatchObject({
      totalKimg: 12.5,
      seed: 7,
      mirrorAugment: false,
      network: { resolution: 64, numChannels: 3, fmapMax: 16 },
      schedule: { GlrateBase: 0.002, DlrateBase: 0.002 },
    });
    expect(training.schedule.minibatchDict).toMatchObject({ 4: 32, 64: 8 });
    expect(fixedLengths).toBe(true);
  });

  it("with one minibatch for all drops the preset's exceptions", () => {
    expect(resolve({ minibatch: '8', preset: 'v2-1gpu' }).training.schedule).toMatchObject({
      minibatchBase: 8,
      minibatchDict: {},
    });
  });

  it('cannot be larger than the images', () => {
    expect(() => resolve({ resolution: '128' })).toThrow(
      '--resolution 128: the images of /data/faces have 64x64 pixels',
    );
  });

  it('is a preset with switches on top', () => {
    const { training, presetName } = resolve({ preset: 'v2-1gpu+no-wscale+no-growing', resolution: '32' });
    expect(presetName).toBe('v2-1gpu+no-wscale+no-growing');
    expect(training).toMatchObject({
      network: { useWscale: false, resolution: 32 },
      schedule: { lodTrainingKimg: 0 },
      totalKimg: 10000,
    });
  });

  it('has the shape of the images, halved to what was asked for', () => {
    const wide = { ...dataset, resolution: 224, width: 224, height: 160 };
    const shape = { baseWidth: 7, baseHeight: 5 };
    expect(resolve({ preset: 'v2-1gpu' }, wide).training.network).toMatchObject({
      ...shape,
      resolution: 128,
    });
    expect(resolve({ resolution: '16' }, wide).training.network).toMatchObject({ ...shape, resolution: 16 });
    expect(() => resolve({ resolution: '256' }, wide)).toThrow('have 224x160 pixels');
  });

  it('knows as much of the labels as was asked for', () => {
    const labelled = { ...dataset, labelComponents: 10 };
    const size = (labels?: string) =>
      resolve(labels === undefined ? {} : { labels }, labelled).training.network.labelSize;
    expect([size(), size('all'), size('1')]).toEqual([0, 10, 1]);
    expect(() => size('11')).toThrow('have labels of 10 components; choose at most that');
    expect(() => resolve({ labels: 'all' })).toThrow('have no labels');
  });

  it('is refused when it would fail hours later', () => {
    expect(() => resolve({ minibatch: '6' })).toThrow('do not divide into minibatch-stddev groups of 4');
  });
});

describe('how long it takes', () => {
  const { training } = resolve({ preset: 'v2-1gpu' });
  const speed = typicalSpeed.tensorflow;

  it('follows the multiplications of the network', () => {
    // 4x4: 16 pixels, 512 maps, 9 taps and 4 from the maps below.
    expect(passMacs(training.network, 4)).toBe(16 * 512 * 13 * 512);
    expect(passMacs(training.network, 8) - passMacs(training.network, 4)).toBe(64 * 512 * 13 * 512);
  });

  it('adds up over phases', () => {
    const phases = listPhases(training.schedule, training.network, training.totalKimg);
    const between = (from: number, to: number) => secondsBetween(training, phases, speed, from, to);
    expect(between(0, 2e6)).toBeCloseTo(between(0, 700_001) + between(700_001, 2e6), 6);
    const { fixed, variable } = predict(training, speed);
    expect(fixed).toBe(phases.length * speed.phaseSeconds);
    expect(between(0, 12e6)).toBeCloseTo(variable * 0.95 + fixed, 3);
  });

  it('is told by a run itself, whatever the first guess was', () => {
    const timeLeft = new TimeLeft(training, speed, 0);
    const phases = listPhases(training.schedule, training.network, training.totalKimg);
    const seconds = (from: number, to: number) => 5 * secondsBetween(training, phases, speed, from, to);
    const left = timeLeft.estimate(6e6, seconds(0, 6e6));
    expect(left / seconds(6e6, 12e6)).toBeCloseTo(1, 2);
  });
});

describe('fitting a time', () => {
  it('scales every length and nothing else', () => {
    const { training } = resolve({ preset: 'v1-1gpu' });
    const half = scaleLengths(training, 0.5);
    expect(half).toEqual({
      ...training,
      totalKimg: 9500,
      schedule: {
        ...training.schedule,
        lodTrainingKimg: 400,
        lodTransitionKimg: 400,
        tickKimgBase: 80,
        tickKimgDict: expect.objectContaining({ 4: 80, 1024: 5 }),
      },
    });
    expect(
      scaleLengths({ ...training, schedule: { ...training.schedule, lodTransitionKimg: 0 } }, 0.1).schedule
        .lodTransitionKimg,
    ).toBe(0);
  });

  it.each([
    ['a fast machine keeps the preset', 10, 90, false, 1],
    ['a little slower as well', 10, 330, false, 1],
    ['a slow one shrinks it', 60, 960, false, 0.25],
    ['a wish stretches', 10, 100, true, 2.9],
    ['and shrinks', 0, 330, true, 0.9],
    ['never to nothing', 400, 1000, true, 0.01],
  ])('%s', (_, fixed, variable, exactly, factor) => {
    expect(fitFactor({ fixed, variable }, 5, exactly)).toBe(factor);
  });
});
