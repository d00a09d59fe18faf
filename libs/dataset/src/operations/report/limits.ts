/** The lines that selection drew through the scores, as the index of a dataset has them. */
import { z } from 'zod';
import { withoutEffect } from '../../pipeline/applicable.js';
import type { DropReason } from '../../pipeline/reasons.js';
import { infoOf, isScoreName } from '../../pipeline/score-names.js';
import type { DatasetIndex } from '../../records/index-file.js';
import type { ManifestEntry } from '../manifest-lines.js';

export interface ScoreLimit {
  readonly score: string;
  readonly side: 'least' | 'most';
  readonly at: number; // itself allowed
  /** Of the best so many: not asked for as a number, but what the last of them has. */
  readonly cut: boolean;
}

/** Options of a build that are limits of a score. */
const optionLimits = {
  minFace: { score: 'eyeDistance', side: 'least' },
  minConfidence: { score: 'confidence', side: 'least' },
  enlargeLimit: { score: 'enlarged', side: 'most' },
  maxPad: { score: 'outside', side: 'most' },
  minSharpness: { score: 'sharpness', side: 'least' },
} as const;

const numbers = z.record(z.string(), z.number()).catch({});
const settingsSchema = z.looseObject({
  select: z.looseObject({
    min: numbers,
    max: numbers,
    top: z.number().nullish().catch(null),
    topBy: numbers,
  }),
});

/** How the images of a dataset were made; of faces, where it does not say. */
export function alignOf(index: DatasetIndex | null): 'face' | 'none' {
  const stage = index?.settings['stage'] as { readonly align?: unknown } | undefined;
  return stage?.align === 'none' ? 'none' : 'face';
}

const isAngle = (score: string) => isScoreName(score) && infoOf(score).angle === true;

/** As limits see it: of angles the size. */
export const comparable = (score: string, value: number) => (isAngle(score) ? Math.abs(value) : value);

/** None for a dataset whose index does not tell. */
export function limitsOf(index: DatasetIndex | null): ScoreLimit[] {
  const settings = settingsSchema.safeParse(index?.settings);
  if (!settings.success) return [];
  const { min, max, ...select } = settings.data.select;
  const found: ScoreLimit[] = [];
  for (const [option, limit] of Object.entries(optionLimits)) {
    const at = select[option];
    if (withoutEffect([option], alignOf(index)).length > 0) continue;
    if (typeof at === 'number' && at > 0) found.push({ ...limit, at, cut: false });
  }
  for (const [side, named] of [
    ['least', min],
    ['most', max],
  ] as const)
    for (const [score, at] of Object.entries(named)) found.push({ score, side, at, cut: false });
  return found;
}

/**
 * Where the choice of the best so many by one score has cut: what the worst that was kept has. Null where that left
 * nothing out, or went by several scores.
 */
export async function cutOf(
  index: DatasetIndex | null,
  entries: AsyncIterable<ManifestEntry>,
): Promise<ScoreLimit | null> {
  const settings = settingsSchema.safeParse(index?.settings);
  if (!settings.success || typeof settings.data.select.top !== 'number') return null;
  const weights = Object.entries(settings.data.select.topBy);
  const [score, weight] = weights[0] ?? [];
  if (weights.length !== 1 || score === undefined || weight === undefined) return null;
  const better = isScoreName(score) ? infoOf(score).better : 1;
  const side = weight * better > 0 ? 'least' : 'most';
  let at = side === 'least' ? Infinity : -Infinity;
  let leftOut = false;
  for await (const { decision, reason, scores } of entries) {
    leftOut ||= reason === ('not-among-best' satisfies DropReason);
    const value = scores?.[score];
    if (decision !== 'kept' || typeof value !== 'number') continue;
    at = side === 'least' ? Math.min(at, comparable(score, value)) : Math.max(at, comparable(score, value));
  }
  return leftOut && Number.isFinite(at) ? { score, side, at, cut: true } : null;
}

/** Whether a score is on the side of the line that is kept. */
export const meets = ({ side, at }: ScoreLimit, value: number) =>
  side === 'least' ? value >= at : value <= at;
