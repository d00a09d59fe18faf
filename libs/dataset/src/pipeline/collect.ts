/** First pass: every picture of the source through the per-image stage, or its result from the log. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { DatasetError } from '../errors.js';
import type { SourcePicture } from './folder-source.js';
import type { BuildOptions } from './options.js';
import type { LogEntry, ResultLog } from './result-log.js';
import { decide, type Decision } from './select.js';
import type { PictureSource } from './source.js';
import type { WorkerPool } from './worker-pool.js';

/** Larger files are no photographs, and several of them are in memory at a time. */
const largestFile = 512 * 2 ** 20;

/** What became of a picture. */
export interface Candidate {
  readonly picture: SourcePicture;
  readonly bytes: number | null; // null when the file cannot be read
  readonly sha256: string | null;
  readonly entry: LogEntry | null; // null when it did not get to the stage
  readonly duplicateOf: string | null; // path of the earlier picture
  readonly decision: Decision;
}

export interface Collected {
  readonly candidates: readonly Candidate[]; // in the order of the source
  readonly reused: number; // results that were in the log already
}

export interface CollectContext {
  readonly source: PictureSource;
  readonly options: BuildOptions;
  readonly log: ResultLog;
  readonly pool: WorkerPool;
  readonly signal: AbortSignal | undefined;
  onProgress(done: number, total: number, kept: number): void;
}

type Undecided = Omit<Candidate, 'decision'>;

/** Content-addressed: the same picture with the same points has the same result, wherever it lies. */
function resultKey(sha256: string, points: Float32Array | null): string {
  return points
    ? createHash('sha256')
        .update(`${sha256} ${points.join(' ')}`)
        .digest('hex')
    : sha256;
}

async function readPicture({
  file,
  broken,
}: SourcePicture): Promise<{ bytes: Buffer; decision: null } | { bytes: null; decision: Decision }> {
  const refuse = (reason: 'unreadable' | 'too-large', detail: string) => ({
    bytes: null,
    decision: { reason, detail },
  });
  try {
    const found = await stat(file);
    if (!found.isFile()) return refuse('unreadable', 'not a regular file');
    if (found.size > largestFile) return refuse('too-large', `${found.size} bytes, most is ${largestFile}`);
    return { bytes: await readFile(file), decision: null };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It was there when the folder was listed: whatever came of this would be the dataset of no folder.
    if (code === 'ENOENT' && !broken)
      throw new DatasetError(
        'source-changed',
        `${file}: is gone since the build began; run the same command again when nobody changes the source`,
        { cause: error },
      );
    // The message holds the absolute path, which would make manifests differ between machines.
    return refuse('unreadable', code ?? 'cannot be read');
  }
}

/**
 * Files are read one after the other, in order, so that of equal pictures always the first is kept;
 * aligning goes on in the workers meanwhile. With `maxImages` reading stops as soon as enough pictures
 * from the beginning of the list are kept, whatever finished out of order.
 * @throws DatasetError `interrupted`, or troubles of the job
 */
export async function collect(context: CollectContext): Promise<Collected> {
  const { source, options, log, pool, signal } = context;
  const total = source.pictures.length;
  const candidates: (Candidate | undefined)[] = [];
  const firstOf = new Map<string, string>();
  const pending = new Set<Promise<void>>();
  const limit = options.maxImages ?? Infinity;
  let [done, kept, reused, prefix, keptInPrefix] = [0, 0, 0, 0, 0];
  let trouble: unknown;

  const settle = (index: number, found: Undecided, decision: Decision): undefined => {
    candidates[index] = { ...found, decision };
    done++;
    if (decision.reason === null) kept++;
    for (; candidates[prefix]; prefix++) if (candidates[prefix]!.decision.reason === null) keptInPrefix++;
    context.onProgress(done, total, kept);
  };

  /** Settles the picture, or returns what is left to be done for it in a worker. */
  const visit = async (index: number): Promise<(() => Promise<void>) | undefined> => {
    const picture = source.pictures[index]!;
    const { bytes, decision } = await readPicture(picture);
    const nothing = { picture, bytes: null, sha256: null, entry: null, duplicateOf: null };
    if (!bytes) return settle(index, nothing, decision);

    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const found: Undecided = { ...nothing, bytes: bytes.length, sha256 };
    const duplicateOf = firstOf.get(sha256);
    if (duplicateOf !== undefined)
      return settle(index, { ...found, duplicateOf }, { reason: 'duplicate', detail: `of ${duplicateOf}` });
    firstOf.set(sha256, picture.path);
    if (source.labels && !source.labels.of(picture.path))
      return settle(index, found, { reason: 'no-label', detail: 'not in the list of attributes' });

    const points = source.landmarks?.row(picture.path) ?? null;
    const key = resultKey(sha256, points);
    const known = log.find(key);
    if (known) {
      reused++;
      return settle(index, { ...found, entry: known }, decide(await log.readReport(known), options));
    }
    return async () => {
      const result = await pool.run({ bytes: owned(bytes), points });
      const entry = await log.append(key, result);
      settle(index, { ...found, entry }, decide(result.report, options));
    };
  };

  const fail = (error: unknown) => {
    trouble ??= error;
  };
  for (let index = 0; index < total && keptInPrefix < limit; index++) {
    await pool.ready();
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
      `stopped after ${done} of ${total} pictures; the same command continues from there`,
    );
  return { candidates: considered(candidates as Candidate[], limit), reused };
}

/** Up to the picture that filled the dataset; what workers did beyond it does not count. */
function considered(candidates: readonly Candidate[], limit: number): Candidate[] {
  const counted: Candidate[] = [];
  let kept = 0;
  for (const candidate of candidates) {
    if (kept >= limit || !candidate) break;
    counted.push(candidate);
    if (candidate.decision.reason === null) kept++;
  }
  return counted;
}

/** Bytes whose memory is theirs alone, so that it can be moved to a worker. */
function owned(bytes: Buffer): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
