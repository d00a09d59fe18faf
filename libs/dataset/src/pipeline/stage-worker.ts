/** Worker thread: runs the per-image stage, one picture at a time, with its own face detector. */
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { DatasetError } from '../errors.js';
import type { SourcePicture } from '../sources/source.js';
import { detectingFinder } from './detecting-finder.js';
import { processPicture, type FaceFinder } from './stage.js';
import type { WorkerReply, WorkerSetup, WorkerTask } from './worker-messages.js';

const port = parentPort!;
const { options, faceModel } = workerData as WorkerSetup;

// The pool has one thread per core already.
sharp.concurrency(1);
sharp.cache(false);

const detect: FaceFinder = faceModel === null ? () => undefined : detectingFinder(faceModel);

/** A Buffer arrives as a plain Uint8Array. */
function received(picture: SourcePicture): SourcePicture {
  if (picture.kind === 'pixels') return picture;
  const { buffer, byteOffset, byteLength } = picture.bytes;
  return { kind: 'file', bytes: Buffer.from(buffer, byteOffset, byteLength) };
}

async function reply({ picture, face }: WorkerTask): Promise<WorkerReply> {
  try {
    return await processPicture(
      received(picture),
      options,
      face === undefined ? detect : () => face ?? undefined,
    );
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
