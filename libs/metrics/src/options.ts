/** Checks of arguments. */
import { MetricsError } from './errors.js';

/** @throws MetricsError `option-invalid` */
export function wholeNumber(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new MetricsError(
      'option-invalid',
      `${name}: expected a whole number from ${least} to ${most}, got ${String(value)}`,
    );
}
