/** The rules by table, and faults put into real runs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine, tf } from '@pggan/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createTrainingState,
  disposeTrainingState,
  loadCheckpoint,
  saveCheckpoint,
  train,
  type LabelledImages,
  type TrainArguments,
  type TrainingEvent,
} from '../src/index.js';
import { nonFiniteTensor } from '../src/training-state.js';
import { divergenceSchema, freshHealth, judgePass, type Health } from '../src/divergence.js';
import { wganSchema } from '../src/options.js';
import { MemoryReader } from './memory-reader.js';
import { smallOptions, stateContents, stateTensors } from './train-small.js';

type Pass = Record<string, number | null>;
const calm: Pass = {
  'Loss/real_scores': 2,
  'Loss/fake_scores': -3,
  'TrainD/gradient_norm': 5,
  'TrainG/gradient_norm': 0.5,
  'TrainD/overflow_frequency': 0,
  'TrainG/overflow_frequency': 0,
};

describe('the rules', () => {
  const judged = (divergence: object = {}, wgan: object = {}, loss: 'wgan-gp' | 'lsgan' = 'wgan-gp') => ({
    loss,
    wgan: wganSchema.parse(wgan),
    divergence: divergenceSchema.parse(divergence),
  });
  /** Health after some passes. */
  const after = (passes: number, pass: Pass = calm, rules = judged()): Health => {
    let health = freshHealth();
    for (let i = 0; i < passes; i++) ({ health } = judgePass(rules, pass, health));
    return health;
  };

  it.each<[string, Parameters<typeof judged>, number, Pass, string | null]>([
    ['a calm pass', [], 50, {}, null],
    ['scores at the limit', [], 0, { 'Loss/real_scores': 10_000 }, null],
    [
      'scores past it',
      [],
      0,
      { 'Loss/real_scores': -10_001 },
      'scoreDrift: scores of reals -10000, of fakes -3',
    ],
    ['scores of fakes past it', [], 0, { 'Loss/fake_scores': 2e4 }, 'scoreDrift'],
    ['with a target', [{}, { target: 750 }], 0, { 'Loss/fake_scores': 2e4 }, null],
    [
      'which least squares have not',
      [{}, { target: 750 }, 'lsgan'],
      0,
      { 'Loss/fake_scores': 2e4 },
      'scoreDrift',
    ],
    [
      'an offset that nothing holds',
      [{}, { epsilon: 0 }],
      0,
      { 'Loss/real_scores': 5e4, 'Loss/fake_scores': 4.9e4 },
      null,
    ],
    [
      'a gap that nothing holds',
      [{}, { epsilon: 0 }],
      0,
      { 'Loss/real_scores': 5e4, 'Loss/fake_scores': 3e4 },
      'scoreDrift: scores of reals 50000, of fakes 30000; expected at most 10000 apart',
    ],
    [
      'scores too large for float32',
      [],
      0,
      { 'Loss/real_scores': null },
      'scoreDrift: scores of reals Infinity',
    ],
    [
      'both of them',
      [{}, { epsilon: 0 }],
      0,
      { 'Loss/real_scores': null, 'Loss/fake_scores': null },
      'scoreDrift: scores of reals Infinity, of fakes Infinity',
    ],
    ['the rule switched off', [{ scoreDrift: false }], 0, { 'Loss/real_scores': 1e9 }, null],
    ['another limit', [{ scoreDrift: { limit: 1 } }], 0, {}, 'scoreDrift'],
    [
      'a jump',
      [],
      10,
      { 'TrainD/gradient_norm': 6000 },
      'gradientJump: gradient norm of D 6000; expected at most 1000 times its average of 5',
    ],
    ['less than one', [], 10, { 'TrainD/gradient_norm': 4999 }, null],
    ['one from almost nothing', [], 10, { 'TrainG/gradient_norm': 999 }, null],
    ['one that early', [], 9, { 'TrainD/gradient_norm': 6000 }, null],
    ['an endless one', [], 10, { 'TrainG/gradient_norm': null }, 'gradientJump: gradient norm of G Infinity'],
    ['the rule off', [{ gradientJump: false }], 10, { 'TrainD/gradient_norm': null }, null],
    [
      'a pass whose updates were skipped',
      [],
      10,
      { 'TrainD/gradient_norm': null, 'Loss/fake_scores': null, 'TrainD/overflow_frequency': 1 },
      null,
    ],
  ])('%s', (_, settings, passes, changes, expected) => {
    const { divergence } = judgePass(judged(...settings), { ...calm, ...changes }, after(passes));
    if (expected === null) expect(divergence).toBeNull();
    else expect(`${divergence?.rule}: ${divergence?.cause}`).toContain(expected);
  });

  it('skipped updates are told, and are the end when they go on', () => {
    const rules = judged({ nonFinite: { passes: 3 } });
    const skipping: Pass = { ...calm, 'TrainG/gradient_norm': null, 'TrainG/overflow_frequency': 1 };
    let health = freshHealth();
    const told: string[] = [];
    for (const pass of [
      { ...calm, 'TrainD/overflow_frequency': 0.25 },
      skipping,
      skipping,
      calm,
      skipping,
      skipping,
      skipping,
    ]) {
      const verdict = judgePass(rules, pass, health);
      health = verdict.health;
      told.push([...verdict.notes.map(({ cause }) => cause), verdict.divergence?.cause ?? '-'].join(' | '));
    }
    const all = (passes: string) =>
      `all updates of G were skipped in ${passes} in a row: gradients not finite`;
    expect(told).toEqual([
      '25% of the updates of D in a pass were skipped: gradients not finite | -',
      `${all('1 pass')} | -`,
      `${all('2 passes')} | -`,
      '-',
      `${all('1 pass')} | -`,
      `${all('2 passes')} | -`,
      all('3 passes'),
    ]);
    const off = judgePass(judged({ nonFinite: false }), skipping, after(0));
    expect([off.notes, off.divergence]).toEqual([[], null]);
  });
});

