/** What a schema wanted and what it got, in our own words: those of the schema library are for programmers. */
import type { z } from 'zod';
import { nearestName } from './nearest-name.js';

/** A value as text for messages, cut. */
export function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null)?.[key], data);
}

type Definition = Readonly<Record<string, unknown>>;
type Schema = z.core.$ZodType;

/** The schema without what only says that a value may be absent. */
function bare(schema: Schema | undefined): Schema | undefined {
  const inner = (schema?._zod.def as Definition | undefined)?.['innerType'] as Schema | undefined;
  return inner ? bare(inner) : schema;
}

/** Names of the keys that an object may have at `path` of what the schema describes; none where that is no object. */
function keysAt(schema: Schema, path: readonly PropertyKey[]): string[] {
  const shapeOf = (of: Schema | undefined) =>
    (bare(of)?._zod.def as Definition | undefined)?.['shape'] as Record<PropertyKey, Schema> | undefined;
  const found = path.reduce<Schema | undefined>((at, key) => shapeOf(at)?.[key], schema);
  return Object.keys(shapeOf(found) ?? {});
}

/** `2 values`, `1 character` of what is counted; `2` of a number. */
function amount(count: number | bigint, origin: string): string {
  const unit = origin === 'array' ? 'value' : origin === 'string' ? 'character' : undefined;
  if (unit === undefined) return String(count);
  return `${count} ${unit}${Number(count) === 1 ? '' : 's'}`;
}

/** What the schema wants where an issue is; to go behind "expected". With `schema`, the key that may have been meant is told. */
export function expectationOf(issue: z.core.$ZodIssue, schema?: Schema): string {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = schema ? keysAt(schema, issue.path) : [];
      const told = issue.keys.map((key) => {
        const meant = nearestName(key, known);
        return meant === null ? `"${key}"` : `"${key}" (did you mean "${meant}"?)`;
      });
      return `no key ${told.join(', ')}`;
    }
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `${issue.expected}`;
    case 'invalid_value':
      return issue.values.length > 1 ? `one of ${issue.values.join(', ')}` : String(issue.values[0]);
    case 'invalid_union':
      return [...new Set(issue.errors.flatMap(([first]) => (first ? [expectationOf(first)] : [])))].join(
        ' or ',
      );
    case 'too_small':
      // The schema library says nothing of inclusive for tuples.
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${amount(issue.minimum, issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${amount(issue.maximum, issue.origin)}`;
    default:
      return issue.message.replace(/^expected /, '');
  }
}

/** More of them say nothing new. */
const listedIssues = 5;

/** `key: expected …, got …; …` for what is wrong with `data`; `what` stands for the whole of it. */
export function explainIssues(
  { issues }: z.core.$ZodError,
  data: unknown,
  what = 'the value',
  schema?: Schema,
): string {
  const told = issues
    .slice(0, listedIssues)
    .map(
      (issue) =>
        `${issue.path.join('.') || what}: expected ${expectationOf(issue, schema)}, got ${shown(valueAt(data, issue.path))}`,
    );
  const rest = issues.length - told.length;
  return [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}
