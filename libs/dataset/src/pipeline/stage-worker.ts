/** Worker thread: runs the per-image stage, one picture at a time, with its own face detector. */
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { DatasetError } from '../errors.js';
import { detectingFinder } from './detecting-finder.js';
import { processPicture, type FaceFinder } from './stage.js';
import type { WorkerReply, WorkerSetup, WorkerTask } from './worker-messages.js';

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
