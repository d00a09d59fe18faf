/** The presets against the numbers of facts 5 and 6; their schedules are in schedule.test.ts as well. */
import { describe, expect, it } from 'vitest';
import {
  featureMaps,
  listPhases,
  paperPresets,
  parseTrainingOptions,
  switches,
  withSwitches,
  type PaperPresetName,
  type Preset,
  type SwitchName,
} from '../src/index.js';

const names = Object.keys(paperPresets) as PaperPresetName[];

function parse({ network, training, totalKimg, resolution }: Preset, side = resolution ?? 1024) {
  return parseTrainingOptions({ ...training, network: { ...network, resolution: side }, totalKimg });
}
const options = (name: PaperPresetName) => parse(paperPresets[name]);

describe.each(names)('%s', (name) => {
  it('ends at its full resolution, also when that is a smaller one', () => {
    for (const side of [32, paperPresets[name].resolution ?? 1024]) {
      const { schedule, network, totalKimg } = parse(paperPresets[name], side);
      const last = listPhases(schedule, network, totalKimg).at(-1);
      expect(last).toMatchObject({ kind: 'stabilize', resolution: side });
    }
  });
});

describe('the older version', () => {
  const older: PaperPresetName[] = names.filter((name) => !/^v\d/.test(name));

  it.each(older)('%s has the base of appendix A.1', (name) => {
    expect(options(name)).toMatchObject({
      network: { fusedScale: false },
      minibatchRepeats: 1,
      wgan: { lambda: 10 },
      adam: { beta1: 0, epsilon: 1e-8 },
      loss: 'wgan-gp',
      imageSnapshotTicks: 4,
      networkSnapshotTicks: 40,
      schedule: { tickKimgBase: 50, tickKimgDict: { 32: 20, 64: 10, 128: 10, 256: 5, 512: 2, 1024: 1 } },
    });
  });

  it.each<[PaperPresetName, number, number, number, number, boolean]>([
    ['celebahq', 800, 19000, 40, 1, true],
    ['lsun', 800, 20000, 40, 1, true],
    ['lsun-full', 800, 20000, 40, 1, false],
    ['cifar10', 400, 20000, 0, 750, false],
  ])('%s: T = F = %d, total %d, ramp-up %d, gamma %d, mirror %s', (name, T, total, ramp, gamma, mirror) => {
    const found = options(name);
    expect(found).toMatchObject({
      totalKimg: total,
      mirrorAugment: mirror,
      GSmoothing: 0.999,
      wgan: { target: gamma, epsilon: 0.001 },
      adam: { beta2: 0.99 },
      schedule: { lodTrainingKimg: T, lodTransitionKimg: T, rampupKimg: ramp, GlrateBase: 0.001 },
    });
    const minibatches = listPhases(found.schedule, found.network, total).map((phase) => phase.minibatch);
    expect([...new Set(minibatches)]).toEqual(name === 'celebahq' ? [16, 14, 6, 3] : [16]);
  });

  it('CIFAR-10 has its own networks, which move together', () => {
    expect(options('cifar10')).toMatchObject({
      network: { resolution: 32, fmapBase: 4096, fmapMax: 128, latentSize: 128 },
      simultaneous: true,
    });
  });
});

describe('Table 1', () => {
  const off = { useWscale: false, usePixelnorm: false, mbstdGroupSize: 0 };
  const gulrajani = {
    ...off,
    latentSize: 128,
    normalizeLatents: false,
    useLeakyRelu: false,
    useBatchnorm: true,
    useLayernorm: true,
    tanhOutput: true,
  };
  const revised = {
    latentSize: 512,
    normalizeLatents: true,
    useLeakyRelu: true,
    useBatchnorm: false,
    useLayernorm: false,
    tanhOutput: false,
    minibatchDiscriminationKernels: 0,
  };
  /** Gs keeps this much from one G step to the next; 1 = the base's 0.999, in units of its exponent. */
  const rows: [
    PaperPresetName,
    object,
    { rate: number; minibatch: number; critic: number; smoothing: number },
  ][] = [
    ['table1-a', gulrajani, { rate: 1e-4, minibatch: 64, critic: 5, smoothing: 20 }],
    ['table1-b', gulrajani, { rate: 1e-4, minibatch: 64, critic: 5, smoothing: 20 }],
    ['table1-c', gulrajani, { rate: 1e-4, minibatch: 16, critic: 5, smoothing: 5 }],
    ['table1-d', { ...revised, ...off }, { rate: 1e-4, minibatch: 16, critic: 1, smoothing: 1 }],
    [
      'table1-e-star',
      { ...revised, ...off, minibatchDiscriminationKernels: 100 },
      { rate: 1e-4, minibatch: 16, critic: 1, smoothing: 1 },
    ],
    [
      'table1-e',
      { ...revised, ...off, mbstdGroupSize: 'all' },
      { rate: 1e-4, minibatch: 16, critic: 1, smoothing: 1 },
    ],
    [
      'table1-f',
      { ...revised, useWscale: true, usePixelnorm: false, mbstdGroupSize: 'all' },
      { rate: 1e-3, minibatch: 16, critic: 1, smoothing: 1 },
    ],
    [
      'table1-g',
      { ...revised, useWscale: true, usePixelnorm: true, mbstdGroupSize: 'all' },
      { rate: 1e-3, minibatch: 16, critic: 1, smoothing: 1 },
    ],
  ];

  it.each(rows)('%s', (name, network, { rate, minibatch, critic, smoothing }) => {
    const found = options(name);
    const grows = name !== 'table1-a';
    expect(found.network).toMatchObject({ ...network, resolution: 128, fmapBase: 2048 });
    expect(found).toMatchObject({
      totalKimg: 10000,
      mirrorAugment: true,
      DRepeats: critic,
      wgan: { epsilon: critic === 5 ? 0 : 0.001, target: 1 },
      adam: { beta2: critic === 5 ? 0.9 : 0.99 },
      schedule: {
        GlrateBase: rate,
        DlrateBase: rate,
        rampupKimg: 0,
        lodTrainingKimg: grows ? 800 : 0,
        lodTransitionKimg: grows ? 800 : 0,
      },
    });
    expect(found.GSmoothing ** critic).toBeCloseTo(0.999 ** smoothing, 12);
    const phases = listPhases(found.schedule, found.network, found.totalKimg);
    expect([...new Set(phases.map((phase) => phase.minibatch))]).toEqual([minibatch]);
    expect(phases[0]!.resolution).toBe(grows ? 4 : 128);
  });

  it('row h is row g with full capacity and a longer run', () => {
    const [g, h] = [options('table1-g'), options('table1-h')];
    expect(h).toEqual({ ...g, network: { ...g.network, fmapBase: 8192 }, totalKimg: 15000 });
  });
});

