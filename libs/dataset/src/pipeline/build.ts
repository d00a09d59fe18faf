/** From a folder of pictures to a dataset, in two passes: align each picture, then select and write. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import sharp from 'sharp';
import { DatasetError } from '../errors.js';
import type { DatasetIndex } from '../records/index-file.js';
import { checkReplaceable } from '../records/output-folder.js';
import { collect, type Candidate } from './collect.js';
import { selectionOptionsSchema, stageOptionsSchema, type BuildOptions } from './options.js';
import { dropReasons, type Conversion, type DropReason } from './reasons.js';
import { openSource, type PictureSource } from './source.js';
import { stageVersion, type StageReport } from './stage.js';
import { WorkFolder } from './work-folder.js';
import { WorkerPool } from './worker-pool.js';
import { writeDataset } from './write.js';

export interface BuildProgress {
  readonly step: 'pictures' | 'records';
  readonly done: number;
  readonly total: number;
  readonly kept: number;
}

export interface BuildContext {
  readonly signal?: AbortSignal; // stop; the same build continues later
  readonly onProgress?: (progress: BuildProgress) => void;
  /** Path of the face model, asked for when faces must be detected. */
  readonly faceModel: () => Promise<string>;
}

/** What came of it; plain JSON. */
export interface BuildSummary {
  readonly out: string;
  readonly images: number;
  readonly resolution: number;
  readonly pictures: number; // looked at
  readonly reused: number; // finished by an earlier start of the same build
  readonly otherFiles: number; // not named like pictures
  readonly dropped: Partial<Record<DropReason, number>>;
  readonly converted: Partial<Record<Conversion, number>>;
  readonly severalFaces: number; // pictures in which the largest of several faces was taken
  readonly landmarks: 'annotation' | 'detected' | 'none';
  readonly labels: readonly string[] | null;
  readonly levels: DatasetIndex['levels'];
}

class Tally {
  readonly dropped: Partial<Record<DropReason, number>> = {};
  readonly converted: Partial<Record<Conversion, number>> = {};
  severalFaces = 0;

  add({ decision }: Candidate, report: StageReport | null): void {
    if (decision.reason) this.dropped[decision.reason] = (this.dropped[decision.reason] ?? 0) + 1;
    for (const what of report?.picture?.converted ?? [])
      this.converted[what] = (this.converted[what] ?? 0) + 1;
    if ((report?.faces ?? 0) > 1) this.severalFaces++;
  }
}

/** What a limit dropped, with the option that would let it in. */
const remedies: Partial<Record<DropReason, string>> = {
  'no-face': '--align none takes pictures without faces',
  'face-too-small': 'lower --min-face',
  'enlarged-too-much': 'lower --resolution or raise --enlarge-limit',
  'too-much-outside': 'raise --max-pad',
  'too-blurred': 'lower --min-sharpness',
  'too-large': 'raise --max-pixels',
};

function unusable(options: BuildOptions, candidates: readonly Candidate[]): DatasetError {
  const tally = new Tally();
  for (const candidate of candidates) tally.add(candidate, null);
  const reasons = Object.entries(tally.dropped) as [DropReason, number][];
  reasons.sort((a, b) => b[1] - a[1]);
  const counts = reasons.map(
    ([reason, count]) => `${count} ${reason} (${remedies[reason] ?? dropReasons[reason]})`,
  );
  const first = candidates.find(({ decision }) => decision.detail);
  const example = first ? `; for example ${first.picture.path}: ${first.decision.detail}` : '';
  return new DatasetError(
    'source-unusable',
    `${options.source}: none of ${candidates.length} pictures can be used: ${counts.join(', ')}${example}`,
  );
}

/** A full disk or a missing permission is no bug: say where, and that nothing is lost. */
function explain(error: unknown, out: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EFBIG'].includes(code ?? '')) return error;
  return new DatasetError(
    'output-failed',
    `${out}: cannot be written (${message}); free some space or choose another --out, ` +
      'then run the same command again: pictures that are finished are kept',
    { cause: error },
  );
}

async function findModel(options: BuildOptions, source: PictureSource, context: BuildContext) {
  if (options.align === 'none' || source.landmarks) return null;
  const path = await context.faceModel();
  return {
    path,
    sha256: createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  };
}

/**
 * Deterministic: the same pictures and options give the same files with any number of workers, after
 * any number of interruptions.
 * @throws DatasetError
 */
export async function buildDataset(options: BuildOptions, context: BuildContext): Promise<BuildSummary> {
  await checkReplaceable(options.out);
  const source = await openSource(options);
  const model = await findModel(options, source, context);
  const stage = stageOptionsSchema.parse(options);
  const finder = model ? `detected by ${model.sha256}` : source.landmarks ? 'annotation' : 'none';
  const decoder = { sharp: sharp.versions.sharp, vips: sharp.versions.vips };
  const settings = { stageVersion, ...stage, finder, decoder };

  try {
    const work = await WorkFolder.open(options.out, settings);
    let complete = false;
    try {
      const summary = await build(options, context, source, model?.path ?? null, settings, work);
      complete = true;
      return summary;
    } finally {
      await work.close(!complete || options.keepWork);
    }
  } catch (error) {
    throw explain(error, options.out);
  }
}

async function build(
  options: BuildOptions,
  context: BuildContext,
  source: PictureSource,
  faceModel: string | null,
  settings: Record<string, unknown>,
  { log }: WorkFolder,
): Promise<BuildSummary> {
  const { signal } = context;
  const pool = new WorkerPool(options.workers ?? availableParallelism(), {
    options: stageOptionsSchema.parse(options),
    faceModel,
  });
  const onProgress = (done: number, total: number, kept: number) =>
    context.onProgress?.({ step: 'pictures', done, total, kept });
  const { candidates, reused } = await collect({ source, options, log, pool, signal, onProgress }).finally(
    () => pool.close(),
  );
  if (!candidates.some(({ decision }) => decision.reason === null)) throw unusable(options, candidates);

  const tally = new Tally();
  const index = await writeDataset({
    candidates,
    source,
    options,
    settings: { ...settings, ...selectionOptionsSchema.parse(options) },
    log,
    signal,
    onProgress: (done, total) => context.onProgress?.({ step: 'records', done, total, kept: total }),
    onReport: (candidate, report) => tally.add(candidate, report),
  });
  return {
    out: options.out,
    images: index.images,
    resolution: index.resolution,
    pictures: candidates.length,
    reused,
    otherFiles: source.others,
    dropped: tally.dropped,
    converted: tally.converted,
    severalFaces: tally.severalFaces,
    landmarks: faceModel ? 'detected' : source.landmarks ? 'annotation' : 'none',
    labels: source.labels?.names ?? null,
    levels: index.levels,
  };
}
