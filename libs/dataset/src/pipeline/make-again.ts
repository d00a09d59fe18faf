/** The image of a candidate that is known already, made again from its picture. */
import { DatasetError } from '../errors.js';
import { SourcePictureError, type Source, type SourcePicture } from '../sources/source.js';
import { sha256Of } from '../sha256.js';
import { ownedPicture, pictureBytes } from './pixels.js';
import type { FoundFace, StageReport } from './stage.js';
import type { WorkerPool } from './worker-pool.js';

/** The face that a report is about, as a list; an empty one for a whole picture. */
export function facesOf(
  report: Pick<StageReport, 'landmarks' | 'face' | 'faces' | 'confidence'>,
): readonly FoundFace[] {
  const { landmarks, face, faces, confidence } = report;
  if (!landmarks) return [];
  return [{ points: landmarks, face: face ?? 0, faces: faces ?? 1, confidence: confidence ?? undefined }];
}

export interface KnownCandidate {
  readonly place: number; // of its picture in the source
  readonly sha256: string | null; // of the picture's bytes
  readonly faces: readonly FoundFace[]; // the one that it shows; none for a whole picture
}

/**
 * Nothing is detected: faces are cut out where they are said to be.
 * @throws DatasetError `source-changed` when the picture is not what it was, `worker-failed`
 */
export async function makeAgain(
  source: Source,
  pool: WorkerPool,
  { place, sha256, faces }: KnownCandidate,
): Promise<{ readonly report: StageReport; readonly pixels: Uint8Array }> {
  const path = source.path(place);
  const read = async () => ownedPicture(await readUnchanged(source, place, sha256));
  const running = pool.run({ picture: await read(), faces }, read);
  const [result] = await running.catch((error: unknown) => {
    if (!(error instanceof SourcePictureError)) throw error;
    throw new DatasetError('worker-failed', `${path}: ends the worker threads (${error.message})`);
  });
  if (result?.pixels) return { report: result.report, pixels: result.pixels };
  throw new DatasetError(
    'source-changed',
    `${path}: ${result?.report.failure?.detail ?? 'cannot be used any more'}`,
  );
}

async function readUnchanged(source: Source, place: number, sha256: string | null): Promise<SourcePicture> {
  const path = source.path(place);
  const picture = await source.read(place).catch((error: unknown) => {
    if (!(error instanceof SourcePictureError)) throw error;
    throw new DatasetError('source-changed', `${path}: cannot be read any more (${error.message})`);
  });
  const found = sha256Of(pictureBytes(picture));
  if (found === sha256) return picture;
  throw new DatasetError(
    'source-changed',
    `${path}: is not the picture the dataset was made from (sha256 ${found}, the manifest has ${sha256})`,
  );
}
