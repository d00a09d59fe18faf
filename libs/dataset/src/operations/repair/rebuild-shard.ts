/** A level file made anew, from its own sound records, the largest level, or the pictures. */
import { DatasetError } from '../../errors.js';
import { exampleFrame, type ImageShape } from '../../records/example.js';
import { footerBytes, framingBytes, headerBytes, sealFrame } from '../../records/framing.js';
import { levelSizes, type ImageSize } from '../../records/image-size.js';
import type { StoredFile } from '../../records/index-file.js';
import { recordSpan } from '../../records/level-file.js';
import { imageLevels } from '../../records/levels.js';
import { Findings } from '../verify/findings.js';
import { shapeOf, type Layout, type LevelLayout, type ShardLayout } from '../verify/layout.js';
import { LevelWalk } from '../verify/level-walk.js';
import { mendRecord } from './mend-record.js';
import { RecordCheck } from '../verify/record-check.js';
import { recordChunks } from '../verify/record-chunks.js';
import { replaceFile } from './replacement.js';

export interface RebuildContext {
  readonly directory: string;
  readonly dryRun: boolean;
  readonly signal: AbortSignal | undefined;
  /** Full-size images of these records, in this order; null: there are no pictures to make them from. */
  readonly remake: ((records: readonly number[]) => AsyncIterable<Uint8Array>) | null;
}

/** How many records of the file came from where. */
export interface Rebuilt {
  readonly kept: number; // its own sound ones
  readonly mended: number; // its own, with a flipped bit put right
  readonly recomputed: number; // averages of the largest images
  readonly remade: number; // from the pictures
}

type Way = keyof Rebuilt | 'missing';

/** Level 2 … of `layout` that `shape` is, as its place among `imageLevels`. */
function placeOf({ size, channels }: Layout, shape: ImageShape): number {
  return levelSizes(size)!.findIndex((each) => `${shapeOf(channels, each)}` === `${shape}`);
}

/** A record of the file that is rebuilt, as it is there. */
type Own = { readonly sound: boolean; readonly frame: Buffer; readonly pixels: Buffer | null };

/** The shard's own records in their order; undefined for those that do not lie in the file. */
async function* ownRecords(
  { file, records }: ShardLayout,
  signal: AbortSignal | undefined,
): AsyncGenerator<Own | undefined> {
  let done = 0;
  if (file) {
    const check = new RecordCheck(file.shape);
    const bytes = file.shape[0] * file.shape[1] * file.shape[2];
    for await (const chunk of recordChunks(file, { signal }))
      for (; done < chunk.end; done++) {
        const span = recordSpan(file, done);
        const [start, end] = [span.start - chunk.offset, span.end - chunk.offset];
        const at = check.look(chunk.bytes, start, end, () => undefined);
        const pixels = at >= 0 ? chunk.bytes.subarray(at, at + bytes) : null;
        yield { sound: pixels !== null, frame: chunk.bytes.subarray(start, end), pixels };
      }
  }
  for (; done < records; done++) yield undefined;
}

