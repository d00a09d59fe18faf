/** One stream of batches for several readers, read once. */
import type { ImageBatch } from '../images/batch.js';

interface Branch {
  readonly waiting: ImageBatch[];
  wake: (() => void) | undefined;
  open: boolean;
}

/** Batches that the fastest reader may be ahead of the slowest. */
const mostAhead = 4;

/**
 * As many streams of the same batches. The source is read as far as the fastest reader wants and the slowest allows; a
 * reader that stops early holds nobody up. An error of the source reaches every reader, and so does the reason of an
 * aborted `signal`: abort it when one of them will not read.
 */
export function fork(
  source: AsyncIterable<ImageBatch>,
  readers: number,
  signal: AbortSignal,
): AsyncGenerator<ImageBatch>[] {
  const iterator = source[Symbol.asyncIterator]();
  const branches = Array.from({ length: readers }, (): Branch => ({
    waiting: [],
    wake: undefined,
    open: true,
  }));
  let reading: Promise<void> | undefined;
  let ended = false;
  let failure: { readonly error: unknown } | undefined;

  const wakeAll = () => {
    for (const branch of branches) {
      branch.wake?.();
      branch.wake = undefined;
    }
  };
  const read = async () => {
    try {
      const { value, done } = await iterator.next();
      if (done) ended = true;
      else for (const branch of branches) if (branch.open) branch.waiting.push(value);
    } catch (error) {
      failure = { error };
    } finally {
      reading = undefined;
      wakeAll();
    }
  };
  const abort = () => {
    failure ??= { error: signal.reason };
    wakeAll();
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  const full = () => branches.some(({ open, waiting }) => open && waiting.length >= mostAhead);

  async function* follow(branch: Branch): AsyncGenerator<ImageBatch> {
    try {
      for (;;) {
        if (failure) throw failure.error;
        const batch = branch.waiting.shift();
        if (batch !== undefined) {
          wakeAll();
          yield batch;
        } else if (ended) return;
        else if (reading) await reading;
        else if (full()) await new Promise<void>((resolve) => (branch.wake = resolve));
        else await (reading = read());
      }
    } finally {
      branch.open = false;
      branch.waiting.length = 0;
      wakeAll();
      if (branches.every(({ open }) => !open)) {
        signal.removeEventListener('abort', abort);
        await iterator.return?.();
      }
    }
  }
  return branches.map(follow);
}

/** The first `count` images. */
export async function* take(source: AsyncIterable<ImageBatch>, count: number): AsyncGenerator<ImageBatch> {
  let left = count;
  for await (const batch of source) {
    const samples = batch.channels * batch.width * batch.height;
    const images = batch.data.length / samples;
    yield images <= left ? batch : { ...batch, data: batch.data.subarray(0, left * samples) };
    left -= images;
    if (left <= 0) return;
  }
}
