/** Requests of the operations, checked once. */
import { explainIssues } from '@pggan/files';
import { z } from 'zod';
import { DatasetError } from '../errors.js';

/** What RandomState takes. */
export const seedSchema = z.number().int().nonnegative().max(0xffffffff);

/** @throws DatasetError `option-invalid` naming every wrong option */
export function parseRequest<T extends z.ZodType>(schema: T, request: z.input<T>): z.output<T> {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  throw new DatasetError('option-invalid', explainIssues(parsed.error, request, 'the request', schema));
}

/** Without what was not given, so that defaults apply. */
export function givenOnly<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
