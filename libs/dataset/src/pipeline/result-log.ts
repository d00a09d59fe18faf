/**
 * Finished candidates of a build that has not ended yet, so that a build that was stopped or killed
 * continues: an append-only file of TFRecord frames, each holding a JSON head and the pixels.
 * Whatever the last write left incomplete is cut off when the log is opened again.
 *
 * In memory a result takes about 130 bytes, whatever its size.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { DatasetError } from '../errors.js';
import { framingBytes, headerBytes, openFrame, readLength, sealParts } from '../records/framing.js';
import { readAt } from '../records/read-at.js';
import type { StageReport } from './stage.js';

export interface LogHead {
  readonly key: string; // hexadecimal
  readonly sha256: string; // of the picture
  readonly bytes: number; // of the picture
  readonly candidates: number; // of the picture; each has a result of its own
  readonly report: StageReport;
  readonly withoutPixels?: boolean; // only the report is known
}

/** Heads are far shorter than this; longer ones take a second read. */
const usualHead = 4096;

const totalLength = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0);

/** Half the memory of the hexadecimal text. */
export const packed = (key: string) => Buffer.from(key, 'hex').toString('latin1');

export class ResultLog {
  readonly #entryOf = new Map<string, number>();
  // By entry number; plain arrays of numbers take 8 bytes an element and grow.
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  #end = 0;
  #waiting: Uint8Array[] = [];
  #writing: Promise<void> | undefined;

  private constructor(
    private readonly handle: FileHandle,
    private readonly path: string,
  ) {}

  static async open(path: string): Promise<ResultLog> {
    const handle = await open(path, 'a+');
    const log = new ResultLog(handle, path);
    try {
      await log.#scan();
    } catch (error) {
      await handle.close();
      throw error;
    }
    return log;
  }

  /** Results there when the log was opened, plus those added since. */
  get size(): number {
    return this.#offsets.length;
  }

  /** Number of the result with that key, for `read` and `readHead`. */
  find(key: string): number | undefined {
    return this.#entryOf.get(packed(key));
  }

  /** Once it resolves the memory of `pixels` may be used for something else. */
  async append(head: LogHead, pixels: Uint8Array | null): Promise<number> {
    const json = Buffer.from(JSON.stringify(head));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    const parts = sealParts(pixels ? [length, json, pixels] : [length, json]);
    const bytes = totalLength(parts);
    const offset = this.#end;
    this.#end += bytes;
    // The offsets are given out in this order.
    this.#waiting.push(...parts);
    await (this.#writing ??= this.#write());
    return this.#add(head.key, offset, bytes);
  }

  /**
   * `scratch`: memory to read into if it is large enough; `pixels` is a view of it then.
   * @throws DatasetError `record-corrupt`
   */
  async read(entry: number, scratch?: Buffer): Promise<{ head: LogHead; pixels: Uint8Array | null }> {
    const [offset, length] = [this.#offsets[entry]!, this.#lengths[entry]!];
    const place = { file: this.path, record: entry, offset };
    const payload = openFrame(await readAt(this.handle, offset, length, scratch), place);
    const json = payload.readUInt32LE(0);
    const head = JSON.parse(payload.toString('utf8', 4, 4 + json)) as LogHead;
    const pixels = payload.subarray(4 + json);
    return { head, pixels: pixels.length > 0 ? pixels : null };
  }

  /** The head alone, for a result that `open` has checked. */
  async readHead(entry: number): Promise<LogHead> {
    const start = this.#offsets[entry]! + headerBytes;
    const most = this.#lengths[entry]! - framingBytes;
    const first = await readAt(this.handle, start, Math.min(most, usualHead));
    const length = 4 + first.readUInt32LE(0);
    const whole = length <= first.length ? first : await readAt(this.handle, start, Math.min(most, length));
    return JSON.parse(whole.toString('utf8', 4, length)) as LogHead;
  }

  async close(): Promise<void> {
    await this.#writing?.catch(() => undefined);
    await this.handle.close();
  }

  /** One write after the other, each of all that waits. */
  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const parts = this.#waiting;
        this.#waiting = [];
        const { bytesWritten } = await this.handle.writev(parts);
        if (bytesWritten < totalLength(parts))
          await this.handle.appendFile(Buffer.concat(parts).subarray(bytesWritten));
      }
    } finally {
      this.#writing = undefined;
    }
  }

  #add(key: string, offset: number, length: number): number {
    const entry = this.#offsets.push(offset) - 1;
    this.#lengths.push(length);
    this.#entryOf.set(packed(key), entry);
    return entry;
  }

  async #scan(): Promise<void> {
    const { size } = await this.handle.stat();
    while (this.#end < size) {
      const place = { file: this.path, record: this.size, offset: this.#end };
      try {
        const header = await readAt(this.handle, this.#end, headerBytes);
        const length = readLength(header, place, size - this.#end) + framingBytes;
        const payload = openFrame(await readAt(this.handle, this.#end, length), place);
        const { key } = JSON.parse(payload.toString('utf8', 4, 4 + payload.readUInt32LE(0))) as LogHead;
        this.#add(key, this.#end, length);
        this.#end += length;
      } catch (error) {
        if (!(error instanceof DatasetError)) throw error;
        await this.handle.truncate(this.#end);
        return;
      }
    }
  }
}
