/** Where a run is and what comes next, from what its files say; a pure function, so that every case can be tested. */
import {
  completeSpeeds,
  estimateSeconds,
  imageShape,
  listPhases,
  scheduleAt,
  type ResolutionSpeed,
} from '@pggan/model';
import type { EventRow } from '../run/events.js';
import type { StatsRow } from '../run/log.js';
import type { RunFacts } from './facts.js';

/**
 * `stopped`: by Ctrl-C; `gave-up`: it diverged, and going back did not help; `killed`: its process is gone without a
 * snapshot of its end.
 */
export type RunStatus = 'running' | 'elsewhere' | 'finished' | 'stopped' | 'gave-up' | 'killed';

export interface UpcomingEvent {
  readonly what: 'pictures' | 'metrics' | 'snapshot' | 'fade-begins' | 'fade-ends' | 'end';
  /** Thousands of images shown by then; pictures, metrics and snapshots come with the next pass. */
  readonly kimg: number;
  /** Resolution that is reached or fully visible. */
  readonly width?: number;
  readonly height?: number;
  /** From the last tick on; absent = the speed is not known. */
  readonly seconds?: number;
}

export interface RunReport {
  readonly name: string;
  readonly folder: string;
  readonly status: RunStatus;
  readonly pid?: number;
  readonly host?: string;
  /** As of the last tick. */
  readonly kimg: number;
  readonly totalKimg: number;
  readonly tick: number;
  readonly width: number;
  readonly height: number;
  readonly kind: 'fade' | 'stabilize';
  /** Share of the new resolution while fading, 0 … 1; 1 outside a fade. */
  readonly visible: number;
  readonly minibatch: number;
  readonly GLearningRate: number;
  readonly DLearningRate: number;
  readonly secondsPerKimg?: number;
  readonly secondsLeft?: number;
  /** Seconds spent in all. */
  readonly seconds: number;
  readonly next: readonly UpcomingEvent[];
  readonly dataset: RunFacts['config']['dataset'];
  readonly engine: RunFacts['config']['engine'];
  readonly preset: string;
  readonly created: string;
  readonly branchedFrom?: string;
  /** The newest file to go on from. */
  readonly checkpoint?: string;
  readonly events: readonly EventRow[];
  /** Ticks in which an update was skipped because a gradient was not finite. */
  readonly skippedTicks: number;
  readonly loggedAt?: number;
}

