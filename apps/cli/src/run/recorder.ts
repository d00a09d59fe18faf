import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatTick,
  saveCheckpoint,
  type ImagesReport,
  type SnapshotReport,
  type TickReport,
  type TrainingOptions,
  type TrainingState,
} from '@pggan/model';
import { writePng } from '../pictures/png.js';
import { notWritable } from './folder.js';
import { RunLog } from './log.js';
import { fakesName, runFiles, snapshotName } from './names.js';

/** Puts what the trainer reports into the run folder, under the official names. */
export class RunRecorder {
  readonly log: RunLog;
  readonly #folder: string;
  readonly #shortTicks: boolean;
  #lastFakes: string | undefined;
  #lastCheckpoint: string | undefined;

  constructor(folder: string, { schedule }: TrainingOptions) {
    this.log = new RunLog(folder);
    this.#folder = folder;
    this.#shortTicks = Math.min(schedule.tickKimgBase, ...Object.values(schedule.tickKimgDict)) < 1;
  }

  /** The newest picture of samples written so far. */
  get lastFakes(): string | undefined {
    return this.#lastFakes;
  }

  /** The newest checkpoint written so far. */
  get lastCheckpoint(): string | undefined {
    return this.#lastCheckpoint;
  }

  async tick(report: TickReport): Promise<void> {
    const { point } = report;
    await this.log.line(formatTick(report));
    await this.log.stats({
      images: report.nimg,
      'Progress/tick': report.tick,
      'Progress/kimg': report.kimg,
      'Progress/lod': report.lod,
      'Progress/minibatch': report.minibatch,
      'Timing/total_sec': report.totalSeconds,
      'Timing/sec_per_tick': report.secondsPerTick,
      'Timing/sec_per_kimg': report.secondsPerKimg,
      'Timing/maintenance_sec': report.maintenanceSeconds,
      'TrainG/learning_rate': point.GLearningRate,
      'TrainD/learning_rate': point.DLearningRate,
      ...report.statistics,
    });
  }

  async images({ kind, kimg, grid }: ImagesReport): Promise<void> {
    const name = kind === 'reals' ? runFiles.reals : fakesName(Math.round(kimg * 1000), this.#shortTicks);
    const path = join(this.#folder, name);
    await this.#guarded(() => writePng(path, grid));
    if (kind === 'fakes') this.#lastFakes = path;
  }

  async snapshot({ state, final }: SnapshotReport): Promise<void> {
    await this.save(state);
    if (!final) return;
    await this.#save(runFiles.final, state);
    await this.#guarded(() => writeFile(join(this.#folder, runFiles.done), ''));
  }

  /** A checkpoint named for where `state` stands. */
  async save(state: TrainingState): Promise<void> {
    await this.#save(snapshotName(state.progress.nimg, this.#shortTicks), state);
  }

  async #save(name: string, state: TrainingState): Promise<void> {
    const path = join(this.#folder, name);
    await this.#guarded(() => saveCheckpoint(path, state));
    this.#lastCheckpoint = path;
  }

  async #guarded(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      throw notWritable(this.#folder, error);
    }
  }
}
