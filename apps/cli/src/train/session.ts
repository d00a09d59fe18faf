import { join } from 'node:path';
import {
  ModelError,
  spoiltTensor,
  train,
  type ImageReader,
  type ResolutionSpeed,
  type RetentionPolicy,
  type SettingDifference,
  type TrainingOptions,
  type TrainingState,
} from '@pggan/model';
import { onInterrupt } from '@pggan/terminal';
import { invocation, type Io } from '../io.js';
import { shorten } from '../paths.js';
import { describeEvent, eventRow, type EventRow, type SettingsRow } from '../run/events.js';
import { RunRecorder } from '../run/recorder.js';
import { removeLeftovers, reopenRun } from '../run/snapshots.js';
import { runFiles } from '../run/names.js';
import { TrainingBar } from './bar.js';
import type { TrainingMetrics } from './metrics.js';

export interface SessionArguments {
  /** The run folder; it exists. */
  readonly folder: string;
  readonly training: TrainingOptions;
  readonly retention: RetentionPolicy;
  readonly reader: ImageReader;
  /** Where to go on from; absent = a fresh run. */
  readonly state?: TrainingState;
  /** What of its settings is not what it was. */
  readonly changes?: readonly SettingDifference[];
  /** For the headers of snapshots. */
  readonly notes?: Readonly<Record<string, string>>;
  /** First line of this session in log.txt. */
  readonly banner: string;
  /** As measured before, for a guess of the time left. */
  readonly speeds: readonly ResolutionSpeed[];
  /** What is measured on the way. */
  readonly metrics?: TrainingMetrics | undefined;
  readonly io: Io;
  /** Seconds of a clock that never goes back. */
  readonly clock: () => number;
}

export interface SessionResult {
  /** False when Ctrl-C stopped the run. */
  readonly finished: boolean;
  /** Images shown in all. */
  readonly images: number;
  /** Seconds spent training in all, over every resume. */
  readonly seconds: number;
  /** The newest picture of samples that this session wrote. */
  readonly samples: string | undefined;
  readonly reals: string;
  /** The checkpoint to use or to go on from; none when stopped before the first step. */
  readonly checkpoint: string | undefined;
  /** What of the settings was not what it was before. */
  readonly changes: readonly SettingDifference[];
  /** What this session added to events.jsonl. */
  readonly events: readonly EventRow[];
}

/**
 * Trains inside a run folder until the end or the first Ctrl-C, which leaves a snapshot behind.
 * @throws ModelError `training-diverged`; CliError `disk-full`, `run-not-writable`
 */
export async function trainSession(args: SessionArguments): Promise<SessionResult> {
  const { folder, training, retention, reader, io, clock, changes = [] } = args;
  const recorder = await RunRecorder.open(folder, training, retention, args.notes);
  const events: EventRow[] = [];
  if (args.state) await clearFolder(folder, recorder, args.state);
  await recorder.log.line(args.banner);
  if (args.state) events.push(...(await logChanges(recorder, args.state, changes)));
  const bar = new TrainingBar(training, args.speeds, args.state?.progress.nimg ?? 0, io, clock);
  const interrupt = onInterrupt((line) => bar.log(line));
  let toldOfBest = false;
  try {
    const { state, finished } = await train({
      options: training,
      reader,
      ...(args.state ? { state: args.state } : {}),
      signal: interrupt.signal,
      now: clock,
      onProgress: (report) => bar.update(report),
      onTick: async (report, state) => {
        const numbers = await args.metrics?.measure(state, report, {
          folder,
          snapshot: recorder.snapshotName(report.nimg),
          signal: interrupt.signal,
          during: (what) => bar.during(report.nimg, what),
          async log(line) {
            bar.log(line);
            await recorder.log.line(line);
          },
        });
        await recorder.tick(report, numbers);
      },
      onImages: (report) => recorder.images(report),
      onSnapshot: async (report) => {
        await recorder.snapshot(report);
        // Every tick has the same numbers, but for those that are measured now and then.
        const due = args.metrics === undefined ? !toldOfBest : report.final;
        const line = due ? await recorder.missingBest() : undefined;
        toldOfBest = true;
        if (line !== undefined) bar.log(line);
      },
      onEvent: async (event) => {
        events.push(eventRow(event));
        bar.log(await recorder.event(event));
      },
      lastGood: (attempt) => recorder.lastGood(attempt),
    });
    const { nimg, seconds } = state.progress;
    if (!finished && nimg > 0) await saveStopped(recorder, state, (line) => bar.log(line));
    return {
      finished,
      images: nimg,
      seconds,
      samples: recorder.lastFakes,
      reals: join(folder, runFiles.reals),
      checkpoint: recorder.lastCheckpoint,
      changes,
      events,
    };
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== 'training-diverged') throw error;
    const how = `${invocation(io, 'train')} --resume ${shorten(folder)} --learning-rate RATE`;
    throw new ModelError(error.code, `${error.message}. To try: ${how}`, { cause: error });
  } finally {
    interrupt.dispose();
    bar.stop();
  }
}

/** Takes out of a folder what came after the snapshot that is continued. */
async function clearFolder(
  folder: string,
  { log, snapshotName }: RunRecorder,
  { progress, health }: TrainingState,
): Promise<void> {
  await removeLeftovers(folder);
  await reopenRun(folder, snapshotName(progress.nimg));
  await log.rewind(progress, health.events);
}

/** Logs settings that change what is computed; returns what was added to events.jsonl. */
async function logChanges(
  { log }: RunRecorder,
  { progress, health }: TrainingState,
  changes: readonly SettingDifference[],
): Promise<EventRow[]> {
  const telling = changes.filter((change) => change.class === 'allowed');
  if (telling.length === 0) return [];
  health.events += 1;
  const row: SettingsRow = {
    number: health.events,
    event: 'settings-changed',
    images: progress.nimg,
    changes: telling,
  };
  await log.event(row);
  await log.line(describeEvent(row));
  return [row];
}

/** Keeps the state of a run that was stopped, unless it is one that nobody can go on from. */
async function saveStopped(
  recorder: RunRecorder,
  state: TrainingState,
  announce: (line: string) => void,
): Promise<void> {
  const spoilt = spoiltTensor(state);
  if (spoilt === null) await recorder.save(state);
  else announce(`${spoilt} holds numbers that are not finite: the snapshot before stays the last one`);
}
