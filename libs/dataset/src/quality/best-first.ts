/** Which of several are the best, by several scores at once. It knows numbers only. */

export interface RankedScore {
  readonly weight: number; // negative: less is better
  readonly values: Float64Array; // of each candidate; NaN: it has none
}

/**
 * Numbers of the candidates, the best one's first; of equal ones the first stays first.
 *
 * Scores become comparable by their rank: 0 (the least) to 1 (the largest), equal ones sharing the middle of their places;
 * a candidate without the score has 0.5. The ranks, times their weights, are added; the largest sum is the best.
 */
export function bestFirst(scores: readonly RankedScore[], candidates: number): number[] {
  const keys = new Float64Array(candidates);
  for (const { weight, values } of scores)
    for (const [i, rank] of ranksOf(values).entries()) keys[i]! += weight * rank;
  return Array.from(keys.keys()).sort((a, b) => keys[b]! - keys[a]! || a - b);
}

/** 0…1; missing ones and an only one get 0.5. */
function ranksOf(values: Float64Array): Float64Array {
  const order = values.filter((value) => !Number.isNaN(value)).sort();
  const ranks = new Map<number, number>();
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && order[to] === order[from]) to++;
    ranks.set(order[from]!, (from + to - 1) / 2 / (order.length - 1));
    from = to;
  }
  return values.map((value) => (Number.isNaN(value) || order.length < 2 ? 0.5 : ranks.get(value)!));
}
