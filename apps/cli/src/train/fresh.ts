import { resolve } from 'node:path';
import { freeSpace, type EngineInfo } from '@pggan/engine';
import {
  estimateSeconds,
  fitFactor,
  imageShape,
  listPhases,
  mostSnapshots,
  plannedMicroBatch,
  planRun,
  retentionSchema,
  scaleLengths,
  type PlanLimits,
  type ResolutionMeasure,
  type RetentionPolicy,
  type RunPlan,
  type RunSeconds,
  type SchedulePhase,
  type TrainingOptions,
} from '@pggan/model';
import { formatDuration } from '@pggan/terminal';
import type { Io } from '../io.js';
import type { PlanCommandOptions } from '../options/train.js';
import { shorten } from '../paths.js';
import { measure, type Place } from '../plan/measure.js';
import { configVersion, describeSize, type RunConfig } from '../run/config.js';
import { version } from '../version.js';
import { resolveTraining } from './resolve.js';

export interface FreshRun {
  readonly config: RunConfig;
  readonly measures: readonly ResolutionMeasure[];
  readonly plan: RunPlan;
  readonly limits: PlanLimits;
}

/** The machine may be this much slower than the preset was made for before its lengths are touched. */
const tolerance = 1.2;

/** Part of a run's time that goes into steps; the rest is pictures and snapshots. */
const stepShare = 0.95;

/**
 * Everything a new run is made of, decided before its first step and kept in its config.json. The
 * lengths of a preset that is meant to take some minutes are cut to this machine's speed, minibatches
 * that do not fit its memory are split.
 * @param secondsPerResolution most seconds to time steps at a resolution
 */
export async function planFreshRun(
  options: PlanCommandOptions,
  place: Place,
  described: RunConfig['dataset'],
  secondsPerResolution: number,
  io: Io,
): Promise<FreshRun> {
  const { engine, memory } = place;
  const { preset, presetName, training, fixedLengths } = resolveTraining(options, engine.backend, described);
  const split = options.microBatch === undefined || options.microBatch === 'auto';
  const measures = await measure(training, place, { split, secondsPerResolution }, io);
  const minutes = options.minutes ?? (fixedLengths ? undefined : preset.minutes);
  const lengths: RunConfig['lengths'] =
    minutes === undefined
      ? { factor: 1, reason: fixedLengths ? 'given' : 'preset' }
      : fitLengths(estimateSeconds(training, measures), minutes, options.minutes !== undefined);
  const scaled = lengths.factor === 1 ? training : scaleLengths(training, lengths.factor);
  const plan = planRun(scaled, measures);
  const microBatch = plannedMicroBatch(plan);
  const splits = split && Object.keys(microBatch).length > 0;
  const phases = listPhases(scaled.schedule, scaled.network, scaled.totalKimg);
  io.stderr.write(
    `training to ${describeReach(scaled, phases)}: ${scaled.totalKimg} kimg in ` +
      `${phases.length} ${phases.length === 1 ? 'phase' : 'phases'}, ` +
      `about ${formatDuration(plan.totals.seconds / stepShare)}` +
      (lengths.factor === 1 ? '\n' : ` (lengths x${lengths.factor}: ${lengths.reason})\n`),
  );
  const snapshots = retentionSchema.parse(retentionOptions(options));
  const config: RunConfig = {
    schemaVersion: configVersion,
    pggan: version,
    created: new Date().toISOString(),
    preset: presetName,
    lengths,
    dataset: described,
    engine: describeEngine(engine),
    snapshots,
    metrics: null,
    training: splits ? { ...scaled, microBatch } : scaled,
  };
  const limits: PlanLimits = {
    memoryBytes: memory.bytes,
    diskBytes: await freeSpace(resolve(options.runs)),
    // The final network, too.
    keptSnapshots: mostSnapshots(snapshots, plan.totals.snapshots, measures.length) + 1,
  };
  return { config, measures, plan, limits };
}

/**
 * What to multiply a run's lengths with so that it ends in about `minutes`.
 * @param exactly stretch or shrink; otherwise only shrink, and only when clearly too slow, so that the
 *   default trains the same on every machine that can afford it
 */
export function fitLengths(expected: RunSeconds, minutes: number, exactly: boolean): RunConfig['lengths'] {
  const seconds = minutes * 60;
  const all = expected.starts + expected.training / stepShare;
  if (!exactly && all <= seconds * tolerance) return { factor: 1, reason: 'preset' };
  const spent = { ...expected, training: expected.training / stepShare };
  const factor = Math.max(0.01, Math.floor(fitFactor(spent, seconds) * 100) / 100);
  return { factor, reason: `${formatDuration(all)} expected here, ${minutes}m wanted` };
}

/** What the command line says about the snapshots that stay. */
export function retentionOptions({ keepSnapshots, keepBest }: PlanCommandOptions): Partial<RetentionPolicy> {
  return {
    ...(keepSnapshots === undefined ? {} : { last: keepSnapshots }),
    ...(keepBest === undefined ? {} : { best: keepBest }),
  };
}

/** `32x32`, or how far a run gets that ends before its networks have fully grown. */
function describeReach({ network }: TrainingOptions, phases: readonly SchedulePhase[]): string {
  const size = (resolution: number) => {
    const { width, height } = imageShape({ ...network, resolution });
    return `${width}x${height}`;
  };
  const { resolution, lod } = phases.at(-1)!;
  if (lod[1] === 0) return size(network.resolution);
  return `${size(resolution)} (too short to reach ${size(network.resolution)}; give it more --kimg)`;
}

export function describeEngine({
  backend,
  tensorflowVersion,
  gpu,
  threads,
}: EngineInfo): RunConfig['engine'] {
  return { backend, ...(tensorflowVersion ? { tensorflowVersion } : {}), gpu, threads };
}

export function announceDataset(path: string, dataset: RunConfig['dataset'], io: Io): void {
  const kind = dataset.channels === 1 ? 'gray images' : 'images';
  const size = describeSize(dataset);
  io.stderr.write(`dataset: ${shorten(resolve(path))}, ${dataset.count} ${kind} of ${size}\n`);
}
