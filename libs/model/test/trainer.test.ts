import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tf } from '@pggan/engine';
import { describe, expect, it, vi } from 'vitest';
import {
  createTrainingState,
  disposeTrainingState,
  formatTick,
  loadCheckpoint,
  saveCheckpoint,
  train,
  type ImagesReport,
  type TickReport,
  type TrainArguments,
} from '../src/index.js';
import { onBackends } from './backends.js';
import { MemoryReader } from './memory-reader.js';
import { smallOptions, stateContents, stateTensors } from './train-small.js';

// Recording the steps of five phases takes a busy machine of two cores a while.
vi.setConfig({ testTimeout: 240_000 });

/** Trains with an own reader, optionally stopping once `stopAt` images were shown. */
async function run(args: Partial<TrainArguments> & { stopAt?: number } = {}) {
  const { stopAt = Infinity, options = smallOptions(), ...rest } = args;
  const controller = new AbortController();
  const ticks: TickReport[] = [];
  const pictures: ImagesReport[] = [];
  const snapshots: { kimg: number; final: boolean }[] = [];
  const result = await train({
    options,
    reader: new MemoryReader(options.network.resolution),
    signal: controller.signal,
    onTick: (report) => void ticks.push(report),
    onImages: (report) => void pictures.push(report),
    onSnapshot: ({ kimg, final }) => void snapshots.push({ kimg, final }),
    ...rest,
    onProgress: (report) => {
      rest.onProgress?.(report);
      if (report.nimg >= stopAt) controller.abort();
    },
  });
  return { ...result, ticks, pictures, snapshots };
}

