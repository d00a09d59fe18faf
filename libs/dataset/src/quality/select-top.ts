/**
 * Which pictures are taken, by their scores: first limits, then the best by a ranking, then the first so many. It
 * knows names and numbers only, so that a manifest is enough for another choice.
 */
import { z } from 'zod';
import { DatasetError } from '../errors.js';
import type { NearPair } from '../similarity/near-duplicates.js';

const limitSchema = z
  .strictObject({
    min: z.number().optional(), // least, itself allowed
    max: z.number().optional(), // most, itself allowed
    missing: z.enum(['keep', 'drop']).default('keep'), // a picture without this score
  })
  .refine(({ min = -Infinity, max = Infinity }) => min <= max, { error: 'min is above max' });

const rankSchema = z.strictObject({
  score: z.string().min(1),
  weight: z.number().default(1), // negative: less is better
});

export const selectionSchema = z.strictObject({
  limits: z.record(z.string().min(1), limitSchema).default({}),
  rank: z.array(rankSchema).default([]), // none: no picture is better than another
  /**
   * How scores become comparable before they are weighed: their rank among the pictures within the limits, 0 (least) to
   * 1, equal scores sharing the middle of their places; or their distance from the mean in standard deviations.
   */
  by: z.enum(['rank', 'z']).default('rank'),
  top: z.number().int().positive().nullable().default(null), // null: all
});

export type Selection = z.output<typeof selectionSchema>;
export type SelectionRequest = z.input<typeof selectionSchema>;

export interface Candidate {
  readonly path: string;
  readonly sha256: string | null;
  readonly scores: Readonly<Record<string, number | null>>;
}

export type RefusalReason =
  | 'score-missing'
  | 'below-minimum'
  | 'above-maximum'
  | 'near-duplicate' // of a picture that ranks before it
  | 'beyond-top';

/** About one candidate. */
export interface Choice {
  readonly place: number | null; // 0 is the best of those taken; null: not taken
  readonly key: number | null; // weighted sum by which it was ranked; null for those outside the limits
  readonly refused: RefusalReason | null;
  readonly score: string | null; // the one whose limit it does not meet
}

interface Ranked {
  readonly index: number;
  readonly key: number;
}

/**
 * One choice per candidate, in their order. Equal keys go by sha256, then by path, so that neither the order of the
 * candidates nor the machine decides. A picture without a score of the ranking counts as middling in it.
 *
 * `near`: pairs of candidates that show the same, by number; of each pair the worse is refused, if the better is taken.
 *
 * @throws DatasetError 'option-invalid' for a score that no candidate has.
 */
export function selectTop(
  candidates: readonly Candidate[],
  selection: Selection,
  near: readonly NearPair[] = [],
): Choice[] {
  checkNames(candidates, selection);
  const choices = candidates.map(({ scores }) => withinLimits(scores, selection));
  const within = choices.flatMap(({ refused }, index) => (refused ? [] : [index]));
  const keys = keysOf(
    within.map((index) => candidates[index]!),
    selection,
  );
  const ranked = within
    .map((index, i): Ranked => ({ index, key: keys[i]! }))
    .sort((a, b) => b.key - a.key || byIdentity(candidates[a.index]!, candidates[b.index]!));

  const neighbours = neighboursOf(near);
  let place = 0;
  for (const { index, key } of ranked) {
    const twin = neighbours.get(index)?.some((other) => choices[other]!.place !== null);
    const refused = twin ? 'near-duplicate' : place === selection.top ? 'beyond-top' : null;
    choices[index] = { place: refused ? null : place++, key, refused, score: null };
  }
  return choices;
}

function checkNames(candidates: readonly Candidate[], { limits, rank }: Selection): void {
  if (candidates.length === 0) return;
  const known = new Set(candidates.flatMap(({ scores }) => Object.keys(scores)));
  for (const name of [...Object.keys(limits), ...rank.map(({ score }) => score)]) {
    if (known.has(name)) continue;
    const names = [...known].sort().join(', ') || 'none';
    throw new DatasetError('option-invalid', `selection: no picture has the score ${name}; known: ${names}.`);
  }
}

const refusal = (refused: RefusalReason | null, score: string | null): Choice => ({
  place: null,
  key: null,
  refused,
  score,
});

/** The score of that name, if there is a number. */
function scoreOf(scores: Candidate['scores'], name: string): number | null {
  const value = Object.hasOwn(scores, name) ? scores[name] : null;
  return value != null && Number.isFinite(value) ? value : null;
}

function withinLimits(scores: Candidate['scores'], { limits }: Selection): Choice {
  for (const [name, { min = -Infinity, max = Infinity, missing }] of Object.entries(limits)) {
    const value = scoreOf(scores, name);
    if (value === null) {
      if (missing === 'drop') return refusal('score-missing', name);
    } else if (value < min) return refusal('below-minimum', name);
    else if (value > max) return refusal('above-maximum', name);
  }
  return refusal(null, null);
}

function keysOf(candidates: readonly Candidate[], { rank, by }: Selection): Float64Array {
  const keys = new Float64Array(candidates.length);
  for (const { score, weight } of rank) {
    const values = candidates.map(({ scores }) => scoreOf(scores, score));
    const comparable = by === 'rank' ? ranksOf(values) : deviationsOf(values);
    for (const [i, value] of comparable.entries()) keys[i]! += weight * value;
  }
  return keys;
}

const sorted = (values: readonly (number | null)[]) =>
  values.filter((value) => value !== null).sort((a, b) => a - b);

/** 0…1; missing ones and an only one get 0.5. */
function ranksOf(values: readonly (number | null)[]): number[] {
  const order = sorted(values);
  const places = new Map<number, number>();
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && order[to] === order[from]) to++;
    places.set(order[from]!, (from + to - 1) / 2);
    from = to;
  }
  return values.map((value) =>
    value === null || order.length < 2 ? 0.5 : places.get(value)! / (order.length - 1),
  );
}

/** In standard deviations from the mean; missing ones get 0. Summed from the least up: one sum for any order. */
function deviationsOf(values: readonly (number | null)[]): number[] {
  const order = sorted(values);
  const mean = order.reduce((sum, value) => sum + value, 0) / order.length;
  const spread = Math.sqrt(order.reduce((sum, value) => sum + (value - mean) ** 2, 0) / order.length);
  return values.map((value) => (value === null || !(spread > 0) ? 0 : (value - mean) / spread));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function byIdentity(a: Candidate, b: Candidate): number {
  return compare(a.sha256 ?? '', b.sha256 ?? '') || compare(a.path, b.path);
}

function neighboursOf(pairs: readonly NearPair[]): Map<number, number[]> {
  const neighbours = new Map<number, number[]>();
  const join = (a: number, b: number) => {
    const known = neighbours.get(a);
    if (known) known.push(b);
    else neighbours.set(a, [b]);
  };
  for (const { first, second } of pairs) {
    join(first, second);
    join(second, first);
  }
  return neighbours;
}
