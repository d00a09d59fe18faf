/** Which candidates are kept: limits on their scores. Pure, so that other limits need no new alignment. */
import type { SelectionOptions } from './options.js';
import type { DropReason, Mark } from './reasons.js';
import { infoOf, scoreNames, type ScoreName } from './score-names.js';
import type { StageReport } from './stage.js';

export interface Decision {
  readonly reason: DropReason | null; // null: kept
  readonly detail: string | null; // the number that decided, or what went wrong
}

/** Reasons that come from limits or from the choice of the best, not from the picture: others may let it in. */
export const limitReasons: ReadonlySet<DropReason> = new Set([
  'face-too-small',
  'low-confidence',
  'enlarged-too-much',
  'too-much-outside',
  'too-blurred',
  'turned-away',
  'below-minimum',
  'above-maximum',
  'near-duplicate',
  'not-among-best',
  'enough-images',
]);

/** As limits and rankings see it: of angles the size. Null where it is not known. */
export function scoreOf({ scores, confidence }: StageReport, name: ScoreName): number | null {
  const value = name === 'confidence' ? confidence : (scores?.[name] ?? null);
  return value !== null && infoOf(name).angle ? Math.abs(value) : value;
}

/** The first limit that a candidate fails, in the order of this list, is the one it is counted under. */
export function decide(report: StageReport, limits: SelectionOptions): Decision {
  const { failure, scores, confidence } = report;
  if (failure) return { reason: failure.reason, detail: failure.detail };
  if (!scores) return { reason: 'failed', detail: 'no scores' };
  const { eyeDistance, enlarged, outside, sharpness } = scores;
  const drop = (reason: DropReason, detail: string) => ({ reason, detail });
  if (eyeDistance !== null && eyeDistance < limits.minFace)
    return drop('face-too-small', `eyes ${eyeDistance} px apart, least is ${limits.minFace}`);
  if (confidence !== null && confidence < limits.minConfidence)
    return drop('low-confidence', `confidence ${confidence}, least is ${limits.minConfidence}`);
  if (enlarged > limits.enlargeLimit && limits.enlarged === 'drop')
    return drop('enlarged-too-much', `${enlarged} times, most is ${limits.enlargeLimit}`);
  if (eyeDistance !== null && outside > limits.maxPad)
    return drop('too-much-outside', `${outside} of it, most is ${limits.maxPad}`);
  if (sharpness < limits.minSharpness)
    return drop('too-blurred', `sharpness ${sharpness}, least is ${limits.minSharpness}`);
  for (const name of scoreNames) {
    const value = scoreOf(report, name);
    const [least = -Infinity, most = Infinity] = [limits.min[name], limits.max[name]];
    if (value !== null && value < least) return drop('below-minimum', `${name} ${value}, least is ${least}`);
    if (value !== null && value > most)
      return drop(infoOf(name).angle ? 'turned-away' : 'above-maximum', `${name} ${value}, most is ${most}`);
  }
  return { reason: null, detail: null };
}

/** What a candidate that is kept is marked with. */
export function marksOf({ scores }: StageReport, limits: SelectionOptions): Mark[] {
  return scores && scores.enlarged > limits.enlargeLimit ? ['enlarged'] : [];
}
