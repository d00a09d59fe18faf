/** Records in a file of JSON Lines. */
import { open, readFile } from 'node:fs/promises';
import { explainIssues, systemReason } from '@pggan/files';
import { MetricsError } from '../errors.js';
import { recordSchema, type MetricRecord } from './record.js';

/**
 * The records of a file; none where there is no file. A last line that a killed process cut is left out.
 * @throws MetricsError `records-invalid` naming the line
 */
export async function readRecords(path: string): Promise<MetricRecord[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new MetricsError('records-invalid', `${path}: ${systemReason(cause)}`, { cause });
  }
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, i) => parse(line, `${path}, line ${i + 1}`));
}

function parse(line: string, where: string): MetricRecord {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw new MetricsError(
      'records-invalid',
      `${where}: expected a record of a metric, got no JSON; take the line out`,
      {
        cause,
      },
    );
  }
  const result = recordSchema.safeParse(json);
  if (result.success) return result.data;
  throw new MetricsError(
    'records-invalid',
    `${where}: is no record of a metric (${explainIssues(result.error, json, 'the record', recordSchema)}); take the line out`,
  );
}

/**
 * Adds records at the end, on disk before it resolves; a line that a killed process cut goes.
 * @throws MetricsError `records-invalid`
 */
export async function appendRecords(path: string, records: readonly MetricRecord[]): Promise<void> {
  try {
    const file = await open(path, 'a+');
    try {
      const text = await file.readFile();
      const end = text.lastIndexOf(0x0a) + 1;
      if (end < text.length) await file.truncate(end);
      await file.appendFile(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new MetricsError('records-invalid', `${path}: cannot be written: ${systemReason(cause)}`, {
      cause,
    });
  }
}
