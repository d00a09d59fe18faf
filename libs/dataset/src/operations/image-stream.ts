/** Images of a level one after the other, read ahead in batches, so that memory stays small. */
import { setImmediate } from 'node:timers/promises';
import { RandomState } from '@pggan/random';
import { DatasetError } from '../errors.js';
import type { LevelReader } from '../records/level.js';

/** What a long operation is told by its caller. */
export interface OperationContext {
  readonly signal?: AbortSignal | undefined; // stop; nothing is left half written
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The same for operations of two steps: images are compared, then written. */
export interface SteppedContext {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((step: 'compare' | 'write', done: number, total: number) => void) | undefined;
}

/** Read at a time; twice this is in memory. */
const batchBytes = 4 * 2 ** 20;
const batchImages = 256;

/** Images between two looks at what else happens, a Ctrl-C for example; reading from memory never waits. */
const imagesAtOnce = 16;

/** @throws DatasetError `interrupted` */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DatasetError('interrupted', 'stopped; nothing was changed');
}

/**
 * Yields number and pixels (uint8 CHW, a view that may be kept) of `records`, in their order.
 * @throws DatasetError `interrupted`, `record-corrupt`, `record-invalid`
 */
export async function* imagesOf(
  reader: LevelReader,
  records: Int32Array,
  signal?: AbortSignal,
): AsyncGenerator<{ record: number; pixels: Uint8Array }> {
  const size = Math.max(1, Math.min(batchImages, Math.floor(batchBytes / reader.imageBytes)));
  const read = (start: number) => {
    const images = reader.read(records.subarray(start, start + size));
    // An error waits for its turn.
    images.catch(() => undefined);
    return images;
  };
  let next = read(0);
  for (let start = 0; start < records.length; start += size) {
    const images = await next;
    next = read(start + size);
    const count = Math.min(size, records.length - start);
    for (let i = 0; i < count; i++) {
      if (i % imagesAtOnce === 0) await setImmediate();
      checkSignal(signal);
      const pixels = images.subarray(i * reader.imageBytes, (i + 1) * reader.imageBytes);
      yield { record: records[start + i]!, pixels };
    }
  }
}

/** 0…count−1. */
export function everyRecord(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

/** `amount` of `count` record numbers, drawn with `seed`, rising; all when there are no more. */
export function sampleRecords(count: number, amount: number, seed: number): Int32Array {
  if (amount >= count) return everyRecord(count);
  return new RandomState(seed).permutation(count).slice(0, amount).sort();
}
