/** First pass: every picture of the source through the per-image stage, or its result from the log. */
import { createHash } from 'node:crypto';
import { DatasetError } from '../errors.js';
import { SourcePictureError, type Source, type SourcePicture } from '../sources/source.js';
import type { PictureLabels } from './labels.js';
import type { SelectionOptions } from './options.js';
import { Outcomes, type Aside } from './outcomes.js';
import { ownedPicture, pictureBytes } from './pixels.js';
import type { PreviousDataset } from './previous.js';
import type { ResultLog } from './result-log.js';
import { decide } from './select.js';
import type { FoundFace, StageResult } from './stage.js';
import type { WorkerPool } from './worker-pool.js';

export interface Collected {
  readonly outcomes: Outcomes;
  readonly considered: number; // pictures from the beginning of the source that count
  readonly reused: number; // results that were there already
}

export interface CollectContext {
  readonly source: Source;
  readonly labels: PictureLabels | null;
  readonly landmarks: ((picture: number) => FoundFace | null) | null; // null: detect, or not needed
  readonly select: SelectionOptions;
  readonly dropDuplicates: boolean;
  readonly maxImages: number; // Infinity: all
  readonly log: ResultLog;
  readonly previous: PreviousDataset | null;
  readonly pool: WorkerPool;
  readonly signal: AbortSignal | undefined;
  onProgress(done: number, total: number, kept: number): void;
}

/** Pictures in work or on their way to the disk, for each worker. */
const resultsAtOnce = 8;

/** Content-addressed: the same picture with the same face has the same result, wherever it lies. */
function resultKey(sha256: string, face: FoundFace | null): string {
  if (!face) return sha256;
  const { points, faces, confidence = '' } = face;
  return createHash('sha256')
    .update(`${sha256} ${Array.from(points).join(' ')} ${faces} ${confidence}`)
    .digest('hex');
}

/**
 * Pictures are read one after the other, in order, so that of equal pictures always the first is kept;
 * aligning goes on in the workers meanwhile. With `maxImages` reading stops as soon as enough pictures
 * from the beginning of the source are kept, whatever finished out of order.
 * @throws DatasetError `interrupted`, or troubles of the job
 */
export async function collect(context: CollectContext): Promise<Collected> {
  const { source, labels, log, previous, pool, select, signal } = context;
  const outcomes = new Outcomes(source.count);
  const firstOf = new Map<string, number>();
  const pending = new Set<Promise<void>>();
  const older = log.size; // entries below were there before this start
  let [done, kept, reused, prefix, keptInPrefix] = [0, 0, 0, 0, 0];
  let trouble: unknown;

  const advance = (picture: number): undefined => {
    done++;
    if (outcomes.isKept(picture)) kept++;
    // Never beyond what fills the dataset: what workers did after that does not count.
    while (keptInPrefix < context.maxImages && outcomes.isSettled(prefix))
      if (outcomes.isKept(prefix++)) keptInPrefix++;
    context.onProgress(done, source.count, kept);
  };

  const settle = (picture: number, entry: number, result: Pick<StageResult, 'report'>): undefined => {
    outcomes.settle(picture, entry, decide(result.report, select).reason);
    return advance(picture);
  };

  /** Of a picture that cannot be had nothing is logged: another start tries again. */
  const giveUp = (picture: number, error: unknown, known: Pick<Aside, 'sha256' | 'bytes'>): undefined => {
    if (!(error instanceof SourcePictureError)) throw error;
    outcomes.settleAside(picture, error.reason, { ...known, detail: error.message });
    return advance(picture);
  };

  const read = (picture: number): Promise<SourcePicture | undefined> =>
    source.read(picture).catch((error: unknown) => giveUp(picture, error, { sha256: null, bytes: null }));

  /** Settles the picture, or returns what is left to be done for it in a worker. */
  const visit = async (index: number): Promise<(() => Promise<void>) | undefined> => {
    const picture = await read(index);
    if (!picture) return undefined;
    const { length: bytes } = pictureBytes(picture);
    const sha256 = createHash('sha256').update(pictureBytes(picture)).digest('hex');
    if (context.dropDuplicates) {
      const earlier = firstOf.get(sha256);
      if (earlier !== undefined) {
        outcomes.settleDuplicate(index, earlier);
        return advance(index);
      }
    }
    if (labels && !labels.row(index)) {
      outcomes.settleAside(index, 'no-label', { sha256, bytes, detail: 'has no label' });
      return advance(index);
    }
    const listed = context.landmarks?.(index) ?? null;
    // A copy may have the label or the landmarks that this one lacks.
    const complete = listed !== null || !context.landmarks;
    if (context.dropDuplicates && complete) firstOf.set(sha256, index);

    const key = resultKey(sha256, listed);
    const known = log.find(key);
    if (known !== undefined) {
      const head = await log.readHead(known);
      // A result taken over from a dataset has no pixels when the limits of that time dropped it.
      if (!head.withoutPixels || decide(head.report, select).reason !== null) {
        if (known < older) reused++;
        return settle(index, known, head);
      }
    }
    const earlier = await previous?.find(key, select);
    if (earlier) {
      reused++;
      const { report, pixels } = earlier;
      const withoutPixels = pixels === null && report.failure === null;
      const entry = await log.append({ key, sha256, bytes, report, withoutPixels }, pixels);
      return settle(index, entry, earlier);
    }

    const detected = context.landmarks ? undefined : await previous?.face(key);
    const face: FoundFace | null | undefined = context.landmarks ? listed : detected;
    return async () => {
      const again = async () => ownedPicture(await source.read(index));
      const running = pool.run({ picture: ownedPicture(picture), face }, again);
      const result = await running.catch((error: unknown) => giveUp(index, error, { sha256, bytes }));
      if (!result) return;
      const entry = await log.append({ key, sha256, bytes, report: result.report }, result.pixels);
      if (result.pixels) pool.release(result.pixels);
      settle(index, entry, result);
    };
  };

  const fail = (error: unknown) => {
    trouble ??= error;
  };
  for (let index = 0; index < source.count && keptInPrefix < context.maxImages; index++) {
    await pool.ready();
    // Results wait for a slow disk as well.
    if (pending.size >= pool.size * resultsAtOnce) await Promise.race(pending);
    if (trouble || signal?.aborted) break;
    const rest = await visit(index).catch(fail);
    if (!rest) continue;
    const job: Promise<void> = rest()
      .catch(fail)
      .finally(() => pending.delete(job));
    pending.add(job);
  }
  await Promise.all(pending);
  if (trouble) throw trouble;
  if (signal?.aborted)
    throw new DatasetError(
      'interrupted',
      `stopped after ${done} of ${source.count} pictures; the same command continues from there`,
    );
  return { outcomes, considered: prefix, reused };
}
