/** Goes through the images of one level in their order, over all its shards. */
import { createHash, type Hash } from 'node:crypto';
import { systemReason } from '@pggan/files';
import { DatasetError } from '../../errors.js';
import { formatCrc } from '../../records/crc.js';
import type { ImageShape } from '../../records/example.js';
import { recordSpan } from '../../records/level-file.js';
import type { Findings } from './findings.js';
import type { LevelLayout, ShardLayout } from './layout.js';
import { RecordCheck, type ReportRecord } from './record-check.js';
import { recordChunks, type RecordChunk } from './record-chunks.js';

export interface WalkOptions {
  readonly sha256: boolean; // compare files with the index's SHA-256 as well
  readonly signal: AbortSignal | undefined;
  readonly onBytes: (bytes: number) => void;
}

const nothing = Buffer.alloc(0);

/** Call `ready` and then `look` for image `start`, `start` + 1, …, and `close` at the end. */
export class LevelWalk {
  /** Where the last `look` found its pixels; valid until `ready` is called. */
  bytes: Buffer = nothing;
  /** Images before this one need no `ready`. */
  until = 0;
  shape: ImageShape = [1, 1, 1];
  #shard: ShardLayout | undefined;
  #next = 0; // shard
  #chunks: AsyncGenerator<RecordChunk, void, void> | undefined;
  #chunk: RecordChunk | undefined;
  #check: RecordCheck | undefined;
  #hash: Hash | undefined;
  #recordBytes = 0; // 0: varies
  #image = 0; // the one being looked at, for reports

  constructor(
    private readonly level: LevelLayout,
    private readonly findings: Findings,
    private readonly options: WalkOptions,
    private readonly start = 0,
  ) {
    const later = level.shards.findIndex(({ first, records }) => first + records > start);
    this.#next = later < 0 ? level.shards.length : later;
  }

  /** Reads on until `image` can be looked at, or is known to be unreadable. */
  async ready(image: number): Promise<void> {
    while (image >= this.until) {
      if (this.#chunks && (await this.#nextChunk())) continue;
      if (this.#chunks) {
        await this.#endShard();
        continue;
      }
      this.#shard = this.level.shards[this.#next++];
      if (this.#shard?.file) this.#openShard(this.#shard);
      // Images without a file, or beyond the last shard, are a gap.
      else this.until = this.#shard ? this.#shard.first + this.#shard.records : Infinity;
    }
  }

  /** Whether there are records before `until`. */
  get readable(): boolean {
    return this.#chunk !== undefined;
  }

  /** Checks the record of `image`. Returns where its pixels begin in `bytes`, or -1. */
  look(image: number): number {
    const chunk = this.#chunk;
    if (!chunk) return -1;
    this.#image = image;
    const { start, end } = this.#spanOf(image);
    return this.#check!.look(chunk.bytes, start, end, this.#report);
  }

  /** Something about an image before `until`. */
  report(code: Parameters<ReportRecord>[0], what: string, image: number): void {
    const { name } = this.#shard!;
    const offset = this.#chunk!.offset + this.#spanOf(image).start;
    this.findings.add({
      code,
      file: name,
      record: image,
      offset,
      message: `${name}: record ${image} at byte ${offset}: ${what}`,
    });
  }

  async close(): Promise<void> {
    await this.#chunks?.return();
  }

  readonly #report: ReportRecord = (code, what) => this.report(code, what, this.#image);

  /** The frame of an image in `bytes`. */
  #spanOf(image: number): { start: number; end: number } {
    const record = image - this.#shard!.first;
    const { first, offset } = this.#chunk!;
    const size = this.#recordBytes;
    if (size > 0) return { start: (record - first) * size, end: (record - first + 1) * size };
    const { start, end } = recordSpan(this.#shard!.file!, record);
    return { start: start - offset, end: end - offset };
  }

  #openShard(shard: ShardLayout): void {
    const file = shard.file!;
    this.shape = file.shape;
    this.#check = new RecordCheck(file.shape);
    this.#recordBytes = 'recordBytes' in file.offsets ? file.offsets.recordBytes : 0;
    this.#hash =
      this.options.sha256 && shard.stored && this.start <= shard.first ? createHash('sha256') : undefined;
    const first = Math.max(0, this.start - shard.first);
    this.#chunks = recordChunks(file, { first, signal: this.options.signal });
  }

  async #nextChunk(): Promise<boolean> {
    const shard = this.#shard!;
    this.#chunk = undefined;
    this.bytes = nothing;
    try {
      const { value } = await this.#chunks!.next();
      if (!value) return false;
      this.#chunk = value;
      this.bytes = value.bytes;
      this.until = shard.first + value.end;
      this.#hash?.update(value.bytes);
      this.options.onBytes(value.bytes.length);
      return true;
    } catch (error) {
      if (error instanceof DatasetError && error.code === 'interrupted') throw error;
      const message = `${shard.name}: cannot be read any further (${systemReason(error)})`;
      this.findings.add({ code: 'file-unreadable', file: shard.name, message });
      return false;
    }
  }

  async #endShard(): Promise<void> {
    const { name, stored, first, records } = this.#shard!;
    const whole = this.start <= first;
    await this.#chunks!.return();
    this.#chunks = undefined;
    this.until = first + records;
    if (!stored || !whole || !this.findings.clean(name)) return;
    const compare = (code: 'file-crc' | 'file-sha256', what: string, expected: string, got: string) => {
      if (expected === got) return;
      const message = `${name}: ${what}: index ${expected}, file ${got}; every record is sound, so the index is in doubt`;
      this.findings.add({ code, file: name, message });
    };
    compare('file-crc', 'CRC-32C', stored.crc32c, formatCrc(this.#check!.fileCrc));
    if (this.#hash) compare('file-sha256', 'SHA-256', stored.sha256, this.#hash.digest('hex'));
  }
}
