/** The JSON file beside a model that says what its graph does not: `model.json` for `model.onnx`. */
import { explainIssues } from '@pggan/files';
import type { z } from 'zod';
import { DatasetError } from '../errors.js';
import { readPlain } from '../records/plain-file.js';

const largestDescription = 2 ** 20;

export function descriptionPath(model: string): string {
  return `${model.replace(/\.onnx$/i, '')}.json`;
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
  throw new DatasetError(
    'model-invalid',
    `${path}: ${explainIssues(parsed.error, data, 'the description', schema)}`,
  );
}
