/** Finds faces and their five CelebA points with MediaPipe's FaceLandmarker, in the thread that creates it. */
import { readFile } from 'node:fs/promises';
import type { FaceLandmarker } from '@mediapipe/tasks-vision';
import { systemReason } from '@pggan/files';
import { DatasetError } from '../errors.js';
import { eyeDistance, LANDMARK, type FaceLandmarks } from './landmarks.js';
import { loadMediaPipe, type MediaPipe } from './mediapipe.js';
import { searchFaces, type Search } from './search.js';
import { softwareCanvas } from './software-gl.js';
import { taskFileFault } from './task-file.js';
import { quartersOf, turnBack, turnLeft, type Pixels } from './turn.js';

/**
 * Which of MediaPipe's 478 face landmarks stand for the CelebA points, in LANDMARK order. 0 to 467 are the vertices of a
 * mesh laid over the face, 468 to 477 five points of each iris, its centre first:
 *
 * - the eyes: 468 and 473, the iris centres. CelebA's annotators marked pupils as well. The middle of the eye's corners
 *   (33 and 133, 362 and 263) would not move with the gaze, but lies higher or lower by the lids;
 * - the nose: 4, the vertex at its tip. The alignment does not use it;
 * - the mouth: 61 and 291, its corners where the outer contours of the lips meet.
 *
 * The side is that of the picture for a face that stands: 468 belongs to the eye on the left, which is the person's right
 * one. It belongs to the face: in a face that lies or stands on its head the points go round with it, so that the
 * portrait comes out upright.
 */
export const CELEBA_FROM_MEDIAPIPE = [468, 473, 4, 61, 291] as const;

export interface DetectorOptions {
  readonly modelPath: string; // face_landmarker.task
  readonly search?: Search; // where faces are looked for; default auto
  readonly maxFaces?: number; // faces looked for at once, in a picture or a part of it; default 20
  readonly maxSide?: number; // longer pictures are halved, thirded, … for detection until they fit, pixels; default 4096
  readonly minConfidence?: number; // of detection and of presence, 0…1; less sure faces are left out; default 0.5
  /** Of faces that lie take the points found with the picture turned, which MediaPipe itself does not do; default true. */
  readonly turnLying?: boolean;
}

export class LandmarkDetector {
  readonly #landmarker: FaceLandmarker;
  readonly #mediapipe: MediaPipe;
  readonly #search: Search;
  readonly #maxSide: number;
  readonly #turnLying: boolean;

  private constructor(
    landmarker: FaceLandmarker,
    mediapipe: MediaPipe,
    { search = 'auto', maxSide = 4096, turnLying = true }: DetectorOptions,
  ) {
    this.#landmarker = landmarker;
    this.#mediapipe = mediapipe;
    this.#search = search;
    this.#maxSide = maxSide;
    this.#turnLying = turnLying;
  }

  /**
   * Load the model; about a second. One detector handles one picture at a time, so use one per worker thread.
   *
   * @throws DatasetError 'model-missing' or 'model-invalid' naming the file, 'detector-failed' when MediaPipe cannot run.
   */
  static async create(options: DetectorOptions): Promise<LandmarkDetector> {
    const { modelPath, maxFaces = 20, minConfidence = 0.5 } = options;
    const model = await readModel(modelPath);
    const mediapipe = loadMediaPipe();
    const files = await mediapipe.FilesetResolver.forVisionTasks(mediapipe.wasmFolder);
    try {
      const landmarker = await mediapipe.FaceLandmarker.createFromOptions(files, {
        baseOptions: { modelAssetBuffer: model, delegate: 'CPU' },
        canvas: softwareCanvas() as never, // typed as a browser's canvas
        runningMode: 'IMAGE',
        numFaces: maxFaces,
        minFaceDetectionConfidence: minConfidence,
        minFacePresenceConfidence: minConfidence,
      });
      return new LandmarkDetector(landmarker, mediapipe, options);
    } catch (cause) {
      throw new DatasetError(
        'model-invalid',
        `MediaPipe does not accept ${modelPath} as a face landmark model (${lastWords(cause, mediapipe)}). ` +
          'Name a face_landmarker.task with --face-model.',
        { cause },
      );
    }
  }

