/** CSV text with the line of each record: without quotes by splitting it, with quotes as csv-parse reads it. */
import { CsvError, parse } from 'csv-parse/sync';
import { DatasetError } from '../errors.js';

/** A file whose quotes do not close would become one record. */
const longestRecord = 2 ** 24;

type Visit = (fields: readonly string[], line: number) => void;

function invalid(file: string, line: unknown, what: string, cause?: unknown): DatasetError {
  const place = typeof line === 'number' ? `line ${line}: ` : '';
  return new DatasetError('annotation-invalid', `${file}: ${place}${what}`, { cause });
}

function otherLength(file: string, line: unknown, expected: number, got: number): DatasetError {
  return invalid(file, line, `expected ${expected} fields as in the first record, got ${got}`);
}

/** What csv-parse takes from the ends of a field; `trim` would take more. */
const blank = /^[ \t\n\f\r\u00a0]+|[ \t\n\f\r\u00a0]+$/g;

const mayBeBlank = (code: number) => code <= 0x20 || code === 0xa0;

function trimmed(field: string): string {
  const atEnds = mayBeBlank(field.charCodeAt(0)) || mayBeBlank(field.charCodeAt(field.length - 1));
  return atEnds ? field.replace(blank, '') : field;
}

/** Without quotes a line is a record and a comma the end of a field: read in a fifth of the time. */
function readPlainCsv(text: string, file: string, visit: Visit): void {
  let fieldCount = 0;
  let start = text.startsWith('\ufeff') ? 1 : 0;
  for (let line = 1; start < text.length; line++) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const record = trimmed(text.slice(start, end));
    start = end + 1;
    if (record === '') continue;
    if (record.length > longestRecord)
      throw invalid(file, line, `a record has more than ${longestRecord} characters`);
    const fields = record.split(',');
    for (let i = 0; i < fields.length; i++) fields[i] = trimmed(fields[i]!);
    fieldCount ||= fields.length;
    if (fields.length !== fieldCount) throw otherLength(file, line, fieldCount, fields.length);
    visit(fields, line);
  }
}

function readQuotedCsv(text: string, file: string, visit: Visit): void {
  let fieldCount = 0;
  try {
    parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      max_record_size: longestRecord,
      on_record(fields, { lines }) {
        fieldCount ||= fields.length;
        visit(fields, lines);
        return null; // kept nowhere else
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH')
      throw otherLength(file, error['lines'], fieldCount, (error['record'] as unknown[]).length);
    throw invalid(file, error['lines'], error.message.slice(0, 200), error);
  }
}

/**
 * Hands each record to `visit` with the line that it ends on, counted from 1; empty lines are left out. Every
 * record has as many fields as the first.
 * @throws DatasetError `annotation-invalid`, and what `visit` throws
 */
export function readCsv(text: string, file: string, visit: Visit): void {
  // A lone carriage return may end lines as well.
  const plain = !text.includes('"') && !/\r(?!\n)/.test(text);
  (plain ? readPlainCsv : readQuotedCsv)(text, file, visit);
}
