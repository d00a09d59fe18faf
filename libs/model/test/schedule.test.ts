/** ../shared/golden/schedule.json: integers exact, lod to 1e-9. */
import { describe, expect, it } from 'vitest';
import {
  formatTime,
  listPhases,
  needsOptimizerReset,
  paperPresets,
  scheduleAt,
  scheduleSchema,
  snapshotGridSize,
  type PaperPresetName,
  type Schedule,
} from '../src/index.js';
import { fixture } from './golden.js';

type Row = [
  nimg: number,
  lod: number,
  resolution: number,
  minibatch: number,
  G: number,
  D: number,
  tickKimg: number,
];
interface ScheduleGolden {
  readonly rows: Record<string, Row[]>;
  readonly replayed_loop: Record<
    string,
    {
      total_kimg: number;
      minibatches: number;
      final_nimg: number;
      optimizer_resets: [nimg: number, lod: number, resolution: number][];
      ticks: number;
    }
  >;
  readonly format_time: Record<string, string>;
  readonly snapshot_grid: Record<string, [columns: number, rows: number]>;
}

const golden = JSON.parse(fixture('schedule.json').toString()) as ScheduleGolden;

/** The library's presets are 32-bit ones. */
const halfPrecision = { maxMinibatchPerDevice: { 512: 16, 1024: 8 } };

/** Reads a golden's title, such as `v2-1gpu fp32 resolution 64, initial 8, training 3, …`. */
function fromTitle(title: string): { schedule: Schedule; resolution: number; repeats: number } {
  const [preset = '', precision = ''] = title.split(/[ ,]/);
  const value = (name: string) => {
    const match = new RegExp(`\\b${name} ([\\d.]+)`).exec(title);
    return match ? Number(match[1]) : undefined;
  };
  const tick = value('tick');
  const initial = value('lod_initial_resolution') ?? value('initial');
  const training = value('training');
  const transition = value('transition');
  const schedule = scheduleSchema.parse({
    ...paperPresets[preset as PaperPresetName].training.schedule,
    ...(precision === 'fp16' && halfPrecision),
    ...(tick !== undefined && { tickKimgBase: tick, tickKimgDict: {} }),
    ...(initial !== undefined && { lodInitialResolution: initial }),
    ...(training !== undefined && { lodTrainingKimg: training }),
    ...(transition !== undefined && { lodTransitionKimg: transition }),
    ...(title.includes('no growing') && { lodTrainingKimg: 0, lodTransitionKimg: 0 }),
  });
  return {
    schedule,
    resolution: value('resolution') as number,
    repeats: value('minibatch_repeats') ?? 4,
  };
}

describe('schedule', () => {
  it.each(Object.keys(golden.rows))('%s', (title) => {
    const { schedule, resolution } = fromTitle(title);
    for (const [nimg, lod, ...rest] of golden.rows[title]!) {
      const point = scheduleAt(schedule, { resolution }, nimg);
      expect(point.lod).toBeCloseTo(lod, 9);
      expect([
        point.resolution,
        point.minibatch,
        point.GLearningRate,
        point.DLearningRate,
        point.tickKimg,
      ]).toEqual(rest);
    }
  });

  it.each(Object.keys(golden.replayed_loop))('bookkeeping of the loop: %s', (title) => {
    const wanted = golden.replayed_loop[title]!;
    const { schedule, resolution, repeats } = fromTitle(title);
    const total = wanted.total_kimg * 1000;
    let [nimg, lod, ticks, tickStart, minibatches] = [0, -1, 0, 0, 0];
    const resets: number[][] = [];
    while (nimg < total) {
      const point = scheduleAt(schedule, { resolution }, nimg);
      if (needsOptimizerReset(lod, point.lod)) resets.push([nimg, point.lod, point.resolution]);
      lod = point.lod;
      nimg += repeats * point.minibatch;
      minibatches += repeats;
      if (nimg >= total || nimg >= tickStart + point.tickKimg * 1000) {
        ticks += 1;
        tickStart = nimg;
      }
    }
    expect({ minibatches, nimg, ticks }).toEqual({
      minibatches: wanted.minibatches,
      nimg: wanted.final_nimg,
      ticks: wanted.ticks,
    });
    expect(resets.length).toBe(wanted.optimizer_resets.length);
    resets.forEach(([at, value, side], i) => {
      const [goldenAt, goldenLod, goldenSide] = wanted.optimizer_resets[i]!;
      expect([at, side]).toEqual([goldenAt, goldenSide]);
      expect(value).toBeCloseTo(goldenLod, 9);
    });
  });

  it('lists the phases of a run, and they agree with the schedule', () => {
    const schedule = scheduleSchema.parse({
      lodTrainingKimg: 2,
      lodTransitionKimg: 4,
      minibatchDict: { 8: 32 },
    });
    const network = { resolution: 16 };
    const phases = listPhases(schedule, network, 20);
    expect(phases.map(({ kind, resolution, lod, kimg, minibatch }) => [
      kind, resolution, ...lod, ...kimg, minibatch,
    ])).toEqual([
      ['stabilize', 4, 2, 2, 0, 2, 16],
      ['fade', 8, 2, 1, 2, 6, 32],
      ['stabilize', 8, 1, 1, 6, 8, 32],
      ['fade', 16, 1, 0, 8, 12, 16],
      ['stabilize', 16, 0, 0, 12, 20, 16],
    ]); // prettier-ignore
    for (const phase of phases) {
      const middle = scheduleAt(schedule, network, 500 * (phase.kimg[0] + phase.kimg[1]));
      expect(middle.resolution).toBe(phase.resolution);
      expect(middle.lod).toBeCloseTo((phase.lod[0] + phase.lod[1]) / 2, 9);
    }
  });

  it('a run that ends inside a fade says how far it got', () => {
    const schedule = scheduleSchema.parse({ lodTrainingKimg: 2, lodTransitionKimg: 4 });
    const last = listPhases(schedule, { resolution: 8 }, 5).at(-1);
    expect(last).toMatchObject({ kind: 'fade', resolution: 8, lod: [1, 0.25], kimg: [2, 5] });
  });

  it('phases of decimal lengths end where they should', () => {
    const schedule = scheduleSchema.parse({ lodTrainingKimg: 0.92, lodTransitionKimg: 0.92 });
    const phases = listPhases(schedule, { resolution: 16 }, 3.68);
    expect(phases.map(({ kimg, lod }) => [kimg[1], lod[1]])).toEqual([
      [0.92, 2],
      [1.84, 1],
      [2.76, 1],
      [3.68, 0],
    ]);
  });

  it('without growing there is one phase', () => {
    const schedule = scheduleSchema.parse({
      lodInitialResolution: 32,
      lodTrainingKimg: 0,
      lodTransitionKimg: 0,
    });
    expect(listPhases(schedule, { resolution: 32 }, 100)).toMatchObject([
      { kind: 'stabilize', resolution: 32, lod: [0, 0], kimg: [0, 100] },
    ]);
  });
});

it.each(Object.entries(golden.format_time))('%s seconds are written %s', (seconds, text) => {
  expect(formatTime(Number(seconds))).toBe(text);
});

it.each(Object.entries(golden.snapshot_grid))('a %s px grid', (title, [columns, rows]) => {
  const [size, side] = title.split(' ') as ['1080p' | '4k', string];
  const shape = { width: Number(side), height: Number(side) };
  expect(snapshotGridSize(size, shape)).toEqual({ columns, rows });
});
