/** Worker thread: runs the per-image stage, one picture at a time, with its own face detector. */
import { parentPort, workerData } from 'node:worker_threads';
import { DatasetError } from '../errors.js';
import type { SourcePicture } from '../sources/source.js';
import { processPicture, type FaceFinder } from './stage.js';
import { WorkerMemory } from './stage-memory.js';
import type { WorkerReply, WorkerSetup, WorkerTask } from './worker-messages.js';

const port = parentPort!;
const { options, detector, enhancer: enhancerPath, noFace } = workerData as WorkerSetup;

const memory = new WorkerMemory();

const detect: FaceFinder =
  detector === null ? () => [] : (await import('./detecting-finder.js')).detectingFinder(detector);

const enhancer =
  options.enhancer && (await import('./stage-enhancer.js')).enhancerOpener(enhancerPath, options.enhancer);

/** A Buffer arrives as a plain Uint8Array. */
function received(picture: SourcePicture): SourcePicture {
  if (picture.kind === 'pixels') return picture;
  const { buffer, byteOffset, byteLength } = picture.bytes;
  return { kind: 'file', bytes: Buffer.from(buffer, byteOffset, byteLength) };
}

async function reply({ picture, faces, spare }: WorkerTask): Promise<WorkerReply> {
  if (spare) memory.give(spare);
  try {
    const tools = { memory, enhancer, noFace };
    const results = await processPicture(received(picture), options, faces ? () => faces : detect, tools);
    return { results };
  } catch (error) {
    // Anything else ends this thread; the pool gives the picture to another one.
    if (!(error instanceof DatasetError)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}

port.on('message', (task: WorkerTask) => {
  void reply(task).then((answer) => {
    const results = 'results' in answer ? answer.results : [];
    const moved = results.flatMap(({ pixels }) => (pixels ? [pixels.buffer as ArrayBuffer] : []));
    port.postMessage(answer, moved);
  });
});
