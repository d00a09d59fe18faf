import { z } from 'zod';
import { CliError } from '../errors.js';

/** `0,1,0`: the components of a label. */
export function labelOption() {
  return z.string().transform((text, context) => {
    const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
    if (numbers.every(Number.isFinite)) return numbers;
    context.addIssue({ code: 'custom', message: `expected numbers such as 0,1,0, got "${text}"` });
    return z.NEVER;
  });
}

/**
 * Labels of `count` pictures, row by row: the same for all, or one class after the other.
 * @param labelSize components that the model knows; 0 = none, and the result is empty
 * @throws CliError `usage` for a label of another length
 */
export function labelsFor(
  label: readonly number[] | undefined,
  count: number,
  labelSize: number,
): Float32Array {
  if (label !== undefined && label.length !== labelSize) {
    throw new CliError(
      'usage',
      labelSize === 0
        ? '--label: the model knows no labels; drop the option'
        : `--label: expected ${labelSize} numbers, got ${label.length}`,
    );
  }
  const rows = new Float32Array(count * labelSize);
  for (let i = 0; labelSize > 0 && i < count; i++) {
    if (label) rows.set(label, i * labelSize);
    else rows[i * labelSize + (i % labelSize)] = 1;
  }
  return rows;
}
