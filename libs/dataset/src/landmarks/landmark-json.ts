/**
 * Five points per face in a JSON file: a list `[{"path": …, "points": …, "confidence": …}, …]` with an entry per face.
 * Points are ten numbers or five pairs, or null for a picture that has no face; the confidence may be left out.
 */
import { invalidLandmarks, type LandmarkRow, type LandmarkRows } from './landmark-rows.js';

const pathKeys = ['path', 'file', 'filename', 'image'];

/** The beginning of a value, for messages. */
const shown = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 60);

function pointsOf(value: unknown): Float32Array | null | undefined {
  if (value === null) return null;
  if (!Array.isArray(value)) return undefined;
  const pairs = value.length === 5 && value.every((pair) => Array.isArray(pair) && pair.length === 2);
  const numbers: unknown[] = pairs ? value.flat() : value;
  const fits = (each: unknown) => typeof each === 'number' && Number.isFinite(Math.fround(each));
  return numbers.length === 10 && numbers.every(fits) ? Float32Array.from(numbers as number[]) : undefined;
}

/** @throws DatasetError `annotation-invalid` naming the entry */
export function readLandmarkJson(text: string, file: string): LandmarkRows {
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw invalidLandmarks(file, 'no JSON', (error as Error).message.slice(0, 200));
  }
  if (!Array.isArray(data))
    throw invalidLandmarks(
      file,
      'entry 1',
      `expected a list of {"path": …, "points": …}, got ${shown(data)}`,
    );
  const rows = data.map((entry: unknown, index): LandmarkRow => {
    const at = index + 1;
    const invalid = (what: string) => invalidLandmarks(file, `entry ${at}`, what);
    const fields = (entry ?? {}) as Record<string, unknown>;
    const path = pathKeys.map((key) => fields[key]).find((value) => value !== undefined);
    if (typeof path !== 'string') throw invalid(`expected {"path": text, "points": …}, got ${shown(entry)}`);
    const points = pointsOf(fields['points']);
    if (points === undefined)
      throw invalid(`points: expected ten numbers or five pairs, got ${shown(fields['points'])}`);
    const confidence = fields['confidence'] ?? null;
    if (confidence !== null && !(typeof confidence === 'number' && confidence >= 0 && confidence <= 1))
      throw invalid(`confidence: expected a number from 0 to 1, got ${shown(confidence)}`);
    return { path, points, confidence, faces: null, at };
  });
  return { file, unit: 'entry', rows };
}
