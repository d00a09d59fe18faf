/** The lines that selection drew through the scores, as the index of a dataset has them. */
import { z } from 'zod';
import type { DatasetIndex } from '../../records/index-file.js';

export interface ScoreLimit {
  readonly score: string;
  readonly side: 'least' | 'most';
  readonly at: number; // itself allowed
}

/** Options of a build that are limits of a score. */
const optionLimits = {
  minFace: { score: 'eyeDistance', side: 'least' },
  enlargeLimit: { score: 'enlarged', side: 'most' },
  maxPad: { score: 'outside', side: 'most' },
  minSharpness: { score: 'sharpness', side: 'least' },
} as const;

const number = z.number().optional().catch(undefined);
const limitsSchema = z.record(z.string(), z.looseObject({ min: number, max: number })).catch({});
const settingsSchema = z.looseObject({ select: z.looseObject({ limits: limitsSchema.default({}) }) });

/** None for a dataset whose index does not tell. */
export function limitsOf(index: DatasetIndex | null): ScoreLimit[] {
  const settings = settingsSchema.safeParse(index?.settings);
  if (!settings.success) return [];
  const { limits, ...select } = settings.data.select;
  const found: ScoreLimit[] = [];
  for (const [option, limit] of Object.entries(optionLimits)) {
    const at = select[option];
    if (typeof at === 'number' && at > 0) found.push({ ...limit, at });
  }
  for (const [score, { min, max }] of Object.entries(limits)) {
    if (min !== undefined) found.push({ score, side: 'least', at: min });
    if (max !== undefined) found.push({ score, side: 'most', at: max });
  }
  return found;
}

/** Whether a score is on the side of the line that is kept. */
export const meets = ({ side, at }: ScoreLimit, value: number) =>
  side === 'least' ? value >= at : value <= at;