export function reportRun(facts: RunFacts): RunReport {
  const { config, rows, runner } = facts;
  const { training } = config;
  const last = rows.at(-1);
  const nimg = last?.images ?? 0;
  const point = scheduleAt(training.schedule, training.network, nimg);
  const fraction = point.lod - Math.floor(point.lod);
  const speeds = knownSpeeds(facts);
  const secondsTo = (images: number) => {
    if (speeds.length === 0) return undefined;
    const { training: steps, starts } = estimateSeconds(training, speeds, nimg, images);
    return steps + starts;
  };
  const tick = last?.['Progress/tick'] ?? 0;
  const left = secondsTo(training.totalKimg * 1000);
  const secondsPerKimg = last?.['Timing/sec_per_kimg'];
  const rollbacks = facts.events.filter(({ event }) => event === 'rolled-back').length;
  const rateFactor = training.divergence.rateFactor ** rollbacks;
  const checkpoint = facts.checkpoints.at(-1);
  return {
    name: facts.name,
    folder: facts.folder,
    status: statusOf(facts),
    ...(runner.pid === undefined ? {} : { pid: runner.pid }),
    ...(runner.host === undefined ? {} : { host: runner.host }),
    kimg: nimg / 1000,
    totalKimg: training.totalKimg,
    tick,
    ...imageShape({ ...training.network, resolution: point.resolution }),
    kind: fraction > 0 ? 'fade' : 'stabilize',
    visible: fraction > 0 ? 1 - fraction : 1,
    minibatch: point.minibatch,
    GLearningRate: point.GLearningRate * rateFactor,
    DLearningRate: point.DLearningRate * rateFactor,
    ...(secondsPerKimg == null ? {} : { secondsPerKimg }),
    ...(left === undefined ? {} : { secondsLeft: left }),
    seconds: last?.['Timing/total_sec'] ?? 0,
    next: nimg >= training.totalKimg * 1000 ? [] : upcoming(config, nimg, tick, secondsTo),
    dataset: config.dataset,
    engine: config.engine,
    preset: config.preset,
    created: config.created,
    ...(config.branchedFrom === undefined ? {} : { branchedFrom: config.branchedFrom }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    events: facts.events,
    skippedTicks: rows.filter(skipped).length,
    ...(facts.loggedAt === undefined ? {} : { loggedAt: facts.loggedAt }),
  };
}

function statusOf({ done, runner: { state }, events }: RunFacts): RunStatus {
  if (state === 'running' || state === 'elsewhere') return state;
  if (done) return 'finished';
  // A run that goes on takes this event out of its log.
  if (events.at(-1)?.event === 'gave-up') return 'gave-up';
  return state === 'killed' ? 'killed' : 'stopped';
}

const skipped = (row: StatsRow) =>
  (row['TrainG/overflow_frequency'] ?? 0) > 0 || (row['TrainD/overflow_frequency'] ?? 0) > 0;

/** What was seen at each resolution; what was measured before elsewhere, corrected by how the last one compares. */
function knownSpeeds({ config, rows, measures }: RunFacts): ResolutionSpeed[] {
  const { training } = config;
  const speeds = new Map<number, ResolutionSpeed>(measures.map((measure) => [measure.resolution, measure]));
  let slowness = 1;
  for (const row of rows) {
    const seconds = row['Timing/sec_per_kimg'];
    if (seconds == null || seconds <= 0) continue;
    const { resolution, minibatch } = scheduleAt(training.schedule, training.network, row.images);
    const measured = measures.find((measure) => measure.resolution === resolution);
    if (measured) slowness = seconds / measured.secondsPerKimg;
    const startSeconds = measured?.startSeconds ?? 0;
    speeds.set(resolution, { resolution, minibatch, secondsPerKimg: seconds, startSeconds });
  }
  const corrected = [...speeds.values()].map((speed) =>
    measures.some((measure) => measure === speed)
      ? { ...speed, secondsPerKimg: speed.secondsPerKimg * slowness }
      : speed,
  );
  return completeSpeeds(training, corrected);
}

/** The next of each kind, in order of time. */
function upcoming(
  { training, metrics }: RunFacts['config'],
  nimg: number,
  tick: number,
  secondsTo: (images: number) => number | undefined,
): UpcomingEvent[] {
  const { schedule, network, totalKimg } = training;
  const phases = listPhases(schedule, network, totalKimg);
  const at = phases.findIndex(({ kimg }) => nimg < kimg[1] * 1000);
  const event = (what: UpcomingEvent['what'], kimg: number, resolution?: number): UpcomingEvent => {
    const seconds = secondsTo(Math.min(kimg, totalKimg) * 1000);
    return {
      what,
      kimg: Math.min(kimg, totalKimg),
      ...(resolution === undefined ? {} : imageShape({ ...network, resolution })),
      ...(seconds === undefined ? {} : { seconds }),
    };
  };
  const events: UpcomingEvent[] = [];
  const phase = phases[at];
  const fade = phases.slice(at + 1).find(({ kind }) => kind === 'fade');
  if (phase?.kind === 'fade' && phase.kimg[1] < totalKimg) {
    events.push(event('fade-ends', phase.kimg[1], phase.resolution));
  }
  if (fade !== undefined) events.push(event('fade-begins', fade.kimg[0], fade.resolution));
  const { tickKimg } = scheduleAt(schedule, network, nimg);
  const ticksUntil = (every: number) => every - (tick % every);
  const { imageSnapshotTicks, networkSnapshotTicks } = training;
  if (metrics !== null) {
    const every = metrics.everyTicks ?? networkSnapshotTicks;
    events.push(event('metrics', nimg / 1000 + ticksUntil(every) * tickKimg));
  }
  events.push(
    event('pictures', nimg / 1000 + ticksUntil(imageSnapshotTicks) * tickKimg),
    event('snapshot', nimg / 1000 + ticksUntil(networkSnapshotTicks) * tickKimg),
    event('end', totalKimg),
  );
  return events.sort((a, b) => a.kimg - b.kimg);
}
