/** Worker thread: runs the per-image stage, one picture at a time, with its own face detector. */
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { DatasetError, type DatasetErrorCode } from '../errors.js';
import { detectingFinder } from './detecting-finder.js';
import { type StageOptions } from './options.js';
import { processPicture, type FaceFinder, type StageReport } from './stage.js';

export interface WorkerSetup {
  readonly options: StageOptions;
  readonly faceModel: string | null; // null: points come with every picture, or are not needed
}

export interface WorkerTask {
  readonly bytes: Uint8Array; // moved, not copied
  readonly points: Float32Array | null; // landmarks of the annotation; null: detect, or not annotated
}

export type WorkerReply =
  | { readonly report: StageReport; readonly pixels: Uint8Array | null }
  | { readonly error: { readonly code: DatasetErrorCode | null; readonly message: string } };

const port = parentPort!;
const { options, faceModel } = workerData as WorkerSetup;

// The pool has one thread per core already.
sharp.concurrency(1);
sharp.cache(false);

const detect = faceModel === null ? undefined : detectingFinder(faceModel);

async function reply(task: WorkerTask): Promise<WorkerReply> {
  const { points } = task;
  const annotated: FaceFinder = () => (points ? { points, faces: 1 } : undefined);
  const bytes = Buffer.from(task.bytes.buffer, task.bytes.byteOffset, task.bytes.byteLength);
  try {
    return await processPicture(bytes, options, detect ?? annotated);
  } catch (error) {
    const code = error instanceof DatasetError ? error.code : null;
    return { error: { code, message: (error as Error).message } };
  }
}

port.on('message', (task: WorkerTask) => {
  void reply(task).then((answer) => {
    const moved = 'pixels' in answer && answer.pixels ? [answer.pixels.buffer as ArrayBuffer] : [];
    port.postMessage(answer, moved);
  });
});
