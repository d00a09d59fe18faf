/** What a file of labels says, before it is known whether it makes sense as a whole. */
import { DatasetError } from '../errors.js';

/** A class by name, a class by number, or one number for each component. */
export type LabelValue = string | number | readonly number[] | Float32Array;

export interface LabelRow {
  readonly path: string;
  readonly value: LabelValue;
  readonly at: number; // line of a CSV file, entry of a JSON file
}

export interface LabelRows {
  readonly file: string;
  readonly unit: 'line' | 'entry'; // that `at` counts
  readonly rows: readonly LabelRow[];
  readonly components: readonly string[] | null; // names of number columns, where the file has them
}

export function invalidLabel(file: string, place: string, what: string): DatasetError {
  return new DatasetError('annotation-invalid', `${file}: ${place}: ${what}`);
}
