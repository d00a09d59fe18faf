/** Faces from a CSV or JSON file that lies beside the pictures. */
import { systemReason } from '@pggan/files';
import { DatasetError } from '../errors.js';
import { eyeDistance, type FaceLandmarks } from '../faces/landmarks.js';
import { normalisedPath, PathTable, type ListedPaths } from '../formats/path-lookup.js';
import { readPlain } from '../records/plain-file.js';
import { readLandmarkCsv } from './landmark-csv.js';
import { readLandmarkJson } from './landmark-json.js';
import { invalidLandmarks, type LandmarkRow } from './landmark-rows.js';

/** Text is in memory as a whole; a million faces take about this much. */
const largestFile = 256 * 2 ** 20;

/** Faces of pictures. */
export interface FaceLookup {
  readonly paths: ListedPaths;
  /** Those of the picture at `path`, the one with the widest eye distance first; none where the file has none. */
  of(path: string): readonly FaceLandmarks[];
}

/**
 * Paths are those of the source, '/' between folders; a file that has names without folders only fits pictures in any
 * folder. Several rows of one path are several faces.
 * @throws DatasetError `annotation-invalid` naming line or entry
 */
export async function readSidecarLandmarks(file: string): Promise<FaceLookup> {
  const text = await readPlain(file, largestFile).catch((cause: unknown) => {
    throw new DatasetError(
      'annotation-invalid',
      `${file}: cannot be read (${systemReason(cause)}); expected a CSV or JSON file with landmarks`,
      { cause },
    );
  });
  const read = /\.json$/i.test(file) ? readLandmarkJson : readLandmarkCsv;
  const { unit, rows } = read(text.toString('utf8'), file);
  const byPath = new Map<string, LandmarkRow[]>();
  for (const row of rows) {
    const path = normalisedPath(row.path);
    if (path === '')
      throw invalidLandmarks(file, `${unit} ${row.at}`, 'expected the path of a picture, got nothing');
    const others = byPath.get(path);
    if (others) others.push(row);
    else byPath.set(path, [row]);
  }
  const paths = new PathTable(file, byPath, ([first], path, other) =>
    invalidLandmarks(
      file,
      `${unit} ${first!.at}`,
      `"${first!.path}" may be ${other} or ${path}; write paths with folders`,
    ),
  );
  return { paths, of: (path) => facesOf(paths.find(path) ?? []) };
}

function facesOf(rows: readonly LandmarkRow[]): FaceLandmarks[] {
  const found = rows.filter((row) => row.points !== null);
  const faces = Math.max(found.length, ...found.map((row) => row.faces ?? 0));
  return found
    .map(({ points, confidence }) => ({
      points: Float64Array.from(points!),
      faces,
      ...(confidence === null ? {} : { confidence }),
    }))
    .sort((a, b) => eyeDistance(b.points) - eyeDistance(a.points));
}
