/** CSV text, as csv-parse reads it, with the line of each record. */
import { CsvError, parse } from 'csv-parse/sync';
import { DatasetError } from '../errors.js';

/** A file whose quotes do not close would become one record. */
const longestRecord = 2 ** 24;

/**
 * Hands each record to `visit` with the line that it ends on, counted from 1; empty lines are left out. Every
 * record has as many fields as the first.
 * @throws DatasetError `annotation-invalid`, and what `visit` throws
 */
export function readCsv(
  text: string,
  file: string,
  visit: (fields: readonly string[], line: number) => void,
): void {
  try {
    parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      max_record_size: longestRecord,
      on_record(fields, { lines }) {
        visit(fields, lines);
        return null; // kept nowhere else
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? `line ${error['lines']}: ` : '';
    throw new DatasetError('annotation-invalid', `${file}: ${line}${error.message.slice(0, 200)}`, {
      cause: error,
    });
  }
}
