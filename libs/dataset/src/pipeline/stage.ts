/**
 * The per-image stage: a picture of a source → pixels of an image, landmarks and scores. It depends on
 * its arguments only, so that results can be kept, repeated and computed anywhere.
 */
import { DatasetError } from '../errors.js';
import type { Enhancer } from '../enhance/enhancer.js';
import { alignFace, alignFaceWith } from '../faces/align.js';
import type { RgbImage } from '../faces/image.js';
import { cropImage, resizeLanczos } from '../faces/lanczos.js';
import { eyeDistance } from '../faces/landmarks.js';
import { computeQuad } from '../faces/quad.js';
import { faceQuality, type FaceQuality } from '../quality/face-quality.js';
import type { ImageSize } from '../records/image-size.js';
import type { SourcePicture } from '../sources/source.js';
import { decodePicture, PictureError, type DecodedPicture, type PictureFacts } from './decode.js';
import { fitPicture, fits, usedPart } from './fit.js';
import { imageHash } from './image-hash.js';
import type { StageOptions } from './options.js';
import { fromPlanes, toPlanes } from './pixels.js';
import type { DropReason } from './reasons.js';
import { outsideShare, sharpness, type PictureScores } from './scores.js';
import { newMemory, type StageMemory } from './stage-memory.js';

/** Raised when results of an older version must not be used any more. */
export const stageVersion = 3;

export interface FoundFace {
  readonly points: ArrayLike<number>; // ten numbers, LANDMARK order, pixels of the upright picture
  readonly face: number; // its number in the picture; 0 is the largest
  readonly faces: number; // in the picture
  readonly confidence?: number | undefined;
}

/** Finds the faces of a picture, the largest first. */
export type FaceFinder = (image: RgbImage) => readonly FoundFace[] | Promise<readonly FoundFace[]>;

/** What the manifest knows about a candidate: a face of a picture, or the picture as a whole. Plain JSON. */
export interface StageReport {
  readonly picture: PictureFacts | null; // null when it could not be looked at
  readonly face: number | null; // its number in the picture, 0 is the largest; null: not one face
  readonly faces: number | null; // in the picture; null without landmarks
  readonly landmarks: readonly number[] | null;
  readonly confidence: number | null;
  readonly quad: readonly number[] | null; // top-left, bottom-left, bottom-right, top-right
  readonly scores: PictureScores | null;
  readonly hash: string | null; // perceptual, of the image; 16 hexadecimal digits
  readonly failure: { readonly reason: DropReason; readonly detail: string } | null;
}

export interface StageResult {
  readonly report: StageReport;
  readonly pixels: Uint8Array | null; // uint8 CHW of the size asked for; null on failure
}

/** Enough digits to repeat every decision, few enough to read. */
const rounded = (value: number, digits = 4) => Number(value.toFixed(digits));

/** What the manifest says of a picture in which a detector sees no face. */
export const noFaceFound = 'no face was found';

/** Report of a picture that nobody could look at. */
export const nothingKnown = {
  picture: null,
  face: null,
  faces: null,
  landmarks: null,
  confidence: null,
  quad: null,
  scores: null,
  hash: null,
} satisfies Partial<StageReport>;

function failed(reason: DropReason, detail: string, known: Partial<StageReport> = {}): StageResult {
  return { report: { ...nothingKnown, ...known, failure: { reason, detail } }, pixels: null };
}

function takeWhole(
  image: RgbImage,
  picture: PictureFacts,
  options: StageOptions,
  memory: StageMemory,
): StageResult {
  const fitted = fitPicture(image, picture, options);
  const scores: PictureScores = {
    eyeDistance: null,
    faceSize: Math.min(picture.width, picture.height),
    enlarged: rounded(fitted.enlarged),
    outside: rounded(fitted.outside),
    sharpness: rounded(sharpness(fitted.image)),
  };
  const pixels = toPlanes(fitted.image, options.channels, memory);
  const hash = imageHash(pixels, options);
  return { report: { ...nothingKnown, picture, scores, hash, failure: null }, pixels };
}

/**
 * The portrait's square at the larger side of the image, of which images that are not square take the
 * middle. The recipe's smallest border needs some pixels, and its sides are powers of two.
 */
async function alignSquare(
  image: RgbImage,
  landmarks: readonly number[],
  { size, alignMode: mode, quad, enhancer: enhancing }: StageOptions,
  enhancer: () => Promise<Enhancer>,
): Promise<RgbImage> {
  const side = Math.max(size.width, size.height);
  const outputSize = 2 ** Math.max(3, Math.ceil(Math.log2(side)));
  const how = { outputSize, mode, quad };
  const { image: aligned } = enhancing
    ? await alignFaceWith(image, landmarks, { ...how, ...enhancing, enhancer: await enhancer() })
    : alignFace(image, landmarks, how);
  return side === outputSize ? aligned : resizeLanczos(aligned, side, side);
}

