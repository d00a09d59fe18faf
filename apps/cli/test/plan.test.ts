import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { estimateSeconds, listPhases, parseTrainingOptions } from '@pggan/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseOptions } from '../src/options/parse.js';
import { trainOptionsSchema } from '../src/options/train.js';
import { findPreset, presetNames } from '../src/presets/index.js';
import { fitLengths } from '../src/train/fresh.js';
import { resolveTraining } from '../src/train/resolve.js';
import { TimeLeft } from '../src/train/time-left.js';
import { runHere, temporaryFolder, writeDiscs } from './support.js';

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
  const speeds = [4, 8, 16, 32, 64].map((resolution) => ({
    resolution,
    minibatch: 16,
    secondsPerKimg: resolution,
    startSeconds: 2,
  }));

  it('is told by a run itself, whatever was measured before', () => {
    const timeLeft = new TimeLeft(training, speeds, 0);
    const seconds = (from: number, to: number) => {
      const { training: steps, starts } = estimateSeconds(training, speeds, from, to);
      return 5 * (steps + starts);
    };
    const left = timeLeft.estimate(6e6, seconds(0, 6e6));
    expect(left / seconds(6e6, 12e6)).toBeCloseTo(1, 2);
  });

  it.each([
    ['a fast machine keeps the preset', 10, 85, false, 1],
    ['a little slower as well', 10, 310, false, 1],
    ['a slow one shrinks it', 60, 912, false, 0.25],
    ['a wish stretches', 10, 95, true, 2.9],
    ['and shrinks', 0, 313.5, true, 0.9],
    ['never to nothing', 400, 9500, true, 0.01],
  ])('fits a time: %s', (_, starts, steps, exactly, factor) => {
    expect(fitLengths({ starts, training: steps }, 5, exactly).factor).toBe(factor);
  });
});

describe('pggan plan', () => {
  let data: string;
  beforeAll(async () => {
    data = join(await temporaryFolder(), 'discs');
    await writeDiscs(data, 8, 24);
  });
  const plan = (...more: string[]) =>
    runHere(
      ...['plan', '--data', data, '--backend', 'wasm', '--fmap-base', '32', '--fmap-max', '4'],
      ...['--lod-training-kimg', '0.5', '--lod-transition-kimg', '0.25', '--tick-kimg', '0.1', '--kimg', '2'],
      ...more,
    );

  it('prints the whole schedule and writes nothing', async () => {
    const { code, stdout, stderr } = await plan('--minibatch', '4:16,8:8');
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('training to 8x8: 2 kimg in 3 phases'),
    });
    const lines = stdout.split('\n').map((line) => line.split(/ {2,}/).map((cell) => cell.trim()));
    // 4x4: G has 4 x 64 + 4, 9 x 4 x 4 + 4 and 4 x 3 + 3 weights.
    expect(lines.slice(0, 5).map((cells) => cells.slice(0, 8))).toEqual([
      ['phase', 'kimg', 'minibatch', 'at once', 'rate G', 'rate D', 'weights G', 'weights D'],
      ['4x4', '0-0.5', '16', '16', '0.003', '0.003', '423', '465'],
      ['8x8 fading in', '0.5-0.75', '8', '8', '0.003', '0.003', '734', '777'],
      ['8x8', '0.75-2', '8', '8', '0.003', '0.003', '719', '761'],
      ['in all', '2', '734', '777', ...lines[4]!.slice(4, 6)],
    ]);
    expect(stdout).toMatch(/\d+ ticks, \d+ snapshots of [\d.]+ KiB at most/);
    expect(await readdir(dirname(data))).toEqual(['discs']);
  });

  it('splits minibatches that do not fit, and says with --json what a run will do', async () => {
    const { code, stdout } = await plan('--micro-batch', '4', '--json');
    const found = JSON.parse(stdout) as {
      phases: { images: number; minibatch: number; peakBytes: number; seconds: number }[];
      totals: { seconds: number };
      problems: unknown[];
      microBatch: unknown;
    };
    expect({ code, problems: found.problems, microBatch: found.microBatch }).toEqual({
      code: 0,
      problems: [],
      microBatch: 4,
    });
    expect(found.phases.map(({ images, minibatch }) => [images, minibatch])).toEqual([
      [4, 16],
      [4, 16],
      [4, 16],
    ]);
    const seconds = found.phases.reduce((sum, phase) => sum + phase.seconds, 0);
    expect(found.totals.seconds).toBeCloseTo(seconds, 6);
    expect(Math.min(...found.phases.map(({ peakBytes }) => peakBytes))).toBeGreaterThan(2 ** 20);
  });

  it('refuses what would die on the way, and names the option', async () => {
    const { code, stdout, stderr } = await plan('--memory', '64MiB', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).problems).toMatchObject([
      { kind: 'memory', resolution: 4, minibatch: 16, availableBytes: 2 ** 26 },
      { kind: 'memory', resolution: 8 },
    ]);
    expect(stderr).toContain(
      'error: this run would not reach its end\n  memory: steps at 4x4 with 16 images',
    );
    expect(stderr).toMatch(/64 MiB are free; change narrower networks \(--fmap-base, --fmap-max\)/);
    const runs = join(dirname(data), 'runs');
    const started = await runHere(
      ...['train', '--data', data, '--runs', runs, '--backend', 'wasm', '--memory', '64MiB'],
    );
    expect(started).toMatchObject({ code: 1, stderr: expect.stringContaining('would not reach its end') });
    expect(await readdir(runs)).toEqual([]);
    await rm(runs, { recursive: true });
  });

  it.each([
    [['--micro-batch', '2'], 'microBatch: 2 images at a time at 4 px hold no whole minibatch-stddev group'],
    [['--minibatch', '6'], 'do not divide into minibatch-stddev groups of 4'],
    [['--resolution', '16'], '--resolution 16: the images of'],
  ])('%j is refused before anything is timed', async (more, message) => {
    const { code, stderr } = await plan(...more);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
    expect(stderr).not.toContain('a kimg');
  });

  it.each([
    [['--memory', 'much'], '--memory: expected a size such as 6GiB or 800MiB, got "much"'],
    [['--micro-batch', '0'], '--micro-batch: expected auto or a whole number of at least 1, got "0"'],
    [['--resume'], "unknown option '--resume'"],
  ])('%j is a wrong command line', async (more, message) => {
    expect(await plan(...more)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });
});
