/** Writes the records of one level, into one file or into shards of a fixed number of images. */
import { createHash, type Hash } from 'node:crypto';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { formatCrc } from './crc.js';
import { exampleFrame, type ExampleFrame } from './example.js';
import { framingBytes, headerBytes, sealFrame } from './framing.js';
import type { ImageSize } from './image-size.js';
import { levelOf } from './image-size.js';
import type { LevelIndex, ShardIndex } from './index-file.js';

/** Frames are gathered to about this size before they are written. */
const chunkBytes = 1 << 20;

/** One file being written. */
interface OpenShard {
  readonly handle: FileHandle;
  readonly file: string;
  readonly hash: Hash;
  crc: number;
  records: number;
}

const digits = (value: number) => String(value).padStart(5, '0');

/** `<name>-rNN.tfrecords`, or `<name>-rNN-SSSSS-of-NNNNN.tfrecords` when a level has several files. */
export function levelFileName(name: string, level: number, shard?: { index: number; of: number }): string {
  const prefix = `${name}-r${String(level).padStart(2, '0')}`;
  return shard ? `${prefix}-${digits(shard.index)}-of-${digits(shard.of)}.tfrecords` : `${prefix}.tfrecords`;
}

export class LevelWriter {
  readonly #frame: ExampleFrame;
  readonly #frameBytes: number;
  readonly #level: number;
  readonly #done: ShardIndex[] = [];
  #open: OpenShard | undefined;
  #chunk: Buffer[] = [];
  #waiting = 0;

  /** `shardImages`: images per file; undefined: one file for all. */
  constructor(
    private readonly directory: string,
    private readonly name: string,
    private readonly size: ImageSize,
    channels: number,
    private readonly shardImages: number | undefined,
  ) {
    const { width, height } = size;
    this.#level = levelOf(size);
    this.#frame = exampleFrame([channels, height, width]);
    this.#frameBytes =
      framingBytes + this.#frame.before.length + channels * height * width + this.#frame.after.length;
  }

  /** `pixels`: uint8 CHW of the level's size. */
  async add(pixels: Uint8Array): Promise<void> {
    const shard = (this.#open ??= await this.#start());
    const { before, after } = this.#frame;
    const frame = Buffer.allocUnsafe(this.#frameBytes);
    before.copy(frame, headerBytes);
    frame.set(pixels, headerBytes + before.length);
    after.copy(frame, headerBytes + before.length + pixels.length);
    sealFrame(frame);
    this.#chunk.push(frame);
    this.#waiting += frame.length;
    shard.records++;
    if (this.#waiting >= chunkBytes) await this.#flush(shard);
    if (shard.records === this.shardImages) await this.#end(shard);
  }

  async finish(): Promise<LevelIndex> {
    if (this.#open) await this.#end(this.#open);
    const shards: ShardIndex[] = [];
    for (const [index, shard] of this.#done.entries()) {
      const of = this.shardImages === undefined ? undefined : { index, of: this.#done.length };
      const file = levelFileName(this.name, this.#level, of);
      await rename(join(this.directory, shard.file), join(this.directory, file));
      shards.push({ ...shard, file });
    }
    return { level: this.#level, width: this.size.width, height: this.size.height, shards };
  }

  async abandon(): Promise<void> {
    await this.#open?.handle.close().catch(() => undefined);
  }

  /** How many shards there will be is not known yet, so the file gets its name at the end. */
  async #start(): Promise<OpenShard> {
    const file = `${levelFileName(this.name, this.#level)}.${this.#done.length}`;
    const handle = await open(join(this.directory, file), 'wx');
    return { handle, file, hash: createHash('sha256'), crc: 0, records: 0 };
  }

  async #flush(shard: OpenShard): Promise<void> {
    const bytes = Buffer.concat(this.#chunk);
    this.#chunk = [];
    this.#waiting = 0;
    shard.hash.update(bytes);
    shard.crc = crc32c(bytes, shard.crc);
    await shard.handle.writeFile(bytes);
  }

  async #end(shard: OpenShard): Promise<void> {
    await this.#flush(shard);
    await shard.handle.sync();
    await shard.handle.close();
    this.#open = undefined;
    this.#done.push({
      file: shard.file,
      bytes: shard.records * this.#frameBytes,
      crc32c: formatCrc(shard.crc),
      sha256: shard.hash.digest('hex'),
      records: shard.records,
      recordBytes: this.#frameBytes,
    });
  }
}
