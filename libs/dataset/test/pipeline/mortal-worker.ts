/**
 * The real worker, ended by what test pictures have behind their last byte: `dies` always, `dies once: FILE` unless
 * the file is there. With the face model `dies at once` it ends whatever the picture.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import '../../src/pipeline/stage-worker.js';
import type { WorkerSetup, WorkerTask } from '../../src/pipeline/worker-messages.js';

const { detector } = workerData as WorkerSetup;

// After the worker's own, whose answer takes longer than this.
parentPort!.on('message', ({ picture }: WorkerTask) => {
  const tail = picture.kind === 'file' ? Buffer.from(picture.bytes).toString('latin1').slice(-500) : '';
  const [, once] = /dies once: (.*)$/.exec(tail) ?? [];
  if (
    once === undefined ? detector?.modelPath === 'dies at once' || tail.endsWith('dies') : !existsSync(once)
  ) {
    if (once !== undefined) writeFileSync(once, '');
    process.exit(7);
  }
});
