/** The training loop (facts section 4). It touches no file: pictures and snapshots go to callbacks. */
import { setImmediate } from 'node:timers/promises';
import { tf } from '@pggan/engine';
import { resetAdam } from './adam.js';
import { ModelError } from './errors.js';
import { checkReader } from './check-reader.js';
import { startFromData } from './data-dependent-start.js';
import type { ImageGrid } from './image-grid.js';
import { nextReals } from './labels.js';
import type { TrainingOptions } from './options.js';
import type { ImageReader } from './reader.js';
import { needsOptimizerReset, type SchedulePoint } from './schedule.js';
import { averages, discriminatorStatistics, emptyStatistics, generatorStatistics } from './statistics.js';
import { compareTrainingOptions } from './resume-rules.js';
import { Recovery, type TrainingEvent } from './recovery.js';
import { SamplePictures } from './sample-pictures.js';
import type { TickReport } from './tick.js';
import { TrainingSteps } from './training-steps.js';
import { createTrainingState, type TrainingState } from './training-state.js';

/** After every pass of `minibatchRepeats` steps. */
export interface ProgressReport {
  /** Images shown so far, and in the whole run. */
  readonly nimg: number;
  readonly totalImg: number;
  readonly point: SchedulePoint;
  /** Over the last pass. */
  readonly imagesPerSecond: number;
}

/** A picture worth keeping. Official file names: `reals.png`, `fakes%06d.png` of truncated kimg. */
export interface ImagesReport {
  readonly kind: 'reals' | 'fakes';
  readonly kimg: number;
  readonly lod: number;
  readonly grid: ImageGrid;
}

/** A state worth keeping. Official names: `network-snapshot-%06d` of truncated kimg, `network-final`. */
export interface SnapshotReport {
  readonly kimg: number;
  /** Whether the run is complete. */
  readonly final: boolean;
  /** The live state: valid until the callback's promise settles. */
  readonly state: TrainingState;
}

export interface TrainArguments {
  readonly options: TrainingOptions;
  readonly reader: ImageReader;
  /** A state to go on from; absent = a fresh run. It is changed in place. */
  readonly state?: TrainingState;
  /** Stops after the pass in progress. */
  readonly signal?: AbortSignal;
  /** Seconds of a clock that never goes back. */
  readonly now?: () => number;
  readonly onProgress?: (report: ProgressReport) => void;
  /** @param state the live one, valid until the callback's promise settles; to look at, not to change */
  readonly onTick?: (report: TickReport, state: TrainingState) => void | Promise<void>;
  readonly onImages?: (report: ImagesReport) => void | Promise<void>;
  readonly onSnapshot?: (report: SnapshotReport) => void | Promise<void>;
  readonly onEvent?: (event: TrainingEvent) => void | Promise<void>;
  /**
   * A former state to go on from when training diverges (`options.divergence`); the trainer disposes of it. Null =
   * none yet: the run begins again. Without this function, divergence ends the run.
   * @param attempt 1 = the latest snapshot; 2 = the one before it, since going on from the latest did not help, …
   */
  readonly lastGood?: (attempt: number) => Promise<TrainingState | null>;
}

export interface TrainResult {
  /** Where training stands; the caller saves it if wanted and disposes of it. */
  readonly state: TrainingState;
  /** False when the signal stopped the run early. */
  readonly finished: boolean;
}

/**
 * Trains until `totalKimg` images were shown or the signal is raised.
 * @throws ModelError `reader-mismatch` when the images do not fit the network, `options-invalid` when
 *   a state of another network is to be continued, `training-diverged` when going back did not help
 */
