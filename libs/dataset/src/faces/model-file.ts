/** Where the face model comes from: an option, the environment, the per-user cache, or MediaPipe's public address. */
import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cacheFolder, makeFolder, systemReason, writeAtomic } from '@pggan/files';
import { DatasetError } from '../errors.js';
import { sha256Of } from '../sha256.js';

/** The model that the tests and the documentation know: FaceLandmarker float16, version 1 (Apache-2.0). */
export const FACE_MODEL = {
  file: 'face_landmarker.task',
  url: 'https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/face_landmarker.task',
  bytes: 3_758_596,
  sha256: '64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff',
} as const;

const REMEDY =
  'Fetch face_landmarker.task (MediaPipe FaceLandmarker, float16/1) on another machine and name it with --face-model ' +
  'or the environment variable PGGAN_FACE_MODEL.';

export interface FaceModelOptions {
  readonly modelPath?: string | undefined; // use this file, whatever it holds
  readonly cacheDir?: string; // default: PGGAN_CACHE, else the operating system's per-user cache folder
  readonly env?: Readonly<Record<string, string | undefined>>; // default process.env
  readonly fetch?: typeof globalThis.fetch; // default the built-in one
  readonly url?: string; // where to download from; the checksum stays that of FACE_MODEL
  readonly timeout?: number; // milliseconds for the whole download; default 120,000
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Path of a usable model file; downloads it at most once per user.
 *
 * @throws DatasetError 'model-missing' when a named file does not exist or the download fails, 'model-invalid' when the
 * downloaded bytes are not the expected ones (nothing is kept then).
 */
export async function resolveFaceModel(options: FaceModelOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  if (options.modelPath) return existing(options.modelPath, '--face-model');
  if (env['PGGAN_FACE_MODEL']) return existing(env['PGGAN_FACE_MODEL'], 'PGGAN_FACE_MODEL');

  const cacheDir = options.cacheDir ?? cacheFolder(env);
  const path = join(cacheDir, 'models', FACE_MODEL.file);
  const cached = await readFile(path).catch(() => undefined);
  if (cached && sha256Of(cached) === FACE_MODEL.sha256) return path;

  const model = await download(options);
  const got = sha256Of(model);
  if (got !== FACE_MODEL.sha256) {
    throw new DatasetError(
      'model-invalid',
      `The face model from ${options.url ?? FACE_MODEL.url} is not the expected file: sha256 ${FACE_MODEL.sha256} ` +
        `(${FACE_MODEL.bytes} bytes) expected, got ${got} (${model.length} bytes). ${REMEDY}`,
    );
  }
  try {
    await makeFolder(join(cacheDir, 'models'));
    await writeAtomic(path, model);
  } catch (cause) {
    throw new DatasetError(
      'output-failed',
      `Cannot store the face model at ${path}: ${systemReason((cause as Error).cause ?? cause)}. ` +
        'Set PGGAN_CACHE to a folder with space, or name a model file with --face-model.',
      { cause },
    );
  }
  return path;
}

async function existing(path: string, from: string): Promise<string> {
  const full = resolve(path);
  try {
    await access(full);
  } catch (cause) {
    throw new DatasetError(
      'model-missing',
      `There is no face model at ${full} (named by ${from}). ${REMEDY}`,
      {
        cause,
      },
    );
  }
  return full;
}

async function download(options: FaceModelOptions): Promise<Buffer> {
  const { url = FACE_MODEL.url, timeout = 120_000, onProgress } = options;
  const refuse = (why: string, cause?: unknown) =>
    new DatasetError('model-missing', `Cannot download the face model from ${url}: ${why}. ${REMEDY}`, {
      cause,
    });
  try {
    const response = await (options.fetch ?? globalThis.fetch)(url, { signal: AbortSignal.timeout(timeout) });
    if (!response.ok || !response.body) {
      throw refuse(`the server answered ${response.status} ${response.statusText}`);
    }
    const chunks: Uint8Array[] = [];
    let done = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      done += chunk.length;
      onProgress?.(done, FACE_MODEL.bytes);
      // Not ours for certain, and perhaps without an end.
      if (done > 2 * FACE_MODEL.bytes) throw refuse(`more than the expected ${FACE_MODEL.bytes} bytes came`);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    throw refuse(reason(error), error);
  }
}

/** undici says "fetch failed" and hides the reason in the cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'it took too long';
  const cause = error.cause instanceof Error ? error.cause : undefined;
  const detail = cause ? cause.message || (cause as NodeJS.ErrnoException).code : undefined;
  return detail ? `${error.message} (${detail})` : error.message;
}
