/** A run before its first step: how long, in how much memory, and what would go wrong. */
import { peakResidentBytes, restartPeak, startEngine, tf } from '@pggan/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  completeSpeeds,
  countTicks,
  createTrainingState,
  disposeTrainingState,
  estimateMemory,
  estimateSeconds,
  findProblems,
  fitFactor,
  listPhases,
  measureRun,
  parseTrainingOptions,
  passMacs,
  plannedMicroBatch,
  planRun,
  scaleLengths,
  stateBytes,
  train,
  type ResolutionMeasure,
  type TrainingOptionsInput,
} from '../src/index.js';
import { MemoryReader } from './memory-reader.js';
import { smallOptions, stateTensors } from './train-small.js';

beforeAll(async () => {
  await startEngine({ backend: 'wasm' });
});

const measureOf = (
  resolution: number,
  secondsPerKimg: number,
  changes: Partial<ResolutionMeasure> = {},
): ResolutionMeasure => ({
  resolution,
  minibatch: 16,
  images: 16,
  secondsPerKimg,
  startSeconds: 2,
  peakBytes: 1e9,
  basis: 'measured',
  ...changes,
});

const options = (changes: Partial<TrainingOptionsInput> = {}) =>
  parseTrainingOptions({
    network: { resolution: 8 },
    schedule: { lodTrainingKimg: 10, lodTransitionKimg: 5, tickKimgDict: { 4: 2, 8: 1 } },
    totalKimg: 30,
    ...changes,
  });

describe('how long a run takes', () => {
  const speeds = [measureOf(4, 1), measureOf(8, 6)];

  it('adds up over phases, from anywhere to anywhere', () => {
    expect(estimateSeconds(options(), speeds)).toEqual({ training: 10 * 1 + 20 * 6, starts: 3 * 2 });
    expect(estimateSeconds(options(), speeds, 9000, 12_000)).toEqual({ training: 1 + 2 * 6, starts: 2 });
  });

  it('scales with its lengths, and with nothing else', () => {
    const factor = fitFactor(estimateSeconds(options(), speeds), 71);
    expect(factor).toBe(0.5);
    const half = scaleLengths(options(), factor);
    expect(half).toEqual({
      ...options(),
      totalKimg: 15,
      schedule: {
        ...options().schedule,
        lodTrainingKimg: 5,
        lodTransitionKimg: 2.5,
        tickKimgBase: 80,
        tickKimgDict: { 4: 1, 8: 0.5 },
      },
    });
    expect(estimateSeconds(half, speeds)).toEqual({ training: 65, starts: 6 });
    expect(parseTrainingOptions(half)).toEqual(half);
    const plain = options({ schedule: { lodTransitionKimg: 0 } });
    expect(scaleLengths(plain, 0.1).schedule.lodTransitionKimg).toBe(0);
    expect(fitFactor({ training: 100, starts: 50 }, 20)).toBe(0.02);
  });

  it('is guessed by the multiplications of a step where it was not timed', () => {
    const wide = options({ network: { resolution: 16 } });
    // 4x4: 16 pixels, 512 maps, 9 taps and 4 from the maps below.
    expect(passMacs(wide.network, 4)).toBe(16 * 512 * 13 * 512);
    expect(passMacs(wide.network, 8)).toBe(5 * passMacs(wide.network, 4));
    expect(passMacs(wide.network, 16)).toBe(21 * passMacs(wide.network, 4));
    const long = { ...wide, totalKimg: 100 };
    const guessed = (known: ResolutionMeasure[]) =>
      completeSpeeds(long, known).map(({ secondsPerKimg }) => secondsPerKimg);
    expect(guessed([measureOf(4, 2)])).toEqual([2, 10, 42].map((s) => expect.closeTo(s, 6)));
    // A second for every step besides: 1 + 4 (macs), so 4 more for 4 times the work, then 16 more.
    expect(guessed([measureOf(4, 2), measureOf(8, 6)])).toEqual([2, 6, expect.closeTo(22, 6)]);
    expect(guessed([])).toEqual([]);
  });
});

