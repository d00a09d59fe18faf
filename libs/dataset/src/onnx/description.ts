/** The JSON file beside a model that says what its graph does not: `model.json` for `model.onnx`. */
import type { z } from 'zod';
import { DatasetError } from '../errors.js';
import { readPlain } from '../records/plain-file.js';

const largestDescription = 2 ** 20;

export function descriptionPath(model: string): string {
  return `${model.replace(/\.onnx$/i, '')}.json`;
}

/** As text for messages, cut. */
function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null)?.[key], data);
}

/** What the schema wants where an issue is, from the issue alone. */
function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `no key ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `${issue.expected}`;
    case 'invalid_value':
      return issue.values.length > 1 ? `one of ${issue.values.join(', ')}` : String(issue.values[0]);
    case 'too_small':
      return `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

/**
 * The description of `model`, or what the schema makes of `{}` when there is no such file.
 * @throws DatasetError `model-invalid` naming file, key, what was expected and what was found
 */
export async function readDescription<T extends z.ZodType>(model: string, schema: T): Promise<z.output<T>> {
  const path = descriptionPath(model);
  let data: unknown = {};
  try {
    data = JSON.parse((await readPlain(path, largestDescription)).toString('utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new DatasetError(
        'model-invalid',
        `${path}: expected a JSON description of the model beside it, got ${(cause as Error).message.slice(0, 200)}`,
        { cause },
      );
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const key = issue.path.join('.') || 'the description';
  throw new DatasetError(
    'model-invalid',
    `${path}: ${key}: expected ${expectation(issue)}, got ${shown(valueAt(data, issue.path))}`,
  );
}