/** Averages of the largest images from record `first` on; undefined where those are damaged. */
async function* averages(
  layout: Layout,
  top: LevelLayout,
  place: number,
  first: number,
  records: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array | undefined> {
  const { size, channels } = layout;
  const bytes = channels * size.width * size.height;
  const options = { sha256: false, signal, onBytes: () => undefined };
  const walk = new LevelWalk(top, new Findings(0), options, first);
  try {
    for (let image = first; image < first + records; image++) {
      await walk.ready(image);
      const at = walk.look(image);
      const sound = at >= 0 && `${walk.shape}` === `${shapeOf(channels, size)}`;
      yield sound ? imageLevels(walk.bytes.subarray(at, at + bytes), channels, size)[place] : undefined;
    }
  } finally {
    await walk.close();
  }
}

/** Frames as `TFRecordExporter` writes them. */
function frameWriter(shape: ImageShape): (pixels: Uint8Array) => Buffer {
  const { before, after } = exampleFrame(shape);
  const pixelBytes = shape[0] * shape[1] * shape[2];
  const frame = Buffer.alloc(framingBytes + before.length + pixelBytes + after.length);
  before.copy(frame, headerBytes);
  after.copy(frame, frame.length - footerBytes - after.length);
  return (pixels) => {
    frame.set(pixels, headerBytes + before.length);
    sealFrame(frame);
    return frame;
  };
}

function count(ways: readonly Way[]): Rebuilt {
  const of = (way: Way) => ways.filter((each) => each === way).length;
  return { kept: of('kept'), mended: of('mended'), recomputed: of('recomputed'), remade: of('remade') };
}

/** Own records and averages side by side; neither generator is left open. */
async function* candidates(
  { signal }: RebuildContext,
  layout: Layout,
  place: number,
  shard: ShardLayout,
): AsyncGenerator<{ readonly own: Own | undefined; readonly average: Uint8Array | undefined }> {
  const average =
    place > 0 ? averages(layout, layout.levels[0]!, place, shard.first, shard.records, signal) : undefined;
  try {
    for await (const own of ownRecords(shard, signal)) {
      const next = await average?.next();
      yield { own, average: next?.done === false ? next.value : undefined };
    }
  } finally {
    await average?.return(undefined);
  }
}

/** Where each record of the file is to come from. */
async function chooseWays(
  context: RebuildContext,
  layout: Layout,
  place: number,
  shard: ShardLayout,
  shape: ImageShape,
): Promise<Way[]> {
  const ways: Way[] = [];
  for await (const { own, average } of candidates(context, layout, place, shard)) {
    if (average) ways.push(own?.pixels?.equals(average) ? 'kept' : 'recomputed');
    else if (own?.sound) ways.push('kept');
    // A bit is put right only where no picture can tell what was there.
    else if (context.remake) ways.push('remade');
    else ways.push(own && mendRecord(own.frame, shape) ? 'mended' : 'missing');
  }
  return ways;
}

/**
 * Puts a new file in the place of `shard` if it has the SHA-256 of the index.
 * @returns where its records came from, or why that could not be done
 * @throws DatasetError `interrupted`, and those of `remake`
 */
export async function rebuildShard(
  context: RebuildContext,
  layout: Layout,
  shard: ShardLayout,
  size: ImageSize,
  expected: StoredFile,
): Promise<Rebuilt | string> {
  const shape = shapeOf(layout.channels, size);
  const place = placeOf(layout, shape);
  if (place < 0) return 'its images are of no size that follows from the largest level';
  // A file of other images than it should hold has nothing to give.
  const usable = shard.file && `${shard.file.shape}` === `${shape}` ? shard : { ...shard, file: null };

  const ways = await chooseWays(context, layout, place, usable, shape);
  const numbers = (wanted: Way) => ways.flatMap((way, i) => (way === wanted ? [shard.first + i] : []));
  const missing = numbers('missing');
  if (missing.length > 0) {
    const shown = missing.slice(0, 5).join(', ') + (missing.length > 5 ? ', …' : '');
    return `${missing.length} of its ${shard.records} images are lost: ${shown}`;
  }

  const remade = numbers('remade');
  const pictures = remade.length > 0 ? context.remake!(remade)[Symbol.asyncIterator]() : undefined;
  const frame = frameWriter(shape);
  try {
    const written = await replaceFile(context.directory, expected, context.dryRun, async (file) => {
      let i = 0;
      for await (const { own, average } of candidates(context, layout, place, usable)) {
        const way = ways[i++]!;
        const pixels =
          way === 'recomputed'
            ? average
            : way === 'remade'
              ? await nextPicture(pictures!, layout, place)
              : way === 'mended'
                ? mendRecord(own!.frame, shape)
                : own?.pixels;
        if (!pixels)
          throw new DatasetError(
            'source-changed',
            `${expected.file}: image ${shard.first + i - 1} has gone while the file was made anew`,
          );
        await file.write(frame(pixels));
      }
    });
    return written ? count(ways) : 'made anew it is not the file the index speaks of';
  } finally {
    await pictures?.return?.();
  }
}

async function nextPicture(
  pictures: AsyncIterator<Uint8Array>,
  { channels, size }: Layout,
  place: number,
): Promise<Uint8Array | undefined> {
  const next = await pictures.next();
  if (next.done) return undefined;
  return place === 0 ? next.value : imageLevels(next.value, channels, size)[place];
}
