/** When is a run lost? Named rules on numbers that the steps report anyway, as pure functions. */
import { z } from 'zod';
import type { LossOptions } from './options.js';

const off = z.literal(false);

/** What is watched, and what is done about it. A rule is its limits, or false = off. */
export const divergenceSchema = z.strictObject({
  /**
   * An update whose gradients are not finite is always skipped (facts section 3). Lost once every update of G or of
   * D was skipped in so many passes in a row, or when a state about to be saved holds a number that is not finite.
   */
  nonFinite: z.union([off, z.strictObject({ passes: z.number().int().positive().default(10) })]).prefault({}),
  /**
   * Lost when the scores, averaged over a pass, are further from 0 than `limit` times wgan.target. Where nothing
   * keeps scores near 0 (wgan.epsilon 0), their offset means nothing: there the difference of reals and fakes counts.
   */
  scoreDrift: z.union([off, z.strictObject({ limit: z.number().positive().default(10_000) })]).prefault({}),
  /**
   * Lost when a gradient norm, averaged over a pass, is more than `factor` times its running average, and more than
   * `above`. The average starts afresh with Adam; its first 10 passes are not judged.
   */
  gradientJump: z
    .union([
      off,
      z.strictObject({
        factor: z.number().gt(1).default(1000),
        above: z.number().min(0).default(1000),
      }),
    ])
    .prefault({}),
  /** Most times that the whole run goes back to a good snapshot; then it ends with an error. */
  rollbacks: z.number().int().min(0).default(3),
  /** What both learning rates are multiplied with at every rollback, for the rest of the run; 1 = kept. */
  rateFactor: z.number().positive().max(1).default(1),
});
export type DivergenceOptions = Readonly<z.output<typeof divergenceSchema>>;

export type DivergenceRule = 'nonFinite' | 'scoreDrift' | 'gradientJump';

const normSchema = z.strictObject({
  /** Passes that the average is made of. */
  passes: z.number().int().min(0),
  average: z.number(),
});
const perNetwork = <T extends z.ZodType>(value: T) => z.strictObject({ G: value, D: value });

/** What the rules remember, plain JSON, part of the training state. */
export const healthSchema = z.strictObject({
  /** Passes in a row in which every update was skipped. */
  skipped: perNetwork(z.number().int().min(0)),
  /** Running averages of the gradient norms since Adam last started afresh. */
  norms: perNetwork(normSchema),
  /** Rollbacks in the whole run. */
  rollbacks: z.number().int().min(0),
  /** Rollbacks since the last snapshot past the point where the run was last lost. */
  attempts: z.number().int().min(0),
  /** Images shown when the run was last lost, 0 = never. */
  lostAt: z.number().int().min(0),
  /** Events reported in the whole run. */
  events: z.number().int().min(0),
});
export type Health = z.output<typeof healthSchema>;

type Network = 'G' | 'D';
const networks: readonly Network[] = ['G', 'D'];

export function freshHealth(): Health {
  return { skipped: { G: 0, D: 0 }, norms: freshNorms(), rollbacks: 0, attempts: 0, lostAt: 0, events: 0 };
}

/** Averages that know of no pass yet, as after every restart of Adam. */
export function freshNorms(): Health['norms'] {
  return { G: { passes: 0, average: 0 }, D: { passes: 0, average: 0 } };
}

/** Passes that an average of gradient norms reaches back. */
const normWindow = 100;
/** Passes before the first judgement. */
const normWarmup = 10;

/** Why a run is lost. */
export interface Divergence {
  readonly rule: DivergenceRule;
  /** A clause for people: what was seen, and the limit. */
  readonly cause: string;
}

export interface Verdict {
  readonly health: Health;
  /** What happened without being the end, such as a skipped update. */
  readonly notes: readonly Divergence[];
  readonly divergence: Divergence | null;
}

/** The settings that decide what is too much. */
export type Judged = Pick<LossOptions, 'wgan' | 'loss'> & { readonly divergence: DivergenceOptions };

/**
 * Judges one pass.
 * @param pass averages over the pass by official summary name; null = no finite value
 */
export function judgePass(
  { divergence: rules, wgan, loss }: Judged,
  pass: Readonly<Record<string, number | null>>,
  before: Health,
): Verdict {
  const health: Health = { ...before, skipped: { ...before.skipped }, norms: { ...before.norms } };
  const notes: Divergence[] = [];
  const found: Divergence[] = [];
  const share = (network: Network) => pass[`Train${network}/overflow_frequency`] ?? 0;
  // Nothing finite though the update was applied: a number too large for float32.
  const value = (name: string, network: Network) => pass[name] ?? (share(network) < 1 ? Infinity : null);

  for (const network of networks) {
    const skipped = share(network);
    const passes = (health.skipped[network] = skipped < 1 ? 0 : health.skipped[network] + 1);
    if (rules.nonFinite === false || skipped === 0) continue;
    const cause =
      skipped < 1
        ? `${Math.round(100 * skipped)}% of the updates of ${network} in a pass were skipped: gradients not finite`
        : `all updates of ${network} were skipped in ${passes} pass${passes === 1 ? '' : 'es'} in a row: ` +
          'gradients not finite';
    (passes >= rules.nonFinite.passes ? found : notes).push({ rule: 'nonFinite', cause });
  }

  if (rules.scoreDrift !== false) {
    const [real, fake] = ['Loss/real_scores', 'Loss/fake_scores'].map((name) => value(name, 'D'));
    const limit = rules.scoreDrift.limit * (loss === 'wgan-gp' ? wgan.target : 1);
    const held = loss !== 'wgan-gp' || wgan.epsilon > 0;
    if (real != null && fake != null) {
      const drift = held ? Math.max(Math.abs(real), Math.abs(fake)) : Math.abs(real - fake);
      // Two infinities differ by NaN.
      if (!(drift <= limit)) {
        const what = `scores of reals ${format(real)}, of fakes ${format(fake)}`;
        found.push({
          rule: 'scoreDrift',
          cause: `${what}; expected at most ${format(limit)} ${held ? 'from 0' : 'apart'}`,
        });
      }
    }
  }

  for (const network of networks) {
    const norm = value(`Train${network}/gradient_norm`, network);
    if (norm === null) continue;
    const { passes, average } = health.norms[network];
    if (rules.gradientJump !== false && passes >= normWarmup) {
      const { factor, above } = rules.gradientJump;
      if (norm > above && norm > factor * average) {
        const cause =
          `gradient norm of ${network} ${format(norm)}; ` +
          `expected at most ${format(factor)} times its average of ${format(average)}`;
        found.push({ rule: 'gradientJump', cause });
      }
    }
    if (!Number.isFinite(norm)) continue;
    const weight = Math.min(passes + 1, normWindow);
    health.norms[network] = { passes: passes + 1, average: average + (norm - average) / weight };
  }
  return { health, notes, divergence: found[0] ?? null };
}

const format = (value: number) => String(Number(value.toPrecision(4)));

/** What to change so that the next try may end better. */
export const divergenceRemedies: Readonly<Record<DivergenceRule, string>> = {
  nonFinite: 'lower schedule.GlrateBase and schedule.DlrateBase, and look for damaged images or labels',
  scoreDrift: 'lower schedule.DlrateBase, or raise divergence.scoreDrift.limit where such scores are wanted',
  gradientJump:
    'lower schedule.GlrateBase and schedule.DlrateBase, or raise divergence.gradientJump.factor where such jumps are wanted',
};
