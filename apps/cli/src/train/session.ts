import { join } from 'node:path';
import {
  train,
  type ImageReader,
  type ResolutionSpeed,
  type TrainingOptions,
  type TrainingState,
} from '@pggan/model';
import { onInterrupt } from '@pggan/terminal';
import type { Io } from '../io.js';
import { RunRecorder } from '../run/recorder.js';
import { runFiles } from '../run/names.js';
import { TrainingBar } from './bar.js';

export interface SessionArguments {
  /** The run folder; it exists. */
  readonly folder: string;
  readonly training: TrainingOptions;
  readonly reader: ImageReader;
  /** Where to go on from; absent = a fresh run. */
  readonly state?: TrainingState;
  /** As measured before, for a guess of the time left. */
  readonly speeds: readonly ResolutionSpeed[];
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
}

/** Trains inside a run folder until the end or the first Ctrl-C, which leaves a snapshot behind. */
export async function trainSession(args: SessionArguments): Promise<SessionResult> {
  const { folder, training, reader, io, clock } = args;
  const recorder = new RunRecorder(folder, training);
  const bar = new TrainingBar(training, args.speeds, args.state?.progress.nimg ?? 0, io, clock);
  const interrupt = onInterrupt((line) => bar.log(line));
  try {
    const { state, finished } = await train({
      options: training,
      reader,
      ...(args.state ? { state: args.state } : {}),
      signal: interrupt.signal,
      now: clock,
      onProgress: (report) => bar.update(report),
      onTick: (report) => recorder.tick(report),
      onImages: (report) => recorder.images(report),
      onSnapshot: (report) => recorder.snapshot(report),
    });
    const { nimg, seconds } = state.progress;
    if (!finished && nimg > 0) await recorder.save(state);
    return {
      finished,
      images: nimg,
      seconds,
      samples: recorder.lastFakes,
      reals: join(folder, runFiles.reals),
      checkpoint: recorder.lastCheckpoint,
    };
  } finally {
    interrupt.dispose();
    bar.stop();
  }
}
