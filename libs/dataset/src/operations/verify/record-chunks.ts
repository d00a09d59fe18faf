/** A level file read from front to back in chunks of whole records, the next one while one is looked at. */
import { open } from 'node:fs/promises';
import { DatasetError } from '../../errors.js';
import { recordSpan, type LevelFile } from '../../records/level-file.js';

/** Bytes per chunk, unless a record is larger: small enough to stay in a core's cache until it is looked at. */
const chunkBytes = 1 << 20;

export interface RecordChunk {
  /** Whole frames, the first at 0. Valid until the next chunk is asked for. */
  readonly bytes: Buffer;
  readonly offset: number; // of `bytes` in the file
  readonly first: number; // record of the file
  readonly end: number; // first record of the next chunk
}

type Part = Omit<RecordChunk, 'bytes'> & { readonly length: number };

function partFrom(file: LevelFile, first: number, last: number): Part {
  const { start: offset, end: firstEnd } = recordSpan(file, first);
  let [end, length] = [first + 1, firstEnd - offset];
  if ('recordBytes' in file.offsets) {
    end = Math.min(last, first + Math.max(1, Math.floor(chunkBytes / file.offsets.recordBytes)));
    length = (end - first) * file.offsets.recordBytes;
  } else
    for (; end < last; end++) {
      const longer = recordSpan(file, end).end - offset;
      if (longer > chunkBytes) break;
      length = longer;
    }
  return { offset, first, end, length };
}

/**
 * The records from `first` to before `last`, default all. All of them must lie inside the file.
 * @throws DatasetError `record-corrupt` when the file has become shorter, `interrupted`
 */
export async function* recordChunks(
  file: LevelFile,
  {
    first = 0,
    last = file.count,
    signal,
  }: { readonly first?: number; readonly last?: number; readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<RecordChunk, void, void> {
  if (first >= last) return;
  const handle = await open(file.path, 'r');
  const buffers: Buffer[] = [];
  const read = async (part: Part, slot: number): Promise<RecordChunk> => {
    let buffer = buffers[slot];
    if (!buffer || buffer.length < part.length) buffers[slot] = buffer = Buffer.allocUnsafeSlow(part.length);
    for (let filled = 0; filled < part.length;) {
      const { bytesRead } = await handle.read(buffer, filled, part.length - filled, part.offset + filled);
      if (bytesRead === 0)
        throw new DatasetError(
          'record-corrupt',
          `${file.path}: ends at byte ${part.offset + filled}, where there were ${file.bytes} bytes a moment ago; somebody is writing it`,
        );
      filled += bytesRead;
    }
    return { ...part, bytes: buffer.subarray(0, part.length) };
  };

  let pending: Promise<RecordChunk> | undefined;
  try {
    pending = read(partFrom(file, first, last), 0);
    for (let slot = 1; pending; slot = 1 - slot) {
      const chunk: RecordChunk = await pending;
      throwIfAborted(signal);
      pending = chunk.end < last ? read(partFrom(file, chunk.end, last), slot) : undefined;
      // An error waits for its turn.
      pending?.catch(() => undefined);
      yield chunk;
    }
  } finally {
    await pending?.catch(() => undefined);
    await handle.close();
  }
}

/** @throws DatasetError `interrupted` */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new DatasetError('interrupted', 'stopped on request; the dataset is as it was');
}
