/** From a source of pictures to a dataset, in two passes: prepare each picture, then select and write. */
import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import sharp from 'sharp';
import { DatasetError } from '../errors.js';
import { readSidecarLandmarks } from '../landmarks/sidecar.js';
import type { ImageSize } from '../records/image-size.js';
import type { DatasetIndex } from '../records/index-file.js';
import { checkReplaceable } from '../records/output-folder.js';
import { checkOutputs } from '../records/output-paths.js';
import { chooseSource } from '../sources/registry.js';
import type { Source } from '../sources/source.js';
import { collect, type CollectContext, type Collected } from './collect.js';
import { detectorSettings } from './finder-settings.js';
import { chooseLabels, type PictureLabels } from './labels.js';
import { planBuild, type BuildOptions, type BuildPlan } from './options.js';
import { PreviousDataset } from './previous.js';
import { enhancerSettings } from './stage-enhancer.js';
import { dropReasons, type Conversion, type DropReason } from './reasons.js';
import type { ResultLog } from './result-log.js';
import { stageVersion, type StageReport } from './stage.js';
import { decide } from './select.js';
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
  readonly kind: string; // of the source
  readonly images: number;
  readonly size: ImageSize;
  readonly channels: number;
  readonly pictures: number; // looked at
  readonly reused: number; // known from an earlier start or from the dataset that is replaced
  readonly otherFiles: number; // not named like pictures
  readonly dropped: Partial<Record<DropReason, number>>;
  readonly converted: Partial<Record<Conversion, number>>;
  readonly severalFaces: number; // kept pictures in which the largest of several faces was taken
  readonly landmarks: 'annotation' | 'detected' | 'none';
  readonly labels: readonly string[] | null;
  readonly levels: DatasetIndex['levels'];
}

class Tally {
  readonly dropped: Partial<Record<DropReason, number>> = {};
  readonly converted: Partial<Record<Conversion, number>> = {};
  severalFaces = 0;