function noEnhancer(): Promise<Enhancer> {
  throw new DatasetError(
    'option-invalid',
    'The options of the stage name an enhancer; expected it, got none',
  );
}

const roundedQuality = (quality: FaceQuality) =>
  Object.fromEntries(
    Object.entries(quality).map(([name, value]: [string, number | null]) => [
      name,
      value === null ? null : rounded(value),
    ]),
  ) as unknown as FaceQuality;

/**
 * A face as reports and manifests know it. Single precision is what the recipe uses; nine digits bring every such
 * number back.
 */
export function reportedFace({ points, confidence }: FoundFace) {
  return {
    landmarks: Array.from(Float32Array.from(points), (value) => Number(value.toPrecision(9))),
    confidence: confidence === undefined ? null : rounded(confidence),
  };
}

interface CutContext {
  readonly image: RgbImage;
  readonly picture: PictureFacts;
  readonly file: Uint8Array | undefined; // the picture's bytes
  readonly options: StageOptions;
  readonly tools: StageTools;
}

async function cutFace(
  face: FoundFace,
  { image, picture, file, options, tools }: CutContext,
): Promise<StageResult> {
  const { enhancer = noEnhancer, memory = newMemory } = tools;
  // All that follows goes by these, so that a face known from a manifest gives what it gave when it was found.
  const { landmarks, confidence } = reportedFace(face);
  const known = { picture, face: face.face, faces: face.faces, landmarks, confidence };
  try {
    const { size, channels } = options;
    const side = Math.max(size.width, size.height);
    const { quad, zoom } = computeQuad(landmarks, { outputSize: side, quad: options.quad });
    const square = await alignSquare(image, landmarks, options, enhancer);
    const output = fits.crop(square, size, [0, 0, 0]).image;
    const scores: PictureScores = {
      eyeDistance: rounded(eyeDistance(landmarks), 2),
      faceSize: rounded(side / zoom, 2),
      enlarged: rounded(zoom),
      outside: rounded(outsideShare(quad, image.width, image.height)),
      sharpness: rounded(sharpness(output)),
      ...roundedQuality(faceQuality(square, { image, quad, file, points: landmarks })),
    };
    const corners = Array.from(quad, (value) => rounded(value, 2));
    const pixels = toPlanes(output, channels, memory);
    const hash = imageHash(pixels, options);
    return { report: { ...known, quad: corners, scores, hash, failure: null }, pixels };
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const outside = error.code === 'face-outside-picture';
    if (!outside && error.code !== 'landmarks-unusable') throw error;
    return failed(outside ? 'too-much-outside' : 'landmarks-unusable', error.message, known);
  }
}

async function decode(
  picture: SourcePicture,
  options: StageOptions,
  memory: StageMemory,
): Promise<DecodedPicture> {
  const { maxPixels } = options;
  const partOf = (size: ImageSize) => usedPart(size, options);
  if (picture.kind === 'file') return decodePicture(picture.bytes, maxPixels, memory, partOf);
  const { width, height, channels, data } = picture;
  if (width * height > maxPixels)
    throw new PictureError('too-large', `${width}x${height} is more than ${maxPixels} pixels`);
  return {
    width,
    height,
    format: 'pixels',
    exifTurn: 1,
    converted: [],
    image: cropImage(fromPlanes(data, channels, width, height), partOf(picture)),
  };
}

/** What the stage works with besides its options. */
export interface StageTools {
  readonly memory?: StageMemory;
  readonly enhancer?: (() => Promise<Enhancer>) | undefined; // the one that the options name
  readonly noFace?: string | undefined; // why a picture may be without a face, for the manifest
}

/**
 * One result for each face, or one for the picture: taken as a whole, without a face, or of no use. Never throws
 * because of a picture: whatever is wrong with it is in the report.
 */
export async function processPicture(
  source: SourcePicture,
  options: StageOptions,
  findFaces: FaceFinder,
  tools: StageTools = {},
): Promise<StageResult[]> {
  const { memory = newMemory, noFace = noFaceFound } = tools;
  let picture: PictureFacts | undefined;
  try {
    const { image, ...facts } = await decode(source, options, memory);
    picture = facts;
    if (options.align === 'none') return [takeWhole(image, facts, options, memory)];
    const found = await findFaces(image);
    if (found.length === 0) return [failed('no-face', noFace, { picture: facts, faces: 0 })];
    const file = source.kind === 'file' ? source.bytes : undefined;
    const context = { image, picture: facts, file, options, tools };
    const results: StageResult[] = [];
    for (const face of options.faces === 'largest' ? found.slice(0, 1) : found)
      results.push(await cutFace(face, context));
    return results;
  } catch (error) {
    if (error instanceof PictureError)
      return [failed(error.reason, error.message, { picture: error.facts ?? picture ?? null })];
    // The job's own troubles (a face model that does not load) are not the picture's.
    if (error instanceof DatasetError) throw error;
    return [failed('failed', (error as Error).message, { picture: picture ?? null })];
  }
}
