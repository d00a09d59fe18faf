/** Files of a dataset: plain ones only, for a pipe or a device could keep us waiting or never end. */
import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { PlainFileError, readPlainFile } from '@pggan/files';
import { DatasetError } from '../errors.js';

/** @throws DatasetError `dataset-invalid` for what is no plain file; errors of the system as they are */
async function requirePlain(path: string): Promise<void> {
  if (!(await stat(path)).isFile())
    throw new DatasetError('dataset-invalid', `${path}: is no plain file; expected one`);
}

/** As `fs.open` for reading. @throws DatasetError `dataset-invalid` */
export async function openPlain(path: string): Promise<FileHandle> {
  await requirePlain(path);
  return open(path, 'r');
}

/** The whole file. @throws DatasetError `dataset-invalid` when it is larger than `most` bytes */
export async function readPlain(path: string, most: number): Promise<Buffer> {
  return readPlainFile(path, most).catch((cause: unknown) => {
    if (cause instanceof PlainFileError) throw new DatasetError('dataset-invalid', cause.message, { cause });
    throw cause;
  });
}

export interface Line {
  readonly text: string;
  readonly offset: number; // bytes
  readonly length: number; // bytes, without the line's end
}

/** No line of a manifest is as long. */
const longestLine = 1 << 20;

/** Lines of a text file, one after the other. @throws DatasetError `dataset-invalid` */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  await requirePlain(path);
  let parts: Buffer[] = [];
  let [offset, length] = [0, 0];
  const gather = (part: Buffer) => {
    parts.push(part);
    length += part.length;
    if (length > longestLine)
      throw new DatasetError('dataset-invalid', `${path}: a line has more than ${longestLine} bytes`);
  };
  const take = (): Line => {
    const line = { text: Buffer.concat(parts).toString('utf8'), offset, length };
    offset += length + 1;
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let at = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, at)) {
      gather(chunk.subarray(at, end));
      at = end + 1;
      yield take();
    }
    if (at < chunk.length) gather(chunk.subarray(at));
  }
  if (length > 0) yield take();
}