describe('a run', () => {
  beforeAll(async () => {
    await startEngine({ backend: 'cpu' });
  });

  /** Trains with snapshots in memory of a folder, every 16 images. */
  async function run(args: Partial<TrainArguments> & Pick<TrainArguments, 'options'>) {
    const folder = await mkdtemp(join(tmpdir(), 'pggan-divergence-'));
    const snapshots: string[] = [];
    const events: TrainingEvent[] = [];
    const attempts: number[] = [];
    const rates: number[] = [];
    const state = createTrainingState(args.options);
    try {
      const outcome = await train({
        reader: new MemoryReader(8, 3, args.options.network.labelSize),
        state,
        onEvent: (event) => void events.push(event),
        onTick: ({ point }) => void rates.push(point.DLearningRate),
        onSnapshot: async ({ kimg, state }) => {
          const path = join(folder, String(kimg * 1000));
          await saveCheckpoint(path, state);
          if (!snapshots.includes(path)) snapshots.push(path);
        },
        lastGood: async (attempt) => {
          attempts.push(attempt);
          const path = snapshots.at(-attempt);
          return path === undefined ? null : await loadCheckpoint(path);
        },
        ...args,
      }).then(
        ({ finished }) => ({ finished }),
        (error) => ({ error }),
      );
      return { outcome, state, events, attempts, rates };
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  // 4x4, 4 images a step, 2 steps a pass: ticks and snapshots of two passes.
  const small = (divergence: object = {}, changes: object = {}) =>
    smallOptions({
      resolution: 8,
      maps: 2,
      totalKimg: 0.064,
      divergence,
      networkSnapshotTicks: 1,
      schedule: {
        minibatchBase: 4,
        lodTrainingKimg: 1,
        tickKimgBase: 0.016,
        tickKimgDict: {},
      },
      ...changes,
    });

  it('that stays calm has no events, and ends in the same bytes with all rules off', async () => {
    const { state, events, attempts } = await run({ options: small() });
    const off = { nonFinite: false, scoreDrift: false, gradientJump: false };
    const without = await run({ options: small(off) });
    expect([events, attempts]).toEqual([[], []]);
    const { health, ...rest } = stateContents(state);
    expect(stateContents(without.state)).toMatchObject(rest);
    expect(health).toMatchObject({ rollbacks: 0, norms: { D: { passes: 8 } } });
    [state, without.state].forEach(disposeTrainingState);
  });

  it('skips the updates that one minibatch of damaged labels would spoil', async () => {
    class Damaged extends MemoryReader {
      #batch = 0;
      override async nextBatch(level: number, minibatch: number): Promise<LabelledImages> {
        const batch = await super.nextBatch(level, minibatch);
        return this.#batch++ === 5 ? { ...batch, labels: batch.labels!.fill(NaN) } : batch;
      }
    }
    const base = small();
    const options = { ...base, network: { ...base.network, labelSize: 2 } };
    const { outcome, state, events } = await run({ options, reader: new Damaged(8, 3, 2) });
    expect(outcome).toEqual({ finished: true });
    expect(events).toEqual([
      {
        number: 1,
        event: 'skipped',
        rule: 'nonFinite',
        cause: '50% of the updates of D in a pass were skipped: gradients not finite',
        nimg: 24,
      },
    ]);
    // Its sixth update of sixteen is the one left out.
    expect(state.adamD.t.dataSync()[0]).toBe(15);
    expect(nonFiniteTensor(state)).toBeNull();
    disposeTrainingState(state);
  });

  /** Puts infinity into a weight of G once so many images were shown. */
  const spoil = (at: number, state: () => ReturnType<typeof createTrainingState>) => {
    let done = false;
    return ({ nimg }: { nimg: number }) => {
      if (done || nimg < at) return;
      done = true;
      const { G } = state();
      const name = '4x4/Conv/weight';
      const before = G[name]!;
      const values = before.dataSync().slice();
      values[3] = Infinity;
      G[name] = tf.tensor(values, before.shape);
      before.dispose();
    };
  };

  it('goes back to its last snapshot after an infinite weight, and on with other latents and images', async () => {
    const options = small({ nonFinite: { passes: 2 } });
    const straight = await run({ options });
    const tensors = tf.memory().numTensors;
    const state = createTrainingState(options);
    // Behind the snapshot at 16, before the one at 32.
    const got = await run({ options, state, onProgress: spoil(24, () => state) });
    disposeTrainingState(got.state);
    expect(got.outcome).toEqual({ finished: true });
    expect(got.events.map(({ event, nimg, backTo }) => [event, nimg, backTo?.nimg])).toEqual([
      ['skipped', 32, undefined],
      ['skipped', 32, undefined],
      ['rolled-back', 32, 16],
    ]);
    expect(got.attempts).toEqual([1]);
    expect(nonFiniteTensor(state)).toBeNull();
    expect(state.progress.nimg).toBe(64);
    expect(state.health).toMatchObject({ rollbacks: 1, attempts: 0, lostAt: 32, events: 3 });
    // It went from 32 back to 16, but the reader did not.
    expect((state.reader as { cursor: number }).cursor).toBe(64 + 16);
    expect(stateContents(state)['G/4x4/Conv/weight']).not.toEqual(
      stateContents(straight.state)['G/4x4/Conv/weight'],
    );
    expect(tf.memory().numTensors - tensors - stateTensors(state).size).toBe(0);
    [state, straight.state].forEach(disposeTrainingState);
  });

  it('never saves a number that is not finite: it goes back instead, to the beginning where there is nothing else', async () => {
    const options = small({ nonFinite: { passes: 100 } });
    const state = createTrainingState(options);
    const { outcome, events } = await run({ options, state, onProgress: spoil(8, () => state) });
    expect(outcome).toEqual({ finished: true });
    expect(events.filter(({ event }) => event === 'rolled-back')).toMatchObject([
      {
        rule: 'nonFinite',
        nimg: 16,
        backTo: { nimg: 0, tick: 0 },
        cause: expect.stringContaining('numbers that are not finite'),
      },
    ]);
    expect(nonFiniteTensor(state)).toBeNull();
    disposeTrainingState(state);
  });

  // Steady at 4x4 for 32 images, then a rate that no run survives.
  const exploding = (divergence: object = {}) =>
    small(divergence, {
      schedule: {
        minibatchBase: 4,
        lodTrainingKimg: 0.032,
        lodTransitionKimg: 0.032,
        DlrateDict: { 8: 10 },
        tickKimgBase: 0.016,
        tickKimgDict: {},
      },
    });

  it('with a rate that explodes goes back three times, further each time, then says what to change', async () => {
    const { outcome, state, events, attempts } = await run({ options: exploding() });
    expect(outcome).toMatchObject({
      error: {
        code: 'training-diverged',
        message: expect.stringMatching(
          /^training diverged at 0\.048 kimg after 3 rollbacks that did not help \(rule scoreDrift\): .*lower schedule\.DlrateBase/,
        ),
      },
    });
    expect(
      events.filter(({ event }) => event !== 'skipped').map(({ event, backTo }) => [event, backTo?.nimg]),
    ).toEqual([
      ['rolled-back', 32],
      ['rolled-back', 16],
      ['rolled-back', 0],
      ['gave-up', undefined],
    ]);
    expect(attempts).toEqual([1, 2, 3]);
    disposeTrainingState(state);
  });

  it('gets through when every rollback lowers the rates', async () => {
    const { outcome, state, events, rates } = await run({ options: exploding({ rateFactor: 1e-4 }) });
    expect(outcome).toEqual({ finished: true });
    expect(events.map(({ event }) => event)).toEqual(['rolled-back']);
    expect(rates.at(-1)).toBeCloseTo(1e-3, 9);
    expect(nonFiniteTensor(state)).toBeNull();
    disposeTrainingState(state);
  });

  it('ends at once where nothing was kept to go back to', async () => {
    const state = createTrainingState(exploding());
    const reader = new MemoryReader(8);
    await expect(train({ options: exploding(), reader, state })).rejects.toMatchObject({
      code: 'training-diverged',
      message: expect.stringMatching(/^training diverged at 0\.048 kimg \(rule scoreDrift\)/),
    });
    disposeTrainingState(state);
  });
});
