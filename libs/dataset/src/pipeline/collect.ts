/** First pass: every picture of the source through the per-image stage, or its results from the log. */
import { DatasetError } from '../errors.js';
import { SourcePictureError, type Source, type SourcePicture } from '../sources/source.js';
import { sha256Of } from '../sha256.js';
import type { PictureLabels } from './labels.js';
import type { SelectionOptions } from './options.js';
import { Outcomes, type Aside, type CandidateOutcome } from './outcomes.js';
import { ownedPicture, pictureBytes } from './pixels.js';
import type { PreviousDataset } from './previous.js';
import type { LogHead, ResultLog } from './result-log.js';
import { decide } from './select.js';
import type { FoundFace, StageReport, StageResult } from './stage.js';
import type { WorkerPool } from './worker-pool.js';

export interface Collected {
  readonly outcomes: Outcomes;
  readonly considered: number; // pictures from the beginning of the source that count
  readonly reused: number; // pictures whose results were there already
}

export interface CollectContext {
  readonly source: Source;
  readonly labels: PictureLabels | null;
  readonly landmarks: ((picture: number) => readonly FoundFace[]) | null; // null: detect, or not needed
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

/** Content-addressed: the same picture with the same faces has the same results, wherever it lies. */
function resultKey(sha256: string, listed: readonly FoundFace[]): string {
  if (listed.length === 0) return sha256;
  const faces = listed.map(
    ({ points, faces, confidence = '' }) => `${Array.from(points).join(' ')} ${faces} ${confidence}`,
  );
  return sha256Of(`${sha256} ${faces.join(', ')}`);
}

/** Key of one candidate's result; the first goes by the key of the picture. */
function candidateKey(key: string, candidate: number): string {
  return candidate === 0 ? key : sha256Of(`${key} face ${candidate}`);
}

/** A result that nobody could fail to make: its pixels were left out, or are of an image that was dropped. */
const isBare = (report: StageReport, pixels: Uint8Array | null) => pixels === null && report.failure === null;

/** Results of a picture's candidates that are in the log already. */
async function resultsInLog(log: ResultLog, key: string) {
  const first = log.find(key);
  if (first === undefined) return undefined;
  const head = await log.readHead(first);
  const results: { entry: number; head: LogHead }[] = [{ entry: first, head }];
  for (let candidate = 1; candidate < head.candidates; candidate++) {
    const entry = log.find(candidateKey(key, candidate))!;
    results.push({ entry, head: await log.readHead(entry) });
  }
  return results;
}

/**
 * Pictures are read one after the other, in order, so that of equal pictures always the first is kept;
 * aligning goes on in the workers meanwhile. With `maxImages` reading stops as soon as enough candidates
 * from the beginning of the source are kept, whatever finished out of order.
 * @throws DatasetError `interrupted`, or troubles of the job
 */
export async function collect(context: CollectContext): Promise<Collected> {
  const { source, labels, log, previous, pool, select, signal, maxImages } = context;
  const outcomes = new Outcomes(source.count);
  const firstOf = new Map<string, number>();
  const pending = new Set<Promise<void>>();
  const older = log.size; // entries below were there before this start
  let [done, kept, reused, prefix, keptInPrefix] = [0, 0, 0, 0, 0];
  let trouble: unknown;

  const advance = (picture: number): undefined => {
    done++;
    kept += outcomes.keptOf(picture);
    // Never beyond what fills the dataset: what workers did after that does not count.
    while (keptInPrefix < maxImages && outcomes.isSettled(prefix)) keptInPrefix += outcomes.keptOf(prefix++);
    context.onProgress(done, source.count, kept);
  };

  const outcomeOf = (entry: number, report: StageReport, bare: boolean): CandidateOutcome => ({
    entry,
    reason: decide(report, select).reason,
    hash: report.hash,
    bare,
  });

  const settle = (picture: number, candidates: readonly CandidateOutcome[]): undefined => {
    outcomes.settle(picture, candidates);
    return advance(picture);
  };

  /** The first candidate's result goes last: when it is in the log, all are. */
  const keep = async (
    about: Pick<LogHead, 'key' | 'sha256' | 'bytes'>,
    results: readonly StageResult[],
  ): Promise<CandidateOutcome[]> => {
    const writing = results.map(({ report, pixels }, candidate) => async () => {
      const bare = isBare(report, pixels);
      const head = { ...about, key: candidateKey(about.key, candidate), candidates: results.length, report };
      return outcomeOf(
        await log.append(bare ? { ...head, withoutPixels: true } : head, pixels),
        report,
        bare,
      );
    });
    const written = await Promise.all(writing.reverse().map((write) => write()));
    return written.reverse();
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
    const sha256 = sha256Of(pictureBytes(picture));
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
    const listed = context.landmarks?.(index) ?? [];
    // A copy may have the label or the landmarks that this one lacks.
    const complete = listed.length > 0 || !context.landmarks;
    if (context.dropDuplicates && complete) firstOf.set(sha256, index);

    const key = resultKey(sha256, listed);
    const about = { key, sha256, bytes };
    const known = await resultsInLog(log, key);
    if (known) {
      if (known[0]!.entry < older) reused++;
      return settle(
        index,
        known.map(({ entry, head }) => outcomeOf(entry, head.report, head.withoutPixels === true)),
      );
    }
    const earlier = await previous?.find(sha256, listed);
    if (earlier) {
      reused++;
      return settle(index, await keep(about, earlier));
    }

    const faces = context.landmarks ? listed : await previous?.faces(sha256);
    return async () => {
      const again = async () => ownedPicture(await source.read(index));
      const running = pool.run({ picture: ownedPicture(picture), faces }, again);
      const results = await running.catch((error: unknown) => giveUp(index, error, { sha256, bytes }));
      if (!results) return;
      const candidates = await keep(about, results);
      for (const { pixels } of results) if (pixels) pool.release(pixels);
      settle(index, candidates);
    };
  };

  const fail = (error: unknown) => {
    trouble ??= error;
  };
  for (let index = 0; index < source.count && keptInPrefix < maxImages; index++) {
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
  // The last picture may have more faces than were wanted.
  const { candidates } = outcomes.keptBefore(prefix);
  for (const candidate of candidates.subarray(Math.min(maxImages, candidates.length)))
    outcomes.drop(candidate, 'enough-images');
  return { outcomes, considered: prefix, reused };
}
