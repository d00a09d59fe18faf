/** Gzip with a limit on what comes out, so that a small file cannot fill the memory. */
import { promisify } from 'node:util';
import { constants, gunzip as inflate, gunzipSync } from 'node:zlib';
import { DatasetError } from '../errors.js';

const inflateAsync = promisify(inflate);

/** DEFLATE makes no more than this of a byte. */
export const mostPerByte = 1032;

/** By content: browsers unpack `.gz` on the way and leave the name. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

const damaged = (file: string, error: unknown) =>
  new DatasetError(
    'source-invalid',
    `${file}: its gzip data is damaged (${(error as Error).message}); download it again`,
  );

/**
 * The first `length` bytes (at most some thousand) of what is packed, or all of it where it is shorter.
 * @throws DatasetError `source-invalid`
 */
export function gunzipStart(packed: Buffer, length: number, file: string): Buffer {
  try {
    // The end of a part of the file is no error.
    const start = gunzipSync(packed.subarray(0, 4096), { finishFlush: constants.Z_SYNC_FLUSH });
    return Buffer.from(start.subarray(0, length));
  } catch (error) {
    throw damaged(file, error);
  }
}

/**
 * Everything that is packed.
 * @throws DatasetError `source-invalid` when it is damaged or longer than `limit` bytes
 */
export async function gunzip(packed: Buffer, limit: number, file: string): Promise<Buffer> {
  try {
    return await inflateAsync(packed, { maxOutputLength: Math.max(1, limit), chunkSize: 2 ** 18 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new DatasetError('source-invalid', `${file}: unpacks to more than the expected ${limit} bytes`);
    throw damaged(file, error);
  }
}
