/** What a schema wanted and what it got, in our own words: those of the schema library are for programmers. */
import type { z } from 'zod';

/** A value as text for messages, cut. */
export function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null)?.[key], data);
}

/** What the schema wants where an issue is, from the issue alone; to go behind "expected". */
export function expectationOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `no key ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `${issue.expected}`;
    case 'invalid_value':
      return issue.values.length > 1 ? `one of ${issue.values.join(', ')}` : String(issue.values[0]);
    case 'invalid_union':
      return [...new Set(issue.errors.flatMap(([first]) => (first ? [expectationOf(first)] : [])))].join(
        ' or ',
      );
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    default:
      return issue.message.replace(/^expected /, '');
  }
}

/** More of them say nothing new. */
const listedIssues = 5;

/** `key: expected …, got …; …` for what is wrong with `data`; `what` stands for the whole of it. */
export function explainIssues({ issues }: z.core.$ZodError, data: unknown, what = 'the value'): string {
  const told = issues
    .slice(0, listedIssues)
    .map(
      (issue) =>
        `${issue.path.join('.') || what}: expected ${expectationOf(issue)}, got ${shown(valueAt(data, issue.path))}`,
    );
  const rest = issues.length - told.length;
  return [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}
