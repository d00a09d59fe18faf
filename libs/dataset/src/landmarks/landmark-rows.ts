/** What a file of landmarks says, before it is known which pictures there are. */
import { DatasetError } from '../errors.js';

export interface LandmarkRow {
  readonly path: string; // as the file has it
  readonly points: Float32Array | null; // ten numbers in LANDMARK order, pixels; null: looked at, no face
  readonly confidence: number | null; // 0..1
  readonly faces: number | null; // in the picture, where the file says so
  readonly at: number; // line or entry, from 1
}

export interface LandmarkRows {
  readonly file: string;
  readonly unit: 'line' | 'entry';
  readonly rows: readonly LandmarkRow[];
}

export function invalidLandmarks(file: string, where: string, what: string): DatasetError {
  return new DatasetError('annotation-invalid', `${file}: ${where}: ${what}`);
}
