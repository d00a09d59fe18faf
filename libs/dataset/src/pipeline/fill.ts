/**
 * Images of candidates that are known from an older dataset but were dropped from it: their scores are in its
 * manifest, their pixels are not. Only those that are chosen now are made.
 */
import { DatasetError } from '../errors.js';
import type { Source } from '../sources/source.js';
import { facesOf, makeAgain } from './make-again.js';
import type { Outcomes } from './outcomes.js';
import type { ResultLog } from './result-log.js';
import type { WorkerPool } from './worker-pool.js';

export interface FillContext {
  readonly outcomes: Outcomes;
  readonly source: Source;
  readonly log: ResultLog;
  readonly pool: WorkerPool;
}

/**
 * Gives a bare candidate its pixels.
 * @throws DatasetError `source-changed` when its picture is not what it was, `worker-failed`
 */
export async function fill(
  { outcomes, source, log, pool }: FillContext,
  candidate: number,
  picture: number, // its number in the source
): Promise<void> {
  const head = await log.readHead(outcomes.entry(candidate)!);
  const { sha256 } = head;
  const faces = facesOf(head.report);
  const { report, pixels } = await makeAgain(source, pool, { place: picture, sha256, faces });
  const full = { ...head, report, withoutPixels: false };
  outcomes.complete(candidate, await log.append(full, pixels));
  pool.release(pixels);
}

export interface FillAllContext extends FillContext {
  readonly signal: AbortSignal | undefined;
  onProgress(done: number, total: number): void;
}

/**
 * Gives all kept candidates of the first `considered` pictures their pixels. Returns the number of pictures that were
 * looked at again.
 * @throws DatasetError `source-changed`, `interrupted`
 */
export async function fillAll(context: FillAllContext, considered: number): Promise<number> {
  const { outcomes, pool, signal } = context;
  const { candidates, pictureOf } = outcomes.keptBefore(considered);
  const places = Array.from(candidates.keys()).filter((at) => outcomes.isBare(candidates[at]!));
  const pending = new Set<Promise<void>>();
  let [done, trouble]: [number, unknown] = [0, undefined];
  for (const at of places) {
    await pool.ready();
    if (trouble || signal?.aborted) break;
    const job: Promise<void> = fill(context, candidates[at]!, pictureOf[at]!)
      .then(() => context.onProgress(++done, places.length))
      .catch((error: unknown) => void (trouble ??= error))
      .finally(() => pending.delete(job));
    pending.add(job);
    if (pending.size >= pool.size * 2) await Promise.race(pending);
  }
  await Promise.all(pending);
  if (trouble) throw trouble;
  if (signal?.aborted)
    throw new DatasetError('interrupted', 'stopped while aligning; the same command continues from there');
  return new Set(places.map((at) => pictureOf[at]!)).size;
}
