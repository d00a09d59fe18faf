/** Five points per face in a CSV file: a header with a column of paths and those of LANDMARK_COLUMNS, a line per face. */
import { LANDMARK_COLUMNS } from '../faces/landmarks.js';
import { readCsv } from '../formats/csv.js';
import { invalidLandmarks, type LandmarkRow, type LandmarkRows } from './landmark-rows.js';

const pathColumns = ['path', 'file', 'filename', 'image'];

interface Header {
  readonly path: number;
  readonly points: readonly number[]; // columns
  readonly confidence: number; // -1: none
  readonly faces: number;
}

function parseHeader(fields: readonly string[], file: string, line: number): Header {
  const names = fields.map((name) => name.toLowerCase());
  const path = pathColumns.map((name) => names.indexOf(name)).find((column) => column >= 0);
  const missing = LANDMARK_COLUMNS.filter((name) => !names.includes(name));
  if (path === undefined || missing.length > 0)
    throw invalidLandmarks(
      file,
      `line ${line}`,
      `expected a header with path and ${LANDMARK_COLUMNS.join(', ')}, ` +
        `got "${fields.join(',').slice(0, 80)}", without ${path === undefined ? 'path' : missing.join(', ')}`,
    );
  return {
    path,
    points: LANDMARK_COLUMNS.map((name) => names.indexOf(name)),
    confidence: names.indexOf('confidence'),
    faces: names.indexOf('faces'),
  };
}

/** @throws DatasetError `annotation-invalid` naming the line and the column */
export function readLandmarkCsv(text: string, file: string): LandmarkRows {
  let header: Header | undefined;
  const rows: LandmarkRow[] = [];
  readCsv(text, file, (fields, at) => {
    if (!header) {
      header = parseHeader(fields, file, at);
      return;
    }
    const number = (name: string, column: number, fits: (value: number) => boolean, expected: string) => {
      const value = Number(fields[column]);
      if (fields[column] !== '' && fits(value)) return value;
      throw invalidLandmarks(
        file,
        `line ${at}`,
        `column "${name}": expected ${expected}, got "${fields[column]!.slice(0, 40)}"`,
      );
    };
    const optional = (name: 'confidence' | 'faces', fits: (value: number) => boolean, expected: string) =>
      header![name] < 0 || fields[header![name]] === '' ? null : number(name, header![name], fits, expected);
    const none = header.points.every((column) => fields[column] === '');
    const isPlace = (value: number) => Number.isFinite(Math.fround(value));
    const points = header.points.map((column, k) =>
      none ? 0 : number(LANDMARK_COLUMNS[k]!, column, isPlace, 'pixels'),
    );
    rows.push({
      path: fields[header.path]!,
      points: none ? null : Float32Array.from(points),
      confidence: optional('confidence', (value) => value >= 0 && value <= 1, 'a number from 0 to 1'),
      faces: optional('faces', (value) => Number.isInteger(value) && value >= 0, 'a number of faces'),
      at,
    });
  });
  if (!header)
    throw invalidLandmarks(file, 'line 1', 'expected a header with the names of the columns, got nothing');
  return { file, unit: 'line', rows };
}
