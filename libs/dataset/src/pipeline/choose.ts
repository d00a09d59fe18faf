/** Second pass: of the candidates within the limits those that show the same are found, and the best ones. */
import { nearestDistances } from '../quality/duplicates.js';
import { HashIndex } from '../similarity/hash-index.js';
import { likeness, type Luma } from '../similarity/luma.js';
import { LumaCache } from '../similarity/luma-cache.js';
import { limitsAt } from '../similarity/near-duplicates.js';
import { fill, type FillContext } from './fill.js';
import { reducedLumaOf } from './image-hash.js';
import type { BuildPlan } from './options.js';
import { Ranking } from './rank.js';

/** Bits up to which the nearest other portrait is looked for; farther ones have nothing in common. */
const farthest = 12;

export interface Twin {
  readonly candidate: number;
  readonly picture: number; // in the source
  readonly distance: number; // bits
}

export interface Chosen {
  /** Bits to the nearest other portrait within the limits, null when there is none near; undefined for others. */
  nearest(candidate: number): number | null | undefined;
  /** The better one that a near duplicate was dropped for. */
  twin(candidate: number): Twin | undefined;
}

export interface ChooseContext extends FillContext {
  readonly considered: number; // pictures
  readonly plan: BuildPlan;
}

/**
 * Drops near duplicates and what is not among the best, where that was asked for; of equal ones the first of the
 * source stays. Takes 25 bytes per candidate, and some tens more for every score that it ranks by.
 */
export async function choose(context: ChooseContext): Promise<Chosen> {
  const { outcomes, considered, plan } = context;
  const { candidates, pictureOf } = outcomes.keptBefore(considered);
  const nearestOf = plan.prepare.align === 'face' ? nearestBy(candidates, context) : undefined;
  const twins = new Map<number, Twin>();
  const { top, nearDuplicates } = plan.select;
  const tooMany = top !== null && candidates.length > top;
  if (tooMany || nearDuplicates === 'drop') {
    const finder = nearDuplicates === 'drop' ? new TwinFinder(candidates, pictureOf, context) : undefined;
    let taken = 0;
    for (const place of await bestFirst(candidates, context)) {
      const candidate = candidates[place]!;
      if (taken === top) {
        outcomes.drop(candidate, 'not-among-best');
        continue;
      }
      const twin = await finder?.find(place);
      if (twin) {
        twins.set(candidate, twin);
        outcomes.drop(candidate, 'near-duplicate');
      } else {
        finder?.add(place);
        taken++;
      }
    }
  }
  return {
    nearest: (candidate) => nearestOf?.(candidate),
    twin: (candidate) => twins.get(candidate),
  };
}

function nearestBy(candidates: Int32Array, { outcomes }: ChooseContext): Chosen['nearest'] {
  const hashes = BigUint64Array.from(candidates, (candidate) => outcomes.hash(candidate));
  const nearest = nearestDistances(hashes, farthest);
  const none = 255;
  const byCandidate = new Uint8Array(outcomes.size).fill(none - 1);
  for (const [place, distance] of nearest.entries()) byCandidate[candidates[place]!] = distance ?? none;
  return (candidate) => {
    const distance = byCandidate[candidate]!;
    return distance === none ? null : distance === none - 1 ? undefined : distance;
  };
}

/** Places of the candidates, the best one's first. */
async function bestFirst(candidates: Int32Array, { outcomes, log, plan }: ChooseContext): Promise<number[]> {
  const ranking = new Ranking(plan.select.topBy, candidates.length);
  for (const [place, candidate] of candidates.entries())
    ranking.set(place, (await log.readHead(outcomes.entry(candidate)!)).report);
  return ranking.bestFirst();
}

/** Small pictures of those that were compared last. */
const cachedLumas = 4096;

/** Finds among those taken one that shows the same: alike in hash, and then in their pixels. */
class TwinFinder {
  readonly #index: HashIndex;
  readonly #indexed: number[] = []; // place of each hash of the index
  readonly #lumas = new LumaCache(cachedLumas);
  readonly #least: number;

  constructor(
    private readonly candidates: Int32Array,
    private readonly pictureOf: Int32Array,
    private readonly context: ChooseContext,
  ) {
    const { prepare, select } = context.plan;
    const limits = limitsAt(prepare.size, select);
    this.#index = new HashIndex(candidates.length, limits.distance);
    this.#least = limits.likeness;
  }

  async find(place: number): Promise<Twin | undefined> {
    const near: { place: number; distance: number }[] = [];
    const hash = this.context.outcomes.hash(this.candidates[place]!);
    this.#index.search(hash, (number, distance) => near.push({ place: this.#indexed[number]!, distance }));
    near.sort((a, b) => a.distance - b.distance || a.place - b.place);
    for (const { place: other, distance } of near)
      if (likeness(await this.#luma(place), await this.#luma(other)) >= this.#least)
        return { candidate: this.candidates[other]!, picture: this.pictureOf[other]!, distance };
    return undefined;
  }

  add(place: number): void {
    this.#index.add(this.context.outcomes.hash(this.candidates[place]!));
    this.#indexed.push(place);
  }

  async #luma(place: number): Promise<Luma> {
    const known = this.#lumas.get(place);
    if (known) return known;
    const { outcomes, log, plan } = this.context;
    const candidate = this.candidates[place]!;
    if (outcomes.isBare(candidate)) await fill(this.context, candidate, this.pictureOf[place]!);
    const { pixels } = await log.read(outcomes.entry(candidate)!);
    return this.#lumas.put(place, reducedLumaOf(pixels!, plan.prepare));
  }
}
