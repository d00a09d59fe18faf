/** Which snapshots of a run are kept; a pure function of what there is. */
import { z } from 'zod';

/** A snapshot is kept when any of the reasons given here holds. */
export const retentionSchema = z.strictObject({
  /** So many of the newest. */
  last: z.union([z.number().int().positive(), z.literal('all')]).default(3),
  /** The newest of every resolution. */
  perResolution: z.boolean().default(true),
  /** The best by a named number; null = by none. */
  best: z
    .strictObject({ metric: z.string().min(1), prefer: z.enum(['lower', 'higher']) })
    .nullable()
    .default(null),
});
export type RetentionPolicy = Readonly<z.output<typeof retentionSchema>>;

export interface Snapshot {
  readonly name: string;
  /** Images shown. */
  readonly nimg: number;
  /** Side of the images it was last trained with. */
  readonly resolution: number;
  /** Numbers known of it by name; null or absent = none, it is then never the best. */
  readonly metrics?: Readonly<Record<string, number | null>>;
}

export type KeepReason = 'last' | 'resolution' | 'best';

export interface JudgedSnapshot<S extends Snapshot> {
  readonly snapshot: S;
  /** Why it is kept; none = it may go. */
  readonly reasons: readonly KeepReason[];
}

/** All of them by age, oldest first. Of two that are equally good the newer is the best. */
export function judgeSnapshots<S extends Snapshot>(
  snapshots: readonly S[],
  policy: RetentionPolicy,
): JudgedSnapshot<S>[] {
  const ordered = [...snapshots].sort((a, b) => a.nimg - b.nimg);
  const last = new Set(policy.last === 'all' ? ordered : ordered.slice(-policy.last));
  const newest = new Map(ordered.map((snapshot) => [snapshot.resolution, snapshot]));
  const best = bestOf(ordered, policy.best);
  return ordered.map((snapshot) => {
    const reasons: KeepReason[] = [];
    if (last.has(snapshot)) reasons.push('last');
    if (policy.perResolution && newest.get(snapshot.resolution) === snapshot) reasons.push('resolution');
    if (snapshot === best) reasons.push('best');
    return { snapshot, reasons };
  });
}

function bestOf<S extends Snapshot>(ordered: readonly S[], policy: RetentionPolicy['best']): S | undefined {
  if (policy === null) return undefined;
  const sign = policy.prefer === 'lower' ? 1 : -1;
  let best: { readonly snapshot: S; readonly cost: number } | undefined;
  for (const snapshot of ordered) {
    const value = snapshot.metrics?.[policy.metric] ?? NaN;
    if (Number.isFinite(value) && sign * value <= (best?.cost ?? Infinity))
      best = { snapshot, cost: sign * value };
  }
  return best?.snapshot;
}

/**
 * Most snapshots that stay at a time; the next one is written before another goes.
 * @param written snapshots in all
 * @param resolutions that the run visits
 */
export function mostSnapshots(policy: RetentionPolicy, written: number, resolutions: number): number {
  if (policy.last === 'all') return written;
  const kept = policy.last + (policy.perResolution ? resolutions : 0) + (policy.best === null ? 0 : 1);
  return Math.min(written, kept);
}

/** Side of the images at a level of detail, -1 meaning before the first step. */
export function activeResolution({ resolution }: { readonly resolution: number }, lod: number): number {
  return lod < 0 ? 4 : resolution / 2 ** Math.floor(lod);
}
