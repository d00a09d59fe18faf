import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatTick,
  loadCheckpoint,
  saveCheckpoint,
  type ImagesReport,
  type RetentionPolicy,
  type SnapshotReport,
  type TickReport,
  type TrainingEvent,
  type TrainingOptions,
  type TrainingState,
} from '@pggan/model';
import { writePng } from '../pictures/png.js';
import { describeEvent, eventRow } from './events.js';
import { notWritable } from './folder.js';
import { RunLog } from './log.js';
import { countsImages, fakesName, runFiles, snapshotName, sortSnapshots } from './names.js';
import { dropSnapshotsPast, judgeFolder, pruneSnapshots } from './snapshots.js';

/** Puts what the trainer reports into the run folder, under the official names. */
export class RunRecorder {
  readonly log: RunLog;
  readonly #folder: string;
  readonly #retention: RetentionPolicy;
  readonly #shortTicks: boolean;
  readonly #notes: Readonly<Record<string, string>>;
  #lastFakes: string | undefined;
  #lastCheckpoint: string | undefined;

  private constructor(
    folder: string,
    retention: RetentionPolicy,
    shortTicks: boolean,
    notes: Readonly<Record<string, string>>,
  ) {
    this.log = new RunLog(folder);
    this.#folder = folder;
    this.#retention = retention;
    this.#shortTicks = shortTicks;
    this.#notes = notes;
  }

  /** @param notes for the headers of snapshots */
  static async open(
    folder: string,
    { schedule }: TrainingOptions,
    retention: RetentionPolicy,
    notes: Readonly<Record<string, string>> = {},
  ): Promise<RunRecorder> {
    const shortest = Math.min(schedule.tickKimgBase, ...Object.values(schedule.tickKimgDict));
    return new RunRecorder(folder, retention, countsImages(await readdir(folder), shortest), notes);
  }

  /** The newest picture of samples written so far. */
  get lastFakes(): string | undefined {
    return this.#lastFakes;
  }

  /** The newest checkpoint written so far. */
  get lastCheckpoint(): string | undefined {
    return this.#lastCheckpoint;
  }

  /** The name of a snapshot of a state after so many images. */
  readonly snapshotName = (nimg: number): string => snapshotName(nimg, this.#shortTicks);

  /** @param metrics measured at its end, by name */
  async tick(report: TickReport, metrics: Readonly<Record<string, number | null>> = {}): Promise<void> {
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
      ...metrics,
    });
  }

  async images({ kind, kimg, grid }: ImagesReport): Promise<void> {
    const name = kind === 'reals' ? runFiles.reals : fakesName(Math.round(kimg * 1000), this.#shortTicks);
    const path = join(this.#folder, name);
    await this.#guarded(() => writePng(path, grid));
    if (kind === 'fakes') this.#lastFakes = path;
  }

  /** A snapshot the schedule asks for; the final one is kept under a name of its own as well. */
  async snapshot({ state, final }: SnapshotReport): Promise<void> {
    await this.save(state);
    if (!final) return;
    await this.#save(runFiles.final, state);
    await this.#guarded(() => writeFile(join(this.#folder, runFiles.done), ''));
  }

  /** A checkpoint named for where `state` stands; older ones that nothing keeps are deleted. */
  async save(state: TrainingState): Promise<void> {
    await this.#save(this.snapshotName(state.progress.nimg), state);
    await this.#guarded(() => pruneSnapshots(this.#folder, this.#retention));
  }

  /** A line for people when none of the snapshots is kept as the best, for none has the number that decides. */
  async missingBest(): Promise<string | undefined> {
    const { best } = this.#retention;
    if (best === null) return undefined;
    const judged = await judgeFolder(this.#folder, this.#retention);
    if (judged.length === 0 || judged.some(({ reasons }) => reasons.includes('best'))) return undefined;
    const rows = await this.log.readStats();
    const names = Object.keys(rows.at(-1) ?? {}).filter((name) => !/^(images|Progress|Timing)/.test(name));
    return `no snapshot is kept as the best: none has the number ${best.metric} in stats.jsonl, which has ${names.join(', ')}`;
  }

  /**
   * Logs an event; after a rollback, drops what was written on the way that the run has left.
   * @returns the event as a line for people
   */
  async event(event: TrainingEvent): Promise<string> {
    const row = eventRow(event);
    const line = describeEvent(row);
    await this.log.event(row);
    await this.log.line(line);
    const { backTo } = event;
    if (backTo !== undefined) {
      await this.log.rewind(backTo);
      await this.#guarded(() => dropSnapshotsPast(this.#folder, backTo.nimg));
      const newest = sortSnapshots(await readdir(this.#folder)).at(-1);
      this.#lastCheckpoint = newest === undefined ? undefined : join(this.#folder, newest);
    }
    return line;
  }

  /** The newest snapshot, or the one `attempt - 1` before it as far as they go back; null when there is none. */
  async lastGood(attempt: number): Promise<TrainingState | null> {
    const names = sortSnapshots(await readdir(this.#folder));
    const name = names.at(-attempt) ?? names[0];
    return name === undefined ? null : await loadCheckpoint(join(this.#folder, name));
  }

  async #save(name: string, state: TrainingState): Promise<void> {
    const path = join(this.#folder, name);
    await this.#guarded(() => saveCheckpoint(path, state, this.#notes));
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
