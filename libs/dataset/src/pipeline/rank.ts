/** The order in which candidates are taken: the best first, by the scores that the user weighed. */
import { bestFirst, type RankedScore } from '../quality/best-first.js';
import { infoOf, type ScoreName } from './score-names.js';
import { scoreOf } from './select.js';
import type { StageReport } from './stage.js';

/** Collects the scores of so many candidates, then ranks them. Takes 8 bytes per candidate and score until then. */
export class Ranking {
  readonly #names: readonly ScoreName[];
  readonly #scores: readonly RankedScore[];

  constructor(
    topBy: Readonly<Partial<Record<ScoreName, number>>>, // weights
    private readonly candidates: number,
  ) {
    this.#names = Object.keys(topBy) as ScoreName[];
    this.#scores = this.#names.map((name) => ({
      weight: topBy[name]! * infoOf(name).better,
      values: new Float64Array(candidates).fill(NaN),
    }));
  }

  set(candidate: number, report: StageReport): void {
    for (const [i, name] of this.#names.entries())
      this.#scores[i]!.values[candidate] = scoreOf(report, name) ?? NaN;
  }

  /** Numbers of the candidates; of equal ones the first stays first. */
  bestFirst(): number[] {
    return bestFirst(this.#scores, this.candidates);
  }
}
