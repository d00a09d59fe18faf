/** Worker threads for the per-image stage, started when needed, replaced when they die. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import PQueue from 'p-queue';
import { DatasetError } from '../errors.js';
import type { WorkerReply, WorkerSetup, WorkerTask } from './worker-messages.js';
import { nothingKnown, type StageResult } from './stage.js';

const workerFile = new URL(`./stage-worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

/** A picture and what is known of it. */
export type PoolTask = Omit<WorkerTask, 'spare'>;

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
  #answered = false; // some picture has come through

  constructor(
    readonly size: number,
    private readonly setup: WorkerSetup,
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

  /** The picture's bytes, alone in their memory, are moved to the worker. @throws DatasetError for troubles of the job, not of the picture */
  async run(task: PoolTask): Promise<StageResult> {
    return this.#queue.add(() => this.#process(task));
  }

  /** The pixels of a result that are not needed any more: later results are made in their memory. */
  release(pixels: Uint8Array): void {
    if (this.#spares.length < this.size * 2) this.#spares.push(pixels);
  }

  async close(): Promise<void> {
    this.#queue.clear();
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  async #process(picture: PoolTask): Promise<StageResult> {
    const worker = this.#idle.pop() ?? this.#start();
    const reply = await new Promise<WorkerReply>((resolve) => {
      const died = (error: Error) => settle({ error: { code: null, message: error.message } });
      const left = (code: number) => died(new Error(`the worker thread ended with code ${code}`));
      const settle = (answer: WorkerReply) => {
        worker.off('message', settle).off('error', died).off('exit', left);
        resolve(answer);
      };
      worker.once('message', settle).once('error', died).once('exit', left);
      const task = { ...picture, spare: this.#spares.pop() ?? null };
      worker.postMessage(task, memoryOf(task));
    });
    if (this.#all.has(worker)) this.#idle.push(worker);
    if (!('error' in reply)) {
      this.#answered = true;
      return reply;
    }
    const { code, message } = reply.error;
    if (code) throw new DatasetError(code, message);
    // Not this picture's fault, and it would be the same with all others.
    if (!this.#answered)
      throw new DatasetError('worker-failed', `the worker threads do not run (${message})`);
    const failure = { reason: 'failed', detail: message } as const;
    return { report: { ...nothingKnown, failure }, pixels: null };
  }

  #start(): Worker {
    const worker = new Worker(workerFile, { workerData: this.setup });
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