export async function train(args: TrainArguments): Promise<TrainResult> {
  const { options, reader, signal } = args;
  checkReader(options, reader);
  const now = args.now ?? (() => performance.now() / 1000);
  const totalImg = options.totalKimg * 1000;
  const state = args.state ?? createTrainingState(options);
  checkState(options, state);
  state.options = options;
  const { progress } = state;
  const pictures = new SamplePictures(args, state);
  const steps = new TrainingSteps(options, reader.labels ?? null);
  const recovery = new Recovery(args, state);
  if (state.reader !== null) reader.restore(state.reader);

  try {
    let point = recovery.scheduleAt(progress.nimg);
    if (progress.nimg === 0) {
      await startFromData(state, reader, point);
      await pictures.reals();
      await pictures.fakes(point.lod);
    }
    let last = now();
    while (progress.nimg < totalImg && !signal?.aborted) {
      point = recovery.scheduleAt(progress.nimg);
      if (options.resetOptForNewLod && needsOptimizerReset(progress.lod, point.lod)) {
        resetAdam(state.adamG);
        resetAdam(state.adamD);
        recovery.adamRestarts();
      }
      progress.lod = point.lod;

      const before = progress.nimg;
      recovery.passBegins();
      for (let repeat = 0; repeat < options.minibatchRepeats; repeat++) {
        for (let i = 0; i < options.DRepeats; i++) {
          const level = Math.log2(point.resolution);
          const reals = await nextReals(reader, level, point.minibatch, options.network.labelSize);
          if (options.simultaneous) steps.simultaneous(state, reals, point);
          else steps.discriminator(state, reals, point);
          progress.nimg += point.minibatch;
        }
        if (!options.simultaneous) steps.generator(state, point);
      }

      // Steps block; timers and signals get their turn here.
      await setImmediate();
      const time = now();
      progress.seconds += time - last;
      progress.tickSeconds += time - last;
      const imagesPerSecond = (progress.nimg - before) / Math.max(time - last, 1e-9);
      last = time;
      args.onProgress?.({ nimg: progress.nimg, totalImg, point, imagesPerSecond });

      let lost = await recovery.passEnds();
      const done = progress.nimg >= totalImg;
      if (lost === null && (done || progress.nimg >= progress.tickStart + point.tickKimg * 1000)) {
        const report = closeTick(state, point);
        await args.onTick?.(report, state);
        if (done || report.tick % options.imageSnapshotTicks === 0) {
          await pictures.fakes(point.lod);
        }
        if (done || report.tick % options.networkSnapshotTicks === 0) {
          state.reader = reader.state();
          lost = recovery.beforeSnapshot();
          if (lost === null) await args.onSnapshot?.({ kimg: report.kimg, final: done, state });
        }
        last = now();
        progress.maintenanceSeconds = last - time;
        progress.seconds += last - time;
      }
      if (lost !== null) {
        await recovery.rollBack(lost);
        last = now();
      }
    }
    state.reader = reader.state();
    return { state, finished: progress.nimg >= totalImg };
  } finally {
    steps.dispose();
  }
}

/** Ends a tick: its report, with the running averages, which start again. */
function closeTick(state: TrainingState, point: SchedulePoint): TickReport {
  const { progress } = state;
  const kimg = progress.nimg / 1000;
  const tickKimg = kimg - progress.tickStart / 1000;
  progress.tick += 1;
  const report: TickReport = {
    tick: progress.tick,
    nimg: progress.nimg,
    kimg,
    lod: point.lod,
    minibatch: point.minibatch,
    point,
    totalSeconds: progress.seconds,
    secondsPerTick: progress.tickSeconds,
    secondsPerKimg: progress.tickSeconds / tickKimg,
    maintenanceSeconds: progress.maintenanceSeconds,
    statistics: {
      ...averages(discriminatorStatistics(state.options), state.statisticsD),
      ...averages(generatorStatistics, state.statisticsG),
    },
  };
  tf.dispose([state.statisticsD, state.statisticsG]);
  state.statisticsD = emptyStatistics(discriminatorStatistics(state.options));
  state.statisticsG = emptyStatistics(generatorStatistics);
  progress.tickStart = progress.nimg;
  progress.tickSeconds = 0;
  return report;
}

function checkState(options: TrainingOptions, state: TrainingState): void {
  const refused = compareTrainingOptions(state.options, options).filter((d) => d.class === 'refused');
  if (refused.length === 0) return;
  throw new ModelError(
    'options-invalid',
    'the state to continue belongs to another run: ' +
      refused
        .map(({ setting, was, now, reason }) => `${setting} expected ${was}, got ${now} (${reason})`)
        .join('; '),
  );
}
