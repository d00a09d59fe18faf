/** Which pictures are kept: limits on their scores. Pure, so that other limits need no new alignment. */
import type { SelectionOptions } from './options.js';
import type { DropReason } from './reasons.js';
import type { StageReport } from './stage.js';

export interface Decision {
  readonly reason: DropReason | null; // null: kept
  readonly detail: string | null; // the number that decided, or what went wrong
}

/** Reasons that come from a limit, not from the picture: other limits may let it in. */
export const limitReasons: ReadonlySet<DropReason> = new Set([
  'face-too-small',
  'enlarged-too-much',
  'too-much-outside',
  'too-blurred',
]);

/** The first limit that a picture fails, in the order of this list, is the one it is counted under. */
export function decide(report: StageReport, limits: SelectionOptions): Decision {
  const { failure, scores } = report;
  if (failure) return { reason: failure.reason, detail: failure.detail };
  if (!scores) return { reason: 'failed', detail: 'no scores' };
  const { eyeDistance, enlarged, outside, sharpness } = scores;
  const drop = (reason: DropReason, detail: string) => ({ reason, detail });
  if (eyeDistance !== null && eyeDistance < limits.minFace)
    return drop('face-too-small', `eyes ${eyeDistance} px apart, least is ${limits.minFace}`);
  if (enlarged > limits.enlargeLimit)
    return drop('enlarged-too-much', `${enlarged} times, most is ${limits.enlargeLimit}`);
  if (eyeDistance !== null && outside > limits.maxPad)
    return drop('too-much-outside', `${outside} of it, most is ${limits.maxPad}`);
  if (sharpness < limits.minSharpness)
    return drop('too-blurred', `sharpness ${sharpness}, least is ${limits.minSharpness}`);
  return { reason: null, detail: null };
}
