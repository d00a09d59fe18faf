import type { ResumeRules, SettingDifference } from '@pggan/model';
import { formatTable } from '@pggan/terminal';
import { CliError } from '../errors.js';
import type { RunConfig } from '../run/config.js';
import { value } from '../run/events.js';

/** How a continued run takes another engine than it had. */
export const engineResumeRules: ResumeRules = Object.fromEntries(
  (
    [
      ['backend', 'the same up to rounding'],
      ['tensorflowVersion', 'the same up to rounding'],
      ['gpu', 'the same up to rounding'],
      ['threads', 'sums are split among them: the same up to rounding'],
    ] as const satisfies readonly (readonly [keyof RunConfig['engine'], string])[]
  ).map(([field, reason]) => [`engine.${field}`, { class: 'allowed', reason }]),
);

/**
 * Refuses settings that the run cannot go on with.
 * @param what the run, for people
 * @throws CliError `settings-refused` with all differences, as a table and as details
 */
export function requireResumable(differences: readonly SettingDifference[], what: string): void {
  if (differences.every((difference) => difference.class !== 'refused')) return;
  throw new CliError(
    'settings-refused',
    `${what} cannot go on with other settings than it began with:\n${describeDifferences(differences)}\n` +
      'drop what is refused, or start a new run without --resume',
    { details: { differences } },
  );
}

/** One line per setting: name, what it was, what it is to be, and what that means. */
export function describeDifferences(differences: readonly SettingDifference[]): string {
  return formatTable([
    ['  setting', 'was', 'now', ''],
    ...differences.map(({ setting, was, now, class: taken, reason }) => [
      `  ${setting}`,
      value(was),
      value(now),
      `${taken}: ${reason}`,
    ]),
  ]);
}
