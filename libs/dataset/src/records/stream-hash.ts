/** SHA-256 of a long stream, here or in a thread of its own: it is most of the work of writing a dataset. */
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { HashReply, HashRequest } from './hash-worker.js';

export interface StreamHash {
  /** Resolves when the bytes are not needed any more. Not called again before that. */
  update(bytes: Uint8Array): Promise<void>;
  /** Hexadecimal; the next bytes begin another stream. */
  digest(): Promise<string>;
  close(): Promise<void>;
}

export class LocalHash implements StreamHash {
  #hash = createHash('sha256');

  async update(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
  }

  async digest(): Promise<string> {
    const digest = this.#hash.digest('hex');
    this.#hash = createHash('sha256');
    return digest;
  }

  async close(): Promise<void> {}
}

const workerFile = new URL(`./hash-worker${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

/** Bytes must lie in shared memory. */
export class ThreadHash implements StreamHash {
  readonly #worker = new Worker(workerFile);
  #failure: Error | undefined;

  constructor() {
    // A process that is done does not wait for a thread that waits for bytes.
    this.#worker.unref();
    this.#worker.on('error', (error) => (this.#failure ??= error));
    this.#worker.on(
      'exit',
      (code) => (this.#failure ??= new Error(`the hashing thread ended with code ${code}`)),
    );
  }

  async update(bytes: Uint8Array): Promise<void> {
    await this.#ask(bytes);
  }

  async digest(): Promise<string> {
    return (await this.#ask(null))!;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(request: HashRequest): Promise<HashReply> {
    const worker = this.#worker;
    worker.ref();
    return new Promise<HashReply>((resolve, reject) => {
      const settle = () => {
        worker.off('message', replied).off('exit', left);
        worker.unref();
      };
      const replied = (reply: HashReply) => {
        settle();
        resolve(reply);
      };
      const left = () => {
        settle();
        reject(this.#failure!);
      };
      if (this.#failure) return left();
      worker.once('message', replied).once('exit', left);
      worker.postMessage(request);
    });
  }
}
