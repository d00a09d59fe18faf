/** The events of a run as they stand in events.jsonl, and in words. */
import type { SettingDifference, TrainingEvent } from '@pggan/model';

interface CommonRow {
  /** Counts the events of a run from 1. */
  readonly number: number;
  /** Images shown when it happened. */
  readonly images: number;
}

/** What was seen and done about divergence. */
export interface DivergenceRow extends CommonRow, Pick<TrainingEvent, 'event' | 'rule' | 'cause'> {
  /** The state that the run went back to. */
  readonly backTo?: { readonly images: number; readonly tick: number };
}

/** The run went on with other settings. */
export interface SettingsRow extends CommonRow {
  readonly event: 'settings-changed';
  readonly changes: readonly SettingDifference[];
}

/** One line of events.jsonl. */
export type EventRow = DivergenceRow | SettingsRow;

/** What the trainer reports, as a line. */
export function eventRow({ number, event, rule, cause, nimg, backTo }: TrainingEvent): DivergenceRow {
  const from = { number, event, images: nimg, rule, cause };
  return backTo === undefined ? from : { ...from, backTo: { images: backTo.nimg, tick: backTo.tick } };
}

/** `divergence at 12.4 kimg (scoreDrift): …; back to 12 kimg`, `settings changed at 80 kimg: …`. */
export function describeEvent(row: EventRow): string {
  const at = `at ${row.images / 1000} kimg`;
  if (row.event === 'settings-changed') {
    return `settings changed ${at}: ${row.changes.map(describeChange).join('; ')}`;
  }
  const what = {
    skipped: '',
    'rolled-back': `; back to ${(row.backTo?.images ?? 0) / 1000} kimg, on with other latents and images`,
    'gave-up': '; giving up',
  }[row.event];
  return `divergence ${at} (${row.rule}): ${row.cause}${what}`;
}

/** `schedule.GlrateBase 0.001 -> 0.002`. */
function describeChange({ setting, was, now }: SettingDifference): string {
  return `${setting} ${value(was)} -> ${value(now)}`;
}

/** As in a table. */
export function value(setting: unknown): string {
  return setting === undefined ? 'none' : String(setting);
}
