import type { FileHandle } from 'node:fs/promises';

/** `length` bytes of a file from `offset`; fewer only where the file ends. In `scratch` if they fit in. */
export async function readAt(
  handle: FileHandle,
  offset: number,
  length: number,
  scratch?: Buffer,
): Promise<Buffer> {
  const buffer = scratch && scratch.length >= length ? scratch : Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
