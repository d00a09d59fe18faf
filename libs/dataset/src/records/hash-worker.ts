/** Worker thread: the SHA-256 of one stream of bytes after the other. */
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

/** Bytes to add, in shared memory, or null: the stream has ended. */
export type HashRequest = Uint8Array | null;

/** Null: the bytes are not needed any more; text: hexadecimal SHA-256 of the stream. */
export type HashReply = string | null;

const port = parentPort!;
let hash = createHash('sha256');

port.on('message', (bytes: HashRequest) => {
  let reply: HashReply = null;
  if (bytes) hash.update(bytes);
  else {
    reply = hash.digest('hex');
    hash = createHash('sha256');
  }
  port.postMessage(reply);
});