describe('a plan', () => {
  it('lists what each phase trains and takes', () => {
    const plan = planRun(options(), [measureOf(4, 1), measureOf(8, 6, { images: 4, basis: 'scaled' })]);
    expect(plan.phases).toMatchObject([
      {
        kind: 'stabilize',
        width: 4,
        height: 4,
        kimg: [0, 10],
        minibatch: 16,
        images: 16,
        // Facts 1.1 and 1.2: dense 512 x 16 x 512 + 512, conv 9 x 512 x 512 + 512, toRGB 512 x 3 + 3.
        parameters: {
          G: 512 * 16 * 512 + 512 + 9 * 512 * 512 + 512 + 512 * 3 + 3,
          D: 3 * 512 + 512 + 9 * 513 * 512 + 512 + 16 * 512 * 512 + 512 + 512 + 1,
        },
        seconds: 12,
        basis: 'measured',
      },
      { kind: 'fade', width: 8, kimg: [10, 15], seconds: 32, basis: 'scaled' },
      { kind: 'stabilize', width: 8, kimg: [15, 30], seconds: 92 },
    ]);
    // While fading the colour layers of both resolutions are trained.
    expect(plan.phases[1]!.parameters.G - plan.phases[2]!.parameters.G).toBe(512 * 3 + 3);
    expect(plan.totals).toMatchObject({
      kimg: 30,
      seconds: 136,
      peakBytes: 1e9,
      snapshots: Math.ceil(plan.totals.ticks / 10),
    });
    expect(plannedMicroBatch(plan)).toEqual({ 8: 4 });
  });

  it('counts ticks as the loop makes them', async () => {
    const growing = { lodTrainingKimg: 0.032, lodTransitionKimg: 0.032, tickKimgDict: { 4: 0.05, 8: 0.01 } };
    for (const changes of [{ minibatchRepeats: 3 }, { schedule: { minibatchBase: 4, ...growing } }]) {
      const run = smallOptions({ resolution: 8, maps: 2, totalKimg: 0.08, ...changes });
      let ticks = 0;
      const { state } = await train({
        options: run,
        reader: new MemoryReader(8),
        onTick: () => void ticks++,
      });
      disposeTrainingState(state);
      expect(countTicks(run)).toBe(ticks);
    }
  });

  it('names what does not fit, and what would', () => {
    const found = (changes: Partial<TrainingOptionsInput>, images: number) =>
      findProblems(
        options(changes),
        planRun(options(changes), [measureOf(4, 1), measureOf(8, 6, { images, peakBytes: 3e9 })]),
        { memoryBytes: 2e9, diskBytes: 1e12, keptSnapshots: 3 },
      );
    const memory = { kind: 'memory', resolution: 8, minibatch: 16, neededBytes: 3e9, availableBytes: 2e9 };
    expect(found({}, 16)).toEqual([{ ...memory, images: 16, smaller: 8 }]);
    expect(found({}, 4)).toEqual([{ ...memory, images: 4 }]);
    expect(found({ network: { resolution: 8, useBatchnorm: true } }, 16)).toMatchObject([
      { ...memory, images: 16, whole: expect.stringContaining('batch normalisation') },
    ]);
    const small = [measureOf(4, 1), measureOf(8, 6)];
    const limits = { memoryBytes: 2e9, diskBytes: 1e9, keptSnapshots: 3 };
    expect(findProblems(options(), planRun(options(), small), limits)).toEqual([
      {
        kind: 'disk',
        neededBytes: 4 * stateBytes(options()),
        availableBytes: 1e9,
        snapshots: 3,
      },
    ]);
    expect(findProblems(options(), planRun(options(), small), { ...limits, diskBytes: 1e10 })).toEqual([]);
  });
});

describe('measuring', () => {
  it('times every resolution and leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const run = smallOptions({ resolution: 8, maps: 2 });
    let time = 0;
    const measures = await measureRun({ options: run, passes: 1, now: () => (time += 1) });
    const expected = { minibatch: 4, images: 4, secondsPerKimg: 250, startSeconds: 0, basis: 'measured' };
    expect(measures).toMatchObject([
      { resolution: 4, ...expected },
      { resolution: 8, ...expected },
    ]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    [12, ['measured', 'scaled']],
    [4, ['measured', 'extrapolated']],
  ])('with %d s for each resolution, numbers are %j', async (secondsPerResolution, bases) => {
    const run = smallOptions({
      resolution: 8,
      maps: 2,
      schedule: { minibatchDict: { 4: 4, 8: 16 }, lodTrainingKimg: 0.032 },
    });
    // Two passes of a second by this clock: at 8 px, sixteen images should take 40 s, four 10 s.
    let time = 0;
    const now = () => (time += 1);
    const measures = await measureRun({ options: run, passes: 1, now, secondsPerResolution });
    expect(measures.map(({ basis }) => basis)).toEqual(bases);
    expect(measures.map(({ minibatch }) => minibatch)).toEqual([4, 16]);
    expect(measures[1]!.secondsPerKimg).toBe(bases[1] === 'scaled' ? 250 : 1250);
  });

  it('splits what would not fit, as far as groups of images go', async () => {
    const run = smallOptions({
      resolution: 8,
      maps: 2,
      schedule: { minibatchBase: 16, lodTrainingKimg: 0.02 },
    });
    const { fixed, perImage } = estimateMemory(run, 8);
    const tried: number[] = [];
    const measures = await measureRun({
      options: run,
      passes: 1,
      gpu: true,
      split: true,
      limitBytes: fixed + 9 * perImage,
      onResolution: ({ images }) => tried.push(images),
    });
    expect(tried).toEqual([16, 8]);
    expect(plannedMicroBatch(planRun(run, measures))).toEqual({ 8: 8 });
    const none = await measureRun({ options: run, passes: 1, gpu: true, split: true, limitBytes: fixed });
    expect(none[1]).toMatchObject({ images: 4, basis: 'extrapolated' });
    expect(none[1]!.peakBytes).toBeGreaterThan(fixed);
  });

  it("bounds the memory of every phase, and a state's bytes those of its tensors", async () => {
    const run = smallOptions({
      maps: 16,
      schedule: { minibatchBase: 16, lodTrainingKimg: 0.064, lodTransitionKimg: 0.064 },
      totalKimg: 0.4,
    });
    const plan = planRun(run, await measureRun({ options: run }));
    const phases = listPhases(run.schedule, run.network, run.totalKimg);
    const peaks = new Map<number, number>();
    restartPeak();
    const { state } = await train({
      options: run,
      reader: new MemoryReader(16),
      onProgress: ({ point }) => {
        peaks.set(point.resolution, Math.max(peaks.get(point.resolution) ?? 0, peakResidentBytes()));
        restartPeak();
      },
      onImages: () => undefined,
    });
    expect([...peaks.keys()]).toEqual([4, 8, 16]);
    for (const [index, { resolution }] of phases.entries()) {
      expect(peaks.get(resolution)).toBeLessThanOrEqual(plan.phases[index]!.peakBytes);
    }
    const bytes = [...stateTensors(state).values()].reduce((sum, tensor) => sum + 4 * tensor.size, 0);
    expect(bytes).toBeLessThanOrEqual(stateBytes(run) + 1000);
    expect(bytes).toBeGreaterThan(0.7 * stateBytes(run));
    disposeTrainingState(state);
    disposeTrainingState(createTrainingState(run));
  });
});
