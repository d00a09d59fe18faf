/** The whole of a run on one page, before its first step. */
import { highestBlock } from '../config.js';
import { imageShape, type ImageShape } from '../image-shape.js';
import { microBatchSizes, wholeBatchReason } from '../micro-batch.js';
import type { TrainingOptions } from '../options.js';
import { listPhases, scheduleAt, type SchedulePhase } from '../schedule.js';
import { countParameters, discriminatorVariables, generatorVariables } from '../variables.js';
import { estimateSeconds } from './duration.js';
import type { MeasureBasis, ResolutionMeasure } from './measure.js';
import { phaseParameters, stateBytes } from './work.js';

/** Numbers of G and D. */
export interface ParameterCounts {
  readonly G: number;
  readonly D: number;
}

/** One phase of a run and what it takes. */
export interface PlannedPhase extends SchedulePhase, ImageShape {
  /** Images computed at a time; less than the minibatch where gradients are added up in parts. */
  readonly images: number;
  /** Trainable numbers in use. */
  readonly parameters: ParameterCounts;
  readonly seconds: number;
  /** The most bytes of memory the program takes in it. */
  readonly peakBytes: number;
  /** Where the last two come from. */
  readonly basis: MeasureBasis;
}

export interface PlanTotals {
  /** Thousands of images. */
  readonly kimg: number;
  /** Of training; pictures and snapshots come on top. */
  readonly seconds: number;
  readonly peakBytes: number;
  /** Of the whole networks. */
  readonly parameters: ParameterCounts;
  readonly ticks: number;
  /** Snapshots that are written, the last of all included. */
  readonly snapshots: number;
  /** Bytes of each, at most. */
  readonly snapshotBytes: number;
}

export interface RunPlan {
  readonly phases: readonly PlannedPhase[];
  readonly totals: PlanTotals;
}

/**
 * @param measures of every resolution the run visits, from measureRun
 */
export function planRun(options: TrainingOptions, measures: readonly ResolutionMeasure[]): RunPlan {
  const { network, schedule, totalKimg } = options;
  const phases = listPhases(schedule, network, totalKimg).map((phase): PlannedPhase => {
    const level = highestBlock(network) - Math.log2(phase.resolution);
    const measure = measures.find(({ resolution }) => resolution === phase.resolution);
    if (measure === undefined) throw new Error(`no measure of ${phase.resolution} px`);
    const [from, to] = phase.kimg;
    const { training, starts } = estimateSeconds(options, [measure], from * 1000, to * 1000);
    return {
      ...phase,
      ...imageShape(network, level),
      images: measure.images,
      parameters: phaseParameters(network, level, phase.kind === 'fade'),
      seconds: training + starts,
      peakBytes: measure.peakBytes,
      basis: measure.basis,
    };
  });
  const ticks = countTicks(options);
  return {
    phases,
    totals: {
      kimg: totalKimg,
      seconds: phases.reduce((sum, { seconds }) => sum + seconds, 0),
      peakBytes: Math.max(...phases.map(({ peakBytes }) => peakBytes)),
      parameters: {
        G: countParameters(generatorVariables(network)),
        D: countParameters(discriminatorVariables(network)),
      },
      ticks,
      snapshots: Math.ceil(ticks / options.networkSnapshotTicks),
      snapshotBytes: stateBytes(options),
    },
  };
}

/** Ticks of a run: each ends with the pass that reaches its length, the last with the run. */
export function countTicks(options: TrainingOptions): number {
  const { schedule, network, totalKimg, minibatchRepeats, DRepeats } = options;
  const total = totalKimg * 1000;
  let [ticks, tickStart, nimg] = [0, 0, 0];
  while (nimg < total) {
    const { minibatch, tickKimg } = scheduleAt(schedule, network, nimg);
    nimg += minibatch * minibatchRepeats * DRepeats;
    if (nimg >= total || nimg >= tickStart + tickKimg * 1000) {
      tickStart = nimg;
      ticks++;
    }
  }
  return ticks;
}

/** What a run would die of, for programs; people read it in the words of whoever asked. */
export type PlanProblem =
  | {
      readonly kind: 'memory';
      readonly resolution: number;
      readonly minibatch: number;
      /** Images at a time that were found too many. */
      readonly images: number;
      readonly neededBytes: number;
      readonly availableBytes: number;
      /** The next smaller number of images at a time; absent = there is none. */
      readonly smaller?: number;
      /** Why a minibatch cannot be split; absent = it can. */
      readonly whole?: string;
    }
  | {
      readonly kind: 'disk';
      readonly neededBytes: number;
      readonly availableBytes: number;
      readonly snapshots: number;
    };

export interface PlanLimits {
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Snapshots that the run keeps at the same time. */
  readonly keptSnapshots: number;
}

/** What stands in a plan's way: at most one problem of each resolution, and one of the disk. */
export function findProblems(options: TrainingOptions, plan: RunPlan, limits: PlanLimits): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const seen = new Set<number>();
  for (const { resolution, minibatch, images, peakBytes } of plan.phases) {
    if (peakBytes <= limits.memoryBytes || seen.has(resolution)) continue;
    seen.add(resolution);
    const smaller = microBatchSizes(options.network, minibatch).findLast((size) => size < images);
    const whole = wholeBatchReason(options.network);
    problems.push({
      kind: 'memory',
      resolution,
      minibatch,
      images,
      neededBytes: peakBytes,
      availableBytes: limits.memoryBytes,
      ...(smaller === undefined ? {} : { smaller }),
      ...(whole === null ? {} : { whole }),
    });
  }
  const { snapshotBytes } = plan.totals;
  // A new file is whole before the oldest goes.
  const neededBytes = (limits.keptSnapshots + 1) * snapshotBytes;
  if (neededBytes > limits.diskBytes) {
    problems.push({
      kind: 'disk',
      neededBytes,
      availableBytes: limits.diskBytes,
      snapshots: limits.keptSnapshots,
    });
  }
  return problems;
}

/** The images at a time that a plan found, as an option: resolutions that are split. */
export function plannedMicroBatch(plan: RunPlan): Record<string, number> {
  const split = plan.phases.filter(({ images, minibatch }) => images < minibatch);
  return Object.fromEntries(split.map(({ resolution, images }) => [String(resolution), images]));
}
