/** What the trainer does about divergence: it reports, goes back to a good state, or gives up. */
import { startFromData } from './data-dependent-start.js';
import {
  divergenceRemedies,
  freshNorms,
  judgePass,
  type Divergence,
  type DivergenceRule,
} from './divergence.js';
import { ModelError } from './errors.js';
import { scheduleAt, type SchedulePoint } from './schedule.js';
import {
  averagesOf,
  discriminatorStatistics,
  generatorStatistics,
  totals,
  type Totals,
} from './statistics.js';
import type { TrainArguments } from './trainer.js';
import {
  createTrainingState,
  spoiltTensor,
  takeOver,
  type TrainingProgress,
  type TrainingState,
} from './training-state.js';

/** Something that a run's log should tell. */
export interface TrainingEvent {
  /** 1 for the first of the run, over every resume; a resumed run repeats the numbers of what it does again. */
  readonly number: number;
  /** `skipped`: updates were left out; `rolled-back`: to `backTo`; `gave-up`: the run ends with an error. */
  readonly event: 'skipped' | 'rolled-back' | 'gave-up';
  readonly rule: DivergenceRule;
  /** What was seen and what the limit is, for people. */
  readonly cause: string;
  /** Images shown when it happened. */
  readonly nimg: number;
  /** The state that the run went back to. */
  readonly backTo?: Pick<TrainingProgress, 'nimg' | 'tick'>;
}

/** Watches one run. */
export class Recovery {
  readonly #args: TrainArguments;
  readonly #state: TrainingState;
  #before: Totals = {};

  constructor(args: TrainArguments, state: TrainingState) {
    this.#args = args;
    this.#state = state;
  }

  /** To be called when a pass begins. */
  passBegins(): void {
    this.#before = this.#totals();
  }

  /** Judges the pass by the sums that its steps left behind, and reports what is no reason to stop. */
  async passEnds(): Promise<Divergence | null> {
    const pass = averagesOf(this.#totals(), this.#before);
    const { health, notes, divergence } = judgePass(this.#args.options, pass, this.#state.health);
    this.#state.health = health;
    for (const note of notes) await this.#report('skipped', note);
    return divergence;
  }

  /** Whether the state may be saved as a good one. Reads all of it back. */
  beforeSnapshot(): Divergence | null {
    const { progress, health } = this.#state;
    const spoilt = spoiltTensor(this.#state);
    if (spoilt !== null) return { rule: 'nonFinite', cause: `${spoilt} holds numbers that are not finite` };
    if (progress.nimg > health.lostAt) health.attempts = 0;
    return null;
  }

  /** Adam starts afresh: so does what was learned about gradients. */
  adamRestarts(): void {
    this.#state.health.norms = freshNorms();
  }

  /** The schedule, with the rates that rollbacks have left. */
  scheduleAt(nimg: number): SchedulePoint {
    const { options } = this.#args;
    const point = scheduleAt(options.schedule, options.network, nimg);
    const factor = options.divergence.rateFactor ** this.#state.health.rollbacks;
    const { GLearningRate, DLearningRate } = point;
    return { ...point, GLearningRate: GLearningRate * factor, DLearningRate: DLearningRate * factor };
  }

  /**
   * Goes back to the last good state, or to the beginning when there is none. The random streams and the place in
   * the data stay where they are, so that other latents and images follow than those that led here.
   * @throws ModelError `training-diverged` when the run went back often enough, or cannot
   */
  async rollBack(divergence: Divergence): Promise<void> {
    const { options, reader, lastGood } = this.#args;
    const { health, progress } = this.#state;
    const { rollbacks } = options.divergence;
    const lostAt = progress.nimg;
    if (lastGood === undefined || health.rollbacks >= rollbacks) {
      await this.#report('gave-up', divergence);
      throw diverged(divergence, lostAt, health.rollbacks);
    }
    health.attempts += 1;
    const good = await lastGood(health.attempts);
    const { seconds } = progress;
    takeOver(this.#state, good ?? createTrainingState(options));
    // Time was spent all the same.
    progress.seconds = seconds;
    if (good === null) await startFromData(this.#state, reader, this.scheduleAt(0));
    Object.assign(health, { skipped: { G: 0, D: 0 }, norms: freshNorms(), lostAt });
    health.rollbacks += 1;
    const { nimg, tick } = progress;
    await this.#report('rolled-back', divergence, lostAt, { nimg, tick });
  }

  #totals(): Totals {
    const { options, statisticsD, statisticsG } = this.#state;
    return {
      ...totals(discriminatorStatistics(options), statisticsD),
      ...totals(generatorStatistics, statisticsG),
    };
  }

  async #report(
    event: TrainingEvent['event'],
    { rule, cause }: Divergence,
    nimg = this.#state.progress.nimg,
    backTo?: TrainingEvent['backTo'],
  ): Promise<void> {
    const number = (this.#state.health.events += 1);
    await this.#args.onEvent?.({
      number,
      event,
      rule,
      cause,
      nimg,
      ...(backTo === undefined ? {} : { backTo }),
    });
  }
}

function diverged({ rule, cause }: Divergence, nimg: number, rollbacks: number): ModelError {
  const tried =
    rollbacks === 0 ? '' : ` after ${rollbacks} rollback${rollbacks === 1 ? '' : 's'} that did not help`;
  return new ModelError(
    'training-diverged',
    `training diverged at ${nimg / 1000} kimg${tried} (rule ${rule}): ${cause}. ` +
      `To go on from an earlier snapshot, ${divergenceRemedies[rule]}; divergence.${rule}: false turns the rule off`,
  );
}
