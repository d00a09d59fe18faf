import type { SettingDifference, TrainingEvent } from '@pggan/model';
import type { EventRow } from './log.js';

/** `divergence at 12.4 kimg (scoreDrift): …; back to 12 kimg`. */
export function describeEvent({ event, rule, cause, nimg, backTo }: TrainingEvent): string {
  const what = {
    skipped: '',
    'rolled-back': `; back to ${(backTo?.nimg ?? 0) / 1000} kimg, on with other latents and images`,
    'gave-up': '; giving up',
  }[event];
  return `divergence at ${nimg / 1000} kimg (${rule}): ${cause}${what}`;
}

/** The same for events.jsonl. */
export function eventRow({ number, event, rule, cause, nimg, backTo }: TrainingEvent): EventRow {
  const from = { number, event, images: nimg, rule, cause };
  return backTo === undefined ? from : { ...from, backTo: { images: backTo.nimg, tick: backTo.tick } };
}

/** `schedule.GlrateBase 0.001 -> 0.002`. */
export function describeChange({ setting, was, now }: SettingDifference): string {
  return `${setting} ${value(was)} -> ${value(now)}`;
}

/** As in a table. */
export function value(setting: unknown): string {
  return setting === undefined ? 'none' : String(setting);
}
