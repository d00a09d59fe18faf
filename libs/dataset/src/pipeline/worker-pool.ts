/** Worker threads for the per-image stage, started when needed, replaced when they die. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import PQueue from 'p-queue';
import { DatasetError } from '../errors.js';
import { SourcePictureError, type SourcePicture } from '../sources/source.js';
import type { WorkerReply, WorkerSetup, WorkerTask } from './worker-messages.js';
import type { StageResult } from './stage.js';

const stageWorker = new URL(`./stage-worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

/** A picture and what is known of it. */
export type PoolTask = Omit<WorkerTask, 'spare'>;

/** A worker that cannot even do this one is not ended by a picture. */
const harmless = (): PoolTask => ({
  picture: { kind: 'pixels', channels: 1, height: 64, width: 64, data: new Uint8Array(64 * 64) },
  faces: undefined,
});

/** Why a worker thread has ended. */
class WorkerDeath {
  constructor(readonly message: string) {}
}

/** Memory that moves to the worker: it holds nothing but the picture, and the spare. */
function memoryOf({ picture, spare }: WorkerTask): ArrayBuffer[] {
  const { buffer } = picture.kind === 'file' ? picture.bytes : picture.data;
  return (spare ? [buffer, spare.buffer] : [buffer]) as ArrayBuffer[];
}

export class WorkerPool {
  readonly #queue: PQueue;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #spares: Uint8Array[] = [];

  constructor(
    readonly size: number,
    private readonly setup: WorkerSetup,
    private readonly workerFile = stageWorker,
  ) {
    this.#queue = new PQueue({ concurrency: size });
  }

  /**
   * Resolves when fewer than `size` pictures wait for a worker, so that no more files are in memory
   * than twice the number of workers.
   */
  async ready(): Promise<void> {
    await this.#queue.onSizeLessThan(this.size);
  }

  /**
   * Results of the picture's candidates. Its bytes, alone in their memory, are moved to the worker; `again` reads them once more if the worker
   * dies. Whether a picture is given up depends on nothing but what it does to a fresh worker.
   * @throws SourcePictureError `worker-died` when two workers die of it, DatasetError for troubles of the job
   */
  async run(task: PoolTask, again: () => Promise<SourcePicture>): Promise<readonly StageResult[]> {
    return this.#queue.add(async () => {
      const first = await this.#process(this.#idle.pop() ?? this.#start(), task);
      if (!(first instanceof WorkerDeath)) return first;
      const second = await this.#process(this.#start(), { ...task, picture: await again() });
      if (!(second instanceof WorkerDeath)) return second;
      const third = await this.#process(this.#start(), harmless());
      if (third instanceof WorkerDeath)
        throw new DatasetError('worker-failed', `the worker threads do not run (${third.message})`);
      throw new SourcePictureError('worker-died', second.message);
    });
  }

  /** The pixels of a result that are not needed any more: later results are made in their memory. */
  release(pixels: Uint8Array): void {
    if (this.#spares.length < this.size * 2) this.#spares.push(pixels);
  }

  async close(): Promise<void> {
    this.#queue.clear();
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  async #process(worker: Worker, task: PoolTask): Promise<readonly StageResult[] | WorkerDeath> {
    const reply = await new Promise<WorkerReply | WorkerDeath>((resolve) => {
      const died = (error: Error) => settle(new WorkerDeath(error.message));
      const left = (code: number) => settle(new WorkerDeath(`the worker thread ended with code ${code}`));
      const settle = (answer: WorkerReply | WorkerDeath) => {
        worker.off('message', settle).off('error', died).off('exit', left);
        resolve(answer);
      };
      worker.once('message', settle).once('error', died).once('exit', left);
      const message = { ...task, spare: this.#spares.pop() ?? null };
      worker.postMessage(message, memoryOf(message));
    });
    if (this.#all.has(worker)) this.#idle.push(worker);
    if ('error' in reply) throw new DatasetError(reply.error.code, reply.error.message);
    return 'results' in reply ? reply.results : reply;
  }

  #start(): Worker {
    const worker = new Worker(this.workerFile, { workerData: this.setup });
    this.#all.add(worker);
    const gone = () => {
      this.#all.delete(worker);
      const place = this.#idle.indexOf(worker);
      if (place >= 0) this.#idle.splice(place, 1);
    };
    worker.once('exit', gone).once('error', gone);
    return worker;
  }
}
