/**
 * Finished pictures of a build that has not ended yet, so that a build that was stopped or killed
 * continues: an append-only file of TFRecord frames, each holding a JSON report and the pixels.
 * Whatever the last write left incomplete is cut off when the log is opened again.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { DatasetError } from '../errors.js';
import { framingBytes, headerBytes, openFrame, readLength, sealFrame } from '../records/framing.js';
import { readAt } from '../records/read-at.js';
import type { StageReport, StageResult } from './stage.js';

/** Where a result lies in the log. */
export interface LogEntry {
  readonly offset: number;
  readonly bytes: number;
}

/** Reports are far shorter than this; longer ones take a second read. */
const reportBytes = 4096;

interface Head {
  readonly key: string;
  readonly report: StageReport;
}

export class ResultLog {
  readonly #entries = new Map<string, LogEntry>();
  #end = 0;
  #writing: Promise<unknown> = Promise.resolve();

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
    return this.#entries.size;
  }

  find(key: string): LogEntry | undefined {
    return this.#entries.get(key);
  }

  async append(key: string, { report, pixels }: StageResult): Promise<LogEntry> {
    const head = Buffer.from(JSON.stringify({ key, report } satisfies Head));
    const frame = Buffer.allocUnsafe(framingBytes + 4 + head.length + (pixels?.length ?? 0));
    frame.writeUInt32LE(head.length, headerBytes);
    head.copy(frame, headerBytes + 4);
    if (pixels) frame.set(pixels, headerBytes + 4 + head.length);
    sealFrame(frame);
    const entry = { offset: this.#end, bytes: frame.length };
    this.#end += frame.length;
    // One write after the other: the offsets above are given out in this order.
    const written = this.#writing.then(() => this.handle.appendFile(frame));
    this.#writing = written.catch(() => undefined);
    await written;
    this.#entries.set(key, entry);
    return entry;
  }

  /** @throws DatasetError `record-corrupt` */
  async read(entry: LogEntry): Promise<StageResult> {
    const place = { file: this.path, record: 0, offset: entry.offset };
    const payload = openFrame(await readAt(this.handle, entry.offset, entry.bytes), place);
    const length = payload.readUInt32LE(0);
    const { report } = JSON.parse(payload.toString('utf8', 4, 4 + length)) as Head;
    const pixels = payload.subarray(4 + length);
    return { report, pixels: pixels.length > 0 ? pixels : null };
  }

  /** The report alone, for a result that `open` has checked. */
  async readReport(entry: LogEntry): Promise<StageReport> {
    const start = await readAt(this.handle, entry.offset + headerBytes, Math.min(entry.bytes, reportBytes));
    const length = start.readUInt32LE(0);
    const whole =
      4 + length <= start.length
        ? start
        : await readAt(this.handle, entry.offset + headerBytes, Math.min(entry.bytes, 4 + length));
    return (JSON.parse(whole.toString('utf8', 4, 4 + length)) as Head).report;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.handle.close();
  }

  async #scan(): Promise<void> {
    const { size } = await this.handle.stat();
    while (this.#end < size) {
      const place = { file: this.path, record: this.#entries.size, offset: this.#end };
      try {
        const header = await readAt(this.handle, this.#end, headerBytes);
        const entry = {
          offset: this.#end,
          bytes: readLength(header, place, size - this.#end) + framingBytes,
        };
        const payload = openFrame(await readAt(this.handle, entry.offset, entry.bytes), place);
        const { key } = JSON.parse(payload.toString('utf8', 4, 4 + payload.readUInt32LE(0))) as Head;
        this.#entries.set(key, entry);
        this.#end += entry.bytes;
      } catch (error) {
        if (!(error instanceof DatasetError)) throw error;
        await this.handle.truncate(this.#end);
        return;
      }
    }
  }
}
