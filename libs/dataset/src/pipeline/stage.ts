/**
 * The per-image stage: bytes of a picture file → aligned pixels, landmarks and scores. It depends on
 * its arguments only, so that results can be kept, repeated and computed anywhere.
 */
import { DatasetError } from '../errors.js';
import { alignFace } from '../faces/align.js';
import type { RgbImage } from '../faces/image.js';
import { centerSquare, resizeLanczos } from '../faces/lanczos.js';
import { eyeDistance } from '../faces/landmarks.js';
import { computeQuad } from '../faces/quad.js';
import { decodePicture, PictureError, type PictureFacts } from './decode.js';
import type { StageOptions } from './options.js';
import type { DropReason } from './reasons.js';
import { outsideShare, sharpness, type PictureScores } from './scores.js';

/** Raised when results of an older version must not be used any more. */
export const stageVersion = 1;

export interface FoundFace {
  readonly points: ArrayLike<number>; // ten numbers, LANDMARK order, pixels of the upright picture
  readonly faces: number; // in the picture; the largest is taken
  readonly confidence?: number | undefined;
}

/** Finds the largest face of a picture, or none. */
export type FaceFinder = (image: RgbImage) => FoundFace | undefined | Promise<FoundFace | undefined>;

/** What the manifest knows about a picture; plain JSON. */
export interface StageReport {
  readonly picture: PictureFacts | null; // null when it could not be looked at
  readonly faces: number | null; // null without landmarks
  readonly landmarks: readonly number[] | null;
  readonly confidence: number | null;
  readonly quad: readonly number[] | null; // top-left, bottom-left, bottom-right, top-right
  readonly scores: PictureScores | null;
  readonly failure: { readonly reason: DropReason; readonly detail: string } | null;
}

export interface StageResult {
  readonly report: StageReport;
  readonly pixels: Uint8Array | null; // uint8 CHW, 3 × resolution × resolution; null on failure
}

/** Enough digits to repeat every decision, few enough to read. */
const rounded = (value: number, digits = 4) => Number(value.toFixed(digits));

function planes(image: RgbImage): Uint8Array {
  const size = image.width * image.height;
  const chw = new Uint8Array(size * 3);
  for (let i = 0; i < size; i++) {
    chw[i] = image.data[i * 3]!;
    chw[size + i] = image.data[i * 3 + 1]!;
    chw[2 * size + i] = image.data[i * 3 + 2]!;
  }
  return chw;
}

const empty = { faces: null, landmarks: null, confidence: null, quad: null, scores: null };

function failed(reason: DropReason, detail: string, known: Partial<StageReport> = {}): StageResult {
  return { report: { picture: null, ...empty, ...known, failure: { reason, detail } }, pixels: null };
}

function cropCentre(image: RgbImage, picture: PictureFacts, resolution: number): StageResult {
  const side = Math.min(image.width, image.height);
  const output = centerSquare(image, resolution);
  const scores: PictureScores = {
    eyeDistance: null,
    faceSize: side,
    enlarged: rounded(resolution / side),
    outside: 0,
    sharpness: rounded(sharpness(output)),
  };
  return { report: { picture, ...empty, scores, failure: null }, pixels: planes(output) };
}

function cutFace(image: RgbImage, picture: PictureFacts, face: FoundFace, resolution: number): StageResult {
  const landmarks = Array.from(face.points, (value) => rounded(value, 2));
  const known = { picture, faces: face.faces, landmarks, confidence: face.confidence ?? null };
  try {
    const { quad, zoom } = computeQuad(face.points, { outputSize: resolution });
    // The recipe's smallest border needs some pixels; 4×4 is reduced from 8×8.
    const { image: output } = alignFace(image, face.points, { outputSize: Math.max(8, resolution) });
    const sized = output.width === resolution ? output : resizeLanczos(output, resolution, resolution);
    const scores: PictureScores = {
      eyeDistance: rounded(eyeDistance(face.points), 2),
      faceSize: rounded(resolution / zoom, 2),
      enlarged: rounded(zoom),
      outside: rounded(outsideShare(quad, image.width, image.height)),
      sharpness: rounded(sharpness(sized)),
    };
    const corners = Array.from(quad, (value) => rounded(value, 2));
    return { report: { ...known, quad: corners, scores, failure: null }, pixels: planes(sized) };
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const outside = error.code === 'face-outside-picture';
    if (!outside && error.code !== 'landmarks-unusable') throw error;
    return failed(outside ? 'too-much-outside' : 'landmarks-unusable', error.message, {
      ...known,
      quad: null,
    });
  }
}

/** Never throws because of a picture: whatever is wrong with it is in the report. */
export async function processPicture(
  bytes: Buffer,
  options: StageOptions,
  findFace: FaceFinder,
): Promise<StageResult> {
  let picture: PictureFacts | undefined;
  try {
    const { image, ...facts } = await decodePicture(bytes, options.maxPixels);
    picture = facts;
    if (options.align === 'none') return cropCentre(image, facts, options.resolution);
    const face = await findFace(image);
    if (!face) return failed('no-face', 'no face was found', { picture: facts, faces: 0 });
    return cutFace(image, facts, face, options.resolution);
  } catch (error) {
    if (error instanceof PictureError)
      return failed(error.reason, error.message, { picture: error.facts ?? null });
    // The job's own troubles (a face model that does not load) are not the picture's.
    if (error instanceof DatasetError) throw error;
    return failed('failed', (error as Error).message, { picture: picture ?? null });
  }
}