describe('MNIST modes', () => {
  it.each([2, 4])('D of size K/%d: four variants, each with one thing more', (divisor) => {
    const variant = (last: string) => options(`mnist-k${divisor}-${last}` as PaperPresetName);
    const baseline = variant('baseline');
    expect(baseline).toMatchObject({
      network: {
        architecture: 'small',
        resolution: 32,
        fmapBase: 64,
        latentSize: 64,
        discriminatorDivisor: divisor,
        normalizeLatents: true,
        tanhOutput: true,
        useBatchnorm: true,
        useWscale: false,
        usePixelnorm: false,
        mbstdGroupSize: 0,
      },
      DRepeats: 5,
      wgan: { epsilon: 0 },
      schedule: { minibatchBase: 64, GlrateBase: 0.001, lodTrainingKimg: 0, lodTransitionKimg: 0 },
      totalKimg: 10000,
      mirrorAugment: false,
    });
    expect(baseline.GSmoothing ** 5).toBeCloseTo(0.999, 12);
    expect([0, 1, 2, 3].map((stage) => featureMaps(baseline.network, stage))).toEqual([64, 32, 16, 8]);
    const norm = { ...baseline.network, useBatchnorm: false, useWscale: true, usePixelnorm: true };
    expect(variant('norm')).toEqual({ ...baseline, network: norm });
    const mbstd = { ...baseline, network: { ...norm, mbstdGroupSize: 'all' } };
    expect(variant('mbstd')).toEqual(mbstd);
    expect(variant('progressive')).toEqual({
      ...mbstd,
      schedule: {
        ...mbstd.schedule,
        lodInitialResolution: 4,
        lodTrainingKimg: 500,
        lodTransitionKimg: 2000,
      },
      totalKimg: 15000,
    });
  });
});

describe('switches', () => {
  const before = parse(paperPresets['v2-1gpu']);

  it.each<[SwitchName, (changed: typeof before) => object]>([
    [
      'no-growing',
      ({ schedule }) => ({
        totalKimg: 10000,
        schedule: { ...schedule, lodInitialResolution: 1024, lodTrainingKimg: 0, lodTransitionKimg: 0 },
      }),
    ],
    ['no-pixelnorm', ({ network }) => ({ network: { ...network, usePixelnorm: false } })],
    ['no-wscale', ({ network }) => ({ network: { ...network, useWscale: false } })],
    ['no-leakyrelu', ({ network }) => ({ network: { ...network, useLeakyRelu: false } })],
    ['no-smoothing', () => ({ GSmoothing: 0 })],
    ['no-repeat', () => ({ minibatchRepeats: 1 })],
    ['no-reset', () => ({ resetOptForNewLod: false })],
    [
      'minibatch-16',
      ({ schedule }) => ({
        schedule: { ...schedule, minibatchBase: 16, minibatchDict: {}, maxMinibatchPerDevice: {} },
      }),
    ],
    ['lsgan', () => ({ loss: 'lsgan' })],
  ])('%s changes one thing', (name, changes) => {
    const changed = parse(withSwitches(paperPresets['v2-1gpu'], [name]));
    expect(changed).not.toEqual(before);
    expect(changed).toEqual({ ...before, ...changes(before) });
  });

  it.each(names.filter((name) => !name.includes('mnist')))(
    'minibatch-16 holds at every size of %s',
    (name) => {
      const { schedule, network, totalKimg } = parse(withSwitches(paperPresets[name], ['minibatch-16']));
      const minibatches = listPhases(schedule, network, totalKimg).map((phase) => phase.minibatch);
      expect([...new Set(minibatches)]).toEqual([16]);
    },
  );

  it('add up', () => {
    const all = parse(withSwitches(paperPresets['v2-1gpu'], Object.keys(switches) as SwitchName[]));
    expect(all).toMatchObject({
      loss: 'lsgan',
      GSmoothing: 0,
      network: { useWscale: false, usePixelnorm: false, useLeakyRelu: false },
      schedule: { minibatchBase: 16, lodTrainingKimg: 0 },
    });
  });
});