  /**
   * All faces of an upright picture (RGBA bytes, width * height * 4), the one with the widest eye distance first.
   * Coordinates are pixels of the given picture. An empty list means that there is no face large enough to be seen:
   * eyes a twentieth of the longer side apart in the whole picture, an eightieth in its tiles.
   *
   * @throws DatasetError 'option-invalid' for sizes that do not fit the data, 'detector-failed' when MediaPipe gives up.
   */
  detect(rgba: Uint8ClampedArray, width: number, height: number): FaceLandmarks[] {
    if (!(width > 0 && height > 0) || rgba.length !== width * height * 4) {
      throw new DatasetError(
        'option-invalid',
        `detect: expected ${width} x ${height} x 4 = ${width * height * 4} bytes of RGBA, got ${rgba.length}.`,
      );
    }
    const factor = Math.ceil(Math.max(width, height) / this.#maxSide);
    const picture = shrinkBy({ data: rgba, width, height }, factor);
    const faces = searchFaces(picture, this.#search, (part) => this.#look(part));
    return faces
      .map((points) => ({ points: points.map((value) => value * factor), faces: faces.length }))
      .sort((a, b) => eyeDistance(b.points) - eyeDistance(a.points));
  }

  #look(picture: Pixels): Float64Array[] {
    const found = this.#find(picture);
    return this.#turnLying ? this.#standing(picture, found) : found;
  }

  /** Points of all faces. */
  #find(picture: Pixels): Float64Array[] {
    return this.#run(picture).map((landmarks) =>
      Float64Array.from(
        CELEBA_FROM_MEDIAPIPE.flatMap((index) => {
          const { x, y } = landmarks[index]!;
          return [x * picture.width, y * picture.height];
        }),
      ),
    );
  }

  /** The model is made for faces that stand: for those that lie it is asked again with the picture turned. */
  #standing(picture: Pixels, found: readonly Float64Array[]): Float64Array[] {
    const turned = new Map<number, readonly Float64Array[]>();
    const findTurned = (quarters: 1 | 2 | 3) => {
      const faces =
        turned.get(quarters) ??
        this.#find(turnLeft(picture, quarters)).map((points) => turnBack(points, quarters, picture));
      turned.set(quarters, faces);
      return faces;
    };
    return found.map((points) => {
      const quarters = quartersOf(Math.atan2(points[3]! - points[1]!, points[2]! - points[0]!));
      if (quarters === 0) return points;
      const again = findTurned(quarters).find((other) => noseDistance(other, points) < eyeDistance(points));
      return again ?? points;
    });
  }

  #run(picture: Pixels) {
    try {
      return this.#landmarker.detect(picture as never).faceLandmarks;
    } catch (cause) {
      throw new DatasetError(
        'detector-failed',
        `MediaPipe failed on a ${picture.width}x${picture.height} picture: ${lastWords(cause, this.#mediapipe)}`,
        { cause },
      );
    }
  }

  /** Free the model. The detector cannot be used afterwards. */
  close(): void {
    this.#landmarker.close();
  }
}

function noseDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [LANDMARK.nose * 2, LANDMARK.nose * 2 + 1];
  return Math.hypot(a[x]! - b[x]!, a[y]! - b[y]!);
}

async function readModel(path: string): Promise<Uint8Array> {
  let file: Buffer;
  try {
    file = await readFile(path);
  } catch (cause) {
    throw new DatasetError(
      'model-missing',
      `Cannot read the face model ${path}: ${systemReason(cause)}. Name one with --face-model or PGGAN_FACE_MODEL.`,
      { cause },
    );
  }
  const fault = taskFileFault(file);
  if (fault) {
    throw new DatasetError(
      'model-invalid',
      `${path} (${file.length} bytes) is not a usable face landmark model: ${fault}. ` +
        'Name MediaPipe FaceLandmarker (face_landmarker.task) or an .onnx detector with --face-model or ' +
        'PGGAN_FACE_MODEL, or leave both out: then it is fetched.',
    );
  }
  return new Uint8Array(file);
}

function lastWords(cause: unknown, mediapipe: MediaPipe): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const line = mediapipe.log.filter((l) => /^E\d|error|fail/i.test(l)).at(-1);
  return line ? `${message}; ${line}` : message;
}

/** Average blocks of factor x factor pixels; what is left over at the right and the bottom is cut off. */
function shrinkBy(picture: Pixels, factor: number): Pixels {
  if (factor <= 1) return picture;
  const width = Math.max(1, Math.floor(picture.width / factor));
  const height = Math.max(1, Math.floor(picture.height / factor));
  const across = Math.min(factor, picture.width);
  const down = Math.min(factor, picture.height);
  const data = new Uint8ClampedArray(width * height * 4);
  const sums = new Uint32Array(width * 4);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let dy = 0; dy < down; dy++) {
      let i = (y * factor + dy) * picture.width * 4;
      for (let x = 0; x < width; x++) {
        for (let dx = 0; dx < across; dx++, i += 4) {
          for (let c = 0; c < 4; c++) sums[x * 4 + c]! += picture.data[i + c]!;
        }
      }
    }
    for (let i = 0; i < sums.length; i++) data[y * width * 4 + i] = sums[i]! / (across * down);
  }
  return { data, width, height };
}
