import { listPhases, type TrainingOptions } from '@pggan/model';
import { secondsBetween, type Speed } from './cost.js';

/** Model seconds that the first guess weighs against what is then observed. */
const priorSeconds = 15;

/**
 * Time left of a run that gets slower as it grows: the cost model says how the resolutions compare,
 * the time spent so far says how fast this machine is.
 */
export class TimeLeft {
  readonly #options: TrainingOptions;
  readonly #between: (from: number, to: number) => number;
  readonly #start: number;

  /** @param start images shown before this process took over */
  constructor(options: TrainingOptions, speed: Speed, start: number) {
    const phases = listPhases(options.schedule, options.network, options.totalKimg);
    this.#options = options;
    this.#between = (from, to) => secondsBetween(options, phases, speed, from, to);
    this.#start = start;
  }

  /**
   * Seconds left.
   * @param images images shown in all
   * @param elapsed seconds since `start`
   */
  estimate(images: number, elapsed: number): number {
    const modelled = this.#between(this.#start, images);
    const slowness = (elapsed + priorSeconds) / (modelled + priorSeconds);
    return this.#between(images, this.#options.totalKimg * 1000) * slowness;
  }
}