onBackends(['tensorflow', 'wasm', 'cpu'], (backend) => {
  // Plain JavaScript takes seconds for a step at 16 px.
  const narrow = smallOptions({ resolution: 8, maps: 2, totalKimg: 0.096 });
  const options = backend === 'cpu' ? narrow : smallOptions();

  it('grows, ticks, and frees every tensor', async () => {
    const before = tf.memory().numTensors;
    const lods: number[] = [];
    const strays = new Set<number>();
    const state = createTrainingState(options);
    const first = stateContents(state);
    const result = await run({
      options,
      state,
      onProgress: ({ point }) => {
        lods.push(point.lod);
        strays.add(tf.memory().numTensors - stateTensors(state).size - before);
      },
    });
    expect(result.finished).toBe(true);
    const [at4, at8, at16] = [
      [2, 2, 2, 2],
      [2, 1.75, 1.5, 1.25, 1, 1, 1, 1],
      [1, 0.75, 0.5, 0.25, 0, 0, 0, 0],
    ] as const;
    const expected = [...at4, ...at8, ...at16].map((lod) => lod - (backend === 'cpu' ? 1 : 0));
    lods.forEach((lod, i) => expect(lod).toBeCloseTo(expected[i]!, 9));
    // Between passes, nothing lives but the state, in all phases alike.
    expect([...strays]).toHaveLength(1);
    const ends = [40, 80, 120, 160].slice(0, backend === 'cpu' ? 2 : 4);
    if (backend === 'cpu') ends.push(96);
    expect(result.ticks.map(({ tick, nimg }) => [tick, nimg])).toEqual(ends.map((nimg, i) => [i + 1, nimg]));
    for (const { statistics } of result.ticks) {
      for (const [name, value] of Object.entries(statistics)) {
        expect(value, name).not.toBeNull();
        if (name.endsWith('overflow_frequency')) expect(value).toBe(0);
      }
    }
    expect(result.snapshots).toEqual([{ kimg: options.totalKimg, final: true }]);
    expect(result.pictures.map(({ kind, kimg }) => [kind, kimg])).toEqual([
      ['reals', 0],
      ['fakes', 0],
      ...ends.map((nimg) => ['fakes', nimg / 1000]),
    ]);
    const { resolution } = options.network;
    expect(result.pictures[1]!.grid).toMatchObject({
      width: 3 * resolution,
      height: 2 * resolution,
      channels: 3,
    });

    const last = stateContents(result.state);
    for (const name of Object.keys(last)) {
      if (/^(G|D|Gs)\//.test(name)) expect(last[name], name).not.toBe(first[name]);
    }
    disposeTrainingState(result.state);
    expect(tf.memory().numTensors).toBe(before);
  });

  // 24: steady at 4 px. 32: the edge before the fade. 44: inside the fade, where everything is in play. Where a run was
  // stopped is no business of a backend: the quickest to start shows all three.
  const stops = backend === 'wasm' ? [24, 32, 44] : [44];
  it(`stopped after ${stops.join(', ')} images and resumed, it ends in the same bytes`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pggan-model-'));
    const path = join(folder, 'state.safetensors');
    try {
      // Up to the end of the fade.
      const short = { ...narrow, totalKimg: 0.064 };
      const straight = await run({ options: short });
      const wanted = stateContents(straight.state);
      for (const stopAt of stops) {
        const stopped = await run({ options: short, stopAt });
        expect(stopped.finished).toBe(false);
        expect(stopped.state.progress.nimg).toBe(Math.ceil(stopAt / 8) * 8);
        await saveCheckpoint(path, stopped.state);
        const loaded = await loadCheckpoint(path);
        expect(stateContents(loaded)).toEqual(stateContents(stopped.state));
        const resumed = await run({ options: loaded.options, state: loaded });

        expect(resumed.finished).toBe(true);
        const ended = stateContents(resumed.state);
        const differing = Object.keys(wanted).filter(
          (name) => JSON.stringify(ended[name]) !== JSON.stringify(wanted[name]),
        );
        expect(differing).toEqual([]);
        const ticks = [...stopped.ticks, ...resumed.ticks];
        expect(ticks.map(({ statistics }) => statistics)).toEqual(
          straight.ticks.map(({ statistics }) => statistics),
        );
        const pictures = [...stopped.pictures, ...resumed.pictures];
        expect(pictures.map(({ grid }) => grid.data)).toEqual(straight.pictures.map(({ grid }) => grid.data));
        [stopped, resumed].forEach(({ state }) => disposeTrainingState(state));
      }
      disposeTrainingState(straight.state);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

onBackends(['wasm'], () => {
  it('takes clock times from the clock it is given', async () => {
    let time = 100;
    const options = smallOptions({ resolution: 8, totalKimg: 0.08 });
    const { ticks, state } = await run({ options, now: () => (time += 2) });
    expect(ticks.map(formatTick)).toEqual([
      'tick 1     kimg 0.0      lod 1.00  minibatch 4    time 10s          sec/tick 10.0    sec/kimg 250.00  maintenance 0.0',
      'tick 2     kimg 0.1      lod 0.00  minibatch 4    time 22s          sec/tick 10.0    sec/kimg 250.00  maintenance 2.0',
    ]);
    disposeTrainingState(state);
  });

  it('a signal raised beforehand trains nothing', async () => {
    const { state, finished, pictures } = await run({
      options: smallOptions({ resolution: 8 }),
      signal: AbortSignal.abort(),
    });
    expect(finished).toBe(false);
    expect(state.progress.nimg).toBe(0);
    expect(pictures.map(({ kind }) => kind)).toEqual(['reals', 'fakes']);
    disposeTrainingState(state);
  });

  describe('refuses', () => {
    it('images that do not fit the network', async () => {
      await expect(run({ reader: new MemoryReader(8) })).rejects.toMatchObject({
        code: 'reader-mismatch',
        message: expect.stringMatching(/16x16 pixels or doublings of that, got 3 and 8x8/),
      });
      await expect(run({ reader: new MemoryReader(16, 1) })).rejects.toMatchObject({
        code: 'reader-mismatch',
      });
    });

    it('a state of another network', async () => {
      const state = createTrainingState(smallOptions({ resolution: 8 }));
      await expect(run({ state })).rejects.toMatchObject({
        code: 'options-invalid',
        message: expect.stringContaining('network.resolution expected 8, got 16'),
      });
      disposeTrainingState(state);
    });
  });

  it('without optimiser restarts, moments of variables left behind decay', async () => {
    const options = smallOptions({
      resolution: 8,
      totalKimg: 0.08,
      resetOptForNewLod: false,
      adam: { beta1: 0.5 },
    });
    const { state } = await run({ options });
    expect(Object.keys(state.adamG.v)).toEqual(expect.arrayContaining(Object.keys(state.G)));
    expect(state.adamG.t.dataSync()[0]).toBe(20);
    const left = state.adamG.m['ToRGB_lod1/weight']!.dataSync();
    const alive = state.adamG.m['ToRGB_lod0/weight']!.dataSync();
    expect(Math.max(...left.map(Math.abs))).toBeGreaterThan(0);
    expect(Math.max(...left.map(Math.abs))).toBeLessThan(Math.max(...alive.map(Math.abs)));
    disposeTrainingState(state);
  });

  it('with restarts, only active variables have moments', async () => {
    const { state } = await run({ options: smallOptions({ resolution: 8, totalKimg: 0.08 }) });
    expect(Object.keys(state.adamG.v)).not.toContain('ToRGB_lod1/weight');
    expect(state.adamG.t.dataSync()[0]).toBe(4);
    disposeTrainingState(state);
  });
});