  add(reason: DropReason | null, report: StageReport | null): void {
    if (reason) {
      this.dropped[reason] = (this.dropped[reason] ?? 0) + 1;
      return;
    }
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
  'does-not-fit': 'choose another --resolution or --fit',
};

/** One build while it runs. */
interface Build {
  readonly options: BuildOptions;
  readonly plan: BuildPlan;
  readonly context: BuildContext;
  readonly kind: string;
  readonly source: Source;
  readonly landmarks: BuildSummary['landmarks'];
  readonly faceModel: string | null;
  readonly settings: { readonly stage: unknown; readonly finder: string };
  readonly work: WorkFolder;
}

async function unusable(
  { options, source, plan }: Build,
  found: Collected,
  log: ResultLog,
): Promise<DatasetError> {
  const counts = new Map<DropReason, number>();
  let example = '';
  for (let i = 0; i < found.considered; i++) {
    const reason = found.outcomes.reason(i);
    if (!reason) continue;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
    if (example !== '') continue;
    const entry = found.outcomes.entry(i);
    const detail =
      entry === undefined
        ? found.outcomes.aside(i)?.detail
        : decide((await log.readHead(entry)).report, plan.select).detail;
    if (detail) example = `; for example ${source.path(i)}: ${detail}`;
  }
  const reasons = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([reason, count]) => `${count} ${reason} (${remedies[reason] ?? dropReasons[reason]})`);
  return new DatasetError(
    'source-unusable',
    `${options.source}: none of ${found.considered} pictures can be used: ${reasons.join(', ')}${example}`,
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

function howFaces(options: BuildOptions, plan: BuildPlan, source: Source): BuildSummary['landmarks'] {
  if (plan.prepare.align === 'none') return 'none';
  if (options.landmarks === 'annotation' && !source.landmarks)
    throw new DatasetError(
      'annotation-invalid',
      `${options.source}: comes without landmarks (list_landmarks_celeba.txt); add them, or detect the faces with --landmarks detect`,
    );
  if (typeof options.landmarks === 'object') return 'annotation';
  return source.landmarks && options.landmarks !== 'detect' ? 'annotation' : 'detected';
}

/** Faces that are known without looking at the pictures. */
async function listedFaces(
  { landmarks }: BuildOptions,
  source: Source,
): Promise<NonNullable<CollectContext['landmarks']>> {
  if (typeof landmarks === 'string') {
    return (i) => {
      const points = source.landmarks!(i);
      return points && { points, faces: 1 };
    };
  }
  const facesOf = await readSidecarLandmarks(landmarks.file);
  return (i) => facesOf(source.path(i))[0] ?? null;
}

/**
 * Deterministic: the same pictures and options give the same files with any number of workers, after
 * any number of interruptions, whatever dataset is replaced.
 * @throws DatasetError
 */
export async function buildDataset(options: BuildOptions, context: BuildContext): Promise<BuildSummary> {
  await checkReplaceable(options.out);
  await checkOutputs([options.out], [options.source]);
  const kind = await chooseSource(options.source, options.kind);
  const planned = planBuild(options, kind.defaults);
  const enhancer = await enhancerSettings(options, planned.stage.align);
  const plan = enhancer ? { ...planned, stage: { ...planned.stage, enhancer } } : planned;
  try {
    const work = await WorkFolder.open(options.out);
    let complete = false;
    try {
      const path = resolve(options.source);
      const source = await kind.open({ path, scratch: work.scratch, ...plan.request });
      try {
        const landmarks = howFaces(options, plan, source);
        const faceModel = landmarks === 'detected' ? await context.faceModel() : null;
        const decoder = { sharp: sharp.versions.sharp, vips: sharp.versions.vips };
        const finder = faceModel === null ? landmarks : await detectorSettings(faceModel);
        const settings = { stage: { stageVersion, ...plan.stage, decoder }, finder };
        const summary = await build({
          options,
          plan,
          context,
          kind: kind.kind,
          source,
          landmarks,
          faceModel,
          settings,
          work,
        });
        complete = true;
        return summary;
      } finally {
        await source.close();
      }
    } finally {
      await work.close(!complete || options.keepWork);
    }
  } catch (error) {
    throw explain(error, options.out);
  }
}

/** Of a picture without landmarks. */
function noRow({ landmarks }: BuildOptions): string {
  const list = typeof landmarks === 'string' ? "the set's list of landmarks" : basename(landmarks.file);
  return `${list} has no face for it`;
}

/** First pass. */
async function prepareAll(job: Build, labels: PictureLabels | null, log: ResultLog): Promise<Collected> {
  const { options, plan, context, source } = job;
  const listed = job.landmarks === 'annotation' ? await listedFaces(options, source) : null;
  const previous = await PreviousDataset.open(options.out, job.settings);
  const pool = new WorkerPool(options.workers ?? availableParallelism(), {
    options: plan.stage,
    faceModel: job.faceModel,
    enhancer: options.enhancer,
    ...(listed && { noFace: noRow(options) }),
  });
  try {
    return await collect({
      source,
      labels,
      landmarks: listed,
      select: plan.select,
      dropDuplicates: plan.prepare.duplicates === 'drop',
      maxImages: options.maxImages ?? Infinity,
      log,
      previous,
      pool,
      signal: context.signal,
      onProgress: (done, total, kept) => context.onProgress?.({ step: 'pictures', done, total, kept }),
    });
  } finally {
    await pool.close();
    await previous?.close();
  }
}

async function build(job: Build): Promise<BuildSummary> {
  const { options, plan, context, source, settings, work } = job;
  const { signal } = context;
  // What a set suggests does not count where it comes without labels.
  const suggested = options.labels === undefined && !source.labels;
  const labels = suggested ? null : await chooseLabels(plan.prepare.labels, source, job.kind);
  const log = await work.openLog(settings);
  const found = await prepareAll(job, labels, log);
  if (found.outcomes.keptBefore(found.considered) === 0) throw await unusable(job, found, log);

  const tally = new Tally();
  const { prepare, select } = plan;
  const index = await writeDataset({
    ...found,
    source,
    labels,
    options,
    plan,
    log,
    index: {
      versions: { sharp: sharp.versions.sharp, vips: sharp.versions.vips },
      source: { kind: job.kind, name: basename(resolve(options.source)), pictures: source.count },
      settings: {
        ...settings,
        request: plan.request,
        select,
        mirror: prepare.mirror,
        duplicates: prepare.duplicates,
      },
    },
    signal,
    onProgress: (done, total) => context.onProgress?.({ step: 'records', done, total, kept: total }),
    onPicture: (reason, report) => tally.add(reason, report),
  });
  return {
    out: options.out,
    kind: job.kind,
    images: index.images,
    size: prepare.size,
    channels: prepare.channels,
    pictures: found.considered,
    reused: found.reused,
    otherFiles: source.others,
    dropped: tally.dropped,
    converted: tally.converted,
    severalFaces: tally.severalFaces,
    landmarks: job.landmarks,
    labels: labels?.names ?? null,
    levels: index.levels,
  };
}
