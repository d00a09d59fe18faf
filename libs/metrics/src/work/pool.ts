/** Worker threads for tasks that need nothing but their input; the caller's own thread when none are wanted. */
import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import PQueue from 'p-queue';
import { MetricsError, type MetricsErrorCode } from '../errors.js';
import { perform, type TaskInput, type TaskName, type TaskReply, type TaskResult } from './tasks.js';

const workerFile = new URL(`./worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

/** How far a computation has come. Steps are of about equal length; `total` is null while nobody knows it. */
export interface MetricsProgress {
  readonly done: number;
  readonly total: number | null;
}

export interface WorkOptions {
  readonly workers?: number | undefined; // threads; default: one per core; 0: in the calling thread. Results are equal
  readonly signal?: AbortSignal | undefined; // stops with MetricsError `interrupted`
  readonly onProgress?: ((progress: MetricsProgress) => void) | undefined;
}

export class Pool {
  readonly #queue: PQueue;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #pending: Promise<void>[] = [];
  #failure: unknown;

  constructor(
    readonly size: number,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#queue = new PQueue({ concurrency: Math.max(1, size) });
  }

  /**
   * Has the task done some time; `settle` gets its result. Resolves when there is room for another one, so that no more
   * inputs wait than there are threads.
   * @throws what an earlier task failed with, or MetricsError `interrupted`
   */
  async give<Name extends TaskName>(
    name: Name,
    input: TaskInput<Name>,
    settle: (result: TaskResult<Name>) => void,
  ): Promise<void> {
    const work = async () => {
      if (this.#failure !== undefined) return;
      try {
        this.#check();
        settle(await this.#perform(name, input));
      } catch (error) {
        this.#failure ??= error;
      }
    };
    this.#pending.push(this.#queue.add(work));
    await this.#queue.onSizeLessThan(Math.max(1, this.size));
    this.#check();
  }

  /** Resolves when all that was given is done. */
  async finish(): Promise<void> {
    await Promise.all(this.#pending.splice(0));
    this.#check();
  }

  async close(): Promise<void> {
    this.#queue.clear();
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.signal?.aborted)
      throw new MetricsError('interrupted', 'stopped before the end', { cause: this.signal.reason });
  }

  async #perform<Name extends TaskName>(name: Name, input: TaskInput<Name>): Promise<TaskResult<Name>> {
    if (this.size === 0) {
      await nextTurn(); // a signal may be heard
      this.#check();
      return perform(name, input);
    }
    const worker = this.#idle.pop() ?? this.#start();
    const reply = await new Promise<TaskReply>((resolve, reject) => {
      const ended = (what: string, cause?: unknown) => {
        release();
        reject(new MetricsError('worker-failed', `a worker thread ended: ${what}`, { cause }));
      };
      const failed = (error: Error) => ended(error.message, error);
      const left = (code: number) => ended(`code ${code}`);
      const stopped = () => ended('it was stopped');
      const release = () => {
        worker.off('message', replied).off('error', failed).off('exit', left);
        this.signal?.removeEventListener('abort', stopped);
      };
      const replied = (answer: TaskReply) => {
        release();
        resolve(answer);
      };
      worker.once('message', replied).once('error', failed).once('exit', left);
      this.signal?.addEventListener('abort', stopped, { once: true });
      worker.postMessage({ name, input });
    }).catch((error: unknown) => {
      this.#check(); // an interruption is told as such
      throw error;
    });
    this.#idle.push(worker);
    if ('result' in reply) return reply.result as TaskResult<Name>;
    const { code, message } = reply.error;
    throw new MetricsError((code ?? 'worker-failed') as MetricsErrorCode, message);
  }

  #start(): Worker {
    const worker = new Worker(workerFile);
    this.#all.add(worker);
    worker.once('exit', () => this.#all.delete(worker));
    return worker;
  }
}

/** Does `work` with a pool that is closed after it, whatever comes of it. */
export async function withPool<Result>(
  { workers = availableParallelism(), signal }: WorkOptions,
  work: (pool: Pool) => Promise<Result>,
): Promise<Result> {
  if (!Number.isInteger(workers) || workers < 0)
    throw new MetricsError('option-invalid', `workers: expected a whole number, 0 or more, got ${workers}`);
  const pool = new Pool(workers, signal);
  try {
    const result = await work(pool);
    await pool.finish();
    return result;
  } finally {
    await pool.close();
  }
}
