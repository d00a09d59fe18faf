import type { z } from 'zod';
import { CliError } from '../errors.js';

/**
 * Validates what commander collected (camelCase names, raw strings).
 * @throws CliError `usage`, one line per wrong option: `--kimg: expected a number above 0, got "x"`.
 */
export function parseOptions<Schema extends z.ZodType>(schema: Schema, raw: unknown): z.output<Schema> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `--${kebabCase(String(path[0]))}: ${message}`,
  );
  throw new CliError('usage', lines.join('\n'));
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
