import { completeSpeeds, estimateSeconds, type ResolutionSpeed, type TrainingOptions } from '@pggan/model';

/** Seconds that the first guess weighs against what is then observed. */
const priorSeconds = 15;

/**
 * Time left of a run that gets slower as it grows: speeds measured before it say how the resolutions
 * compare, the time spent so far says how fast the machine is now.
 */
export class TimeLeft {
  readonly #options: TrainingOptions;
  readonly #speeds: readonly ResolutionSpeed[];
  readonly #start: number;

  /** @param start images shown before this process took over */
  constructor(options: TrainingOptions, speeds: readonly ResolutionSpeed[], start: number) {
    this.#options = options;
    this.#speeds = completeSpeeds(options, speeds);
    this.#start = start;
  }

  /**
   * Seconds left.
   * @param images images shown in all
   * @param elapsed seconds since `start`
   */
  estimate(images: number, elapsed: number): number {
    const slowness = (elapsed + priorSeconds) / (this.#between(this.#start, images) + priorSeconds);
    return this.#between(images, this.#options.totalKimg * 1000) * slowness;
  }

  #between(from: number, to: number): number {
    const { training, starts } = estimateSeconds(this.#options, this.#speeds, from, to);
    return training + starts;
  }
}
