/** Writes the records of one level, into one file or into shards of a fixed number of images. */
import { open, rename, type FileHandle } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { formatCrc } from './crc.js';
import { exampleFrame, type ExampleFrame } from './example.js';
import { footerBytes, framingBytes, headerBytes, sealFrame } from './framing.js';
import type { ImageSize } from './image-size.js';
import { levelOf } from './image-size.js';
import type { LevelIndex, ShardIndex } from './index-file.js';
import { LocalHash, ThreadHash, type StreamHash } from './stream-hash.js';

/** Frames are gathered to about this size before they are written. */
const chunkBytes = 1 << 20;
/** Chunks on their way to the disk: more than one, so that neither side often waits for the other. */
const chunksWaiting = 2;

/** One file being written. */
interface OpenShard {
  readonly handle: FileHandle;
  readonly file: string;
  crc: number;
  records: number;
}

const digits = (value: number) => String(value).padStart(5, '0');

/** `<name>-rNN.tfrecords`, or `<name>-rNN-SSSSS-of-NNNNN.tfrecords` when a level has several files. */
export function levelFileName(name: string, level: number, shard?: { index: number; of: number }): string {
  const prefix = `${name}-r${String(level).padStart(2, '0')}`;
  return shard ? `${prefix}-${digits(shard.index)}-of-${digits(shard.of)}.tfrecords` : `${prefix}.tfrecords`;
}

export interface LevelWriterOptions {
  readonly directory: string;
  readonly name: string; // prefix of the files
  readonly size: ImageSize;
  readonly channels: number;
  readonly shardImages: number | undefined; // images per file; undefined: one file for all
  readonly largest: boolean; // three quarters of the dataset's bytes: worth a thread
}

export class LevelWriter {
  readonly #options: LevelWriterOptions;
  readonly #frame: ExampleFrame;
  readonly #frameBytes: number;
  readonly #level: number;
  readonly #chunkRecords: number;
  readonly #done: ShardIndex[] = [];
  readonly #threaded: boolean;
  /** One is filled while others are hashed and written. Headers and what else is the same in all frames stays. */
  #filling: Buffer | undefined;
  readonly #free: Buffer[] = [];
  #filled = 0; // records in `#filling`
  readonly #writing: Promise<void>[] = []; // of the chunks on their way, each begins when the one before it is done
  #hash: StreamHash | undefined;
  #open: OpenShard | undefined;

  constructor(options: LevelWriterOptions) {
    const { channels } = options;
    const { width, height } = options.size;
    this.#options = options;
    this.#level = levelOf(options.size);
    this.#frame = exampleFrame([channels, height, width]);
    this.#frameBytes =
      framingBytes + this.#frame.before.length + channels * height * width + this.#frame.after.length;
    this.#chunkRecords = Math.max(1, Math.floor(chunkBytes / this.#frameBytes));
    this.#threaded = options.largest && availableParallelism() > 1;
  }

  /** `pixels`: uint8 CHW of the level's size, copied. What it returns is to be awaited before the next. */
  add(pixels: Uint8Array): Promise<void> | undefined {
    const chunk = (this.#filling ??= this.#newChunk());
    const start = this.#filled * this.#frameBytes;
    chunk.set(pixels, start + headerBytes + this.#frame.before.length);
    sealFrame(chunk.subarray(start, start + this.#frameBytes));
    this.#filled++;
    const endsShard = (this.#open?.records ?? 0) + this.#filled === this.#options.shardImages;
    if (endsShard) return this.#end();
    return this.#filled === this.#chunkRecords ? this.#flush() : undefined;
  }

  async finish(): Promise<LevelIndex> {
    if (this.#open || this.#filled > 0) await this.#end();
    await this.#hash?.close();
    const { directory, name, shardImages, size } = this.#options;
    const shards: ShardIndex[] = [];
    for (const [index, shard] of this.#done.entries()) {
      const of = shardImages === undefined ? undefined : { index, of: this.#done.length };
      const file = levelFileName(name, this.#level, of);
      await rename(join(directory, shard.file), join(directory, file));
      shards.push({ ...shard, file });
    }
    return { level: this.#level, width: size.width, height: size.height, shards };
  }

  async abandon(): Promise<void> {
    await Promise.allSettled(this.#writing);
    await this.#hash?.close();
    await this.#open?.handle.close().catch(() => undefined);
  }

  #newChunk(): Buffer {
    const bytes = this.#chunkRecords * this.#frameBytes;
    const chunk = this.#threaded ? Buffer.from(new SharedArrayBuffer(bytes)) : Buffer.allocUnsafe(bytes);
    const { before, after } = this.#frame;
    for (let start = 0; start < bytes; start += this.#frameBytes) {
      before.copy(chunk, start + headerBytes);
      after.copy(chunk, start + this.#frameBytes - footerBytes - after.length);
    }
    return chunk;
  }

  /** How many shards there will be is not known yet, so the file gets its name at the end. */
  async #start(): Promise<OpenShard> {
    const { directory, name } = this.#options;
    const file = `${levelFileName(name, this.#level)}.${this.#done.length}`;
    const handle = await open(join(directory, file), 'wx');
    return { handle, file, crc: 0, records: 0 };
  }

  /** Resolves when there is room for the next chunk. */
  async #flush(): Promise<void> {
    while (this.#writing.length >= chunksWaiting) await this.#written();
    const shard = (this.#open ??= await this.#start());
    const chunk = this.#filling!;
    const bytes = chunk.subarray(0, this.#filled * this.#frameBytes);
    // Small datasets are done before a thread has started.
    const full = this.#filled === this.#chunkRecords;
    const hash = (this.#hash ??= this.#threaded && full ? new ThreadHash() : new LocalHash());
    shard.records += this.#filled;
    this.#filling = this.#free.pop();
    this.#filled = 0;
    const before = this.#writing.at(-1);
    const write = async () => {
      await before;
      await Promise.all([hash.update(bytes), shard.handle.writeFile(bytes)]);
      this.#free.push(chunk);
    };
    const writing = write();
    this.#writing.push(writing);
    // Whoever waits for it hears of an error.
    writing.catch(() => undefined);
    shard.crc = crc32c(bytes, shard.crc);
  }

  async #written(): Promise<void> {
    await this.#writing[0];
    this.#writing.shift();
  }

  async #end(): Promise<void> {
    if (this.#filled > 0) await this.#flush();
    while (this.#writing.length > 0) await this.#written();
    const shard = this.#open!;
    const sha256 = await this.#hash!.digest();
    await shard.handle.sync();
    await shard.handle.close();
    this.#open = undefined;
    this.#done.push({
      file: shard.file,
      bytes: shard.records * this.#frameBytes,
      crc32c: formatCrc(shard.crc),
      sha256,
      records: shard.records,
      recordBytes: this.#frameBytes,
    });
  }
}
