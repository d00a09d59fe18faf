import type { ProgressReport, ResolutionSpeed, TrainingOptions } from '@pggan/model';
import { createProgress, formatDuration, type Progress } from '@pggan/terminal';
import type { Io } from '../io.js';
import { describePhase } from '../run/phase.js';
import { TimeLeft } from './time-left.js';

/** Seconds over which the rate is averaged. */
const rateWindow = 10;

/** Seconds between plain lines where there is no terminal. */
const lineInterval = 10;

/** `train: 3.2 of 22.8 kimg, 16x16 fading in, lod 1.30, 52 img/s, 4m 10s left`. */
export class TrainingBar {
  readonly #progress: Progress;
  readonly #options: TrainingOptions;
  readonly #timeLeft: TimeLeft;
  readonly #clock: () => number;
  readonly #interval: number;
  readonly #began: number;
  readonly #recent: { readonly at: number; readonly nimg: number }[];
  #written = -Infinity;

  /** @param start images shown before this process took over */
  constructor(
    options: TrainingOptions,
    speeds: readonly ResolutionSpeed[],
    start: number,
    io: Io,
    clock: () => number,
  ) {
    // A linear guess from the recent rate would be far too short, since a run gets slower as it grows:
    // with a clock that stands still the bar makes none, and ours is part of the note.
    this.#progress = createProgress({
      title: 'train',
      unit: 'kimg',
      stream: io.stderr,
      clock: () => 0,
      lineInterval: 0,
    });
    this.#options = options;
    this.#timeLeft = new TimeLeft(options, speeds, start);
    this.#clock = clock;
    this.#interval = io.stderr.isTTY ? 0 : lineInterval;
    this.#began = clock();
    this.#recent = [{ at: this.#began, nimg: start }];
  }

  update({ nimg, point }: ProgressReport): void {
    const now = this.#clock();
    const imagesPerSecond = this.#rate(now, nimg);
    if (now - this.#written < this.#interval) return;
    this.#written = now;
    const { network, totalKimg } = this.#options;
    const rate = imagesPerSecond.toFixed(imagesPerSecond < 10 ? 1 : 0);
    const left = formatDuration(this.#timeLeft.estimate(nimg, now - this.#began));
    this.#progress.update(
      nimg / 1000,
      totalKimg,
      `${describePhase(network.resolution, point.lod)}, lod ${point.lod.toFixed(2)}, ${rate} img/s, ${left} left`,
    );
  }

  /** Says what is done instead of training. */
  during(nimg: number, what: string): void {
    const now = this.#clock();
    if (now - this.#written < this.#interval) return;
    this.#written = now;
    this.#progress.update(nimg / 1000, this.#options.totalKimg, what);
  }

  /** Images per second over the last seconds; single passes jump, the first of a phase traces a graph. */
  #rate(now: number, nimg: number): number {
    const recent = this.#recent;
    recent.push({ at: now, nimg });
    while (recent.length > 2 && now - recent[1]!.at >= rateWindow) recent.shift();
    const first = recent[0]!;
    return (nimg - first.nimg) / Math.max(now - first.at, 1e-9);
  }

  log(line: string): void {
    this.#progress.log(line);
  }

  stop(): void {
    this.#progress.stop();
  }
}
