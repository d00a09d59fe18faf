/** From a source of pictures to a dataset: prepare each picture, choose, write. */
import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import sharp from 'sharp';
import { DatasetError } from '../errors.js';
import type { DetectorOptions } from '../faces/detector.js';
import type { ImageSize } from '../records/image-size.js';
import type { DatasetIndex } from '../records/index-file.js';
import { checkReplaceable, explainOutput } from '../records/output-folder.js';
import { checkOutputs } from '../records/output-paths.js';
import { checkOrigin, type ReplacedDataset } from '../records/same-origin.js';
import { chooseSource } from '../sources/registry.js';
import type { Source } from '../sources/source.js';
import { readAnnotations, unusedLabels, type Annotations } from './annotations.js';
import { choose, type Chosen } from './choose.js';
import { collect, type Collected } from './collect.js';
import { fillAll } from './fill.js';
import { detectorSettings } from './finder-settings.js';
import type { ManifestLine } from './manifest.js';
import { planBuild, type BuildOptions, type BuildPlan } from './options.js';
import { PreviousDataset, type PreviousSettings } from './previous.js';
import { dropReasons, type Conversion, type DropReason, type Mark } from './reasons.js';
import type { SidecarMatch } from './sidecar-match.js';
import { enhancerSettings } from './stage-enhancer.js';
import type { ResultLog } from './result-log.js';
import { stageVersion } from './stage.js';
import { decide } from './select.js';
import { WorkFolder } from './work-folder.js';
import { WorkerPool } from './worker-pool.js';
import { writeDataset } from './write.js';

export interface BuildProgress {
  readonly step: 'pictures' | 'chosen' | 'records'; // chosen: known pictures that must be aligned after all
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
  readonly candidates: number; // faces and whole pictures: lines of the manifest
  readonly kept: number; // of these
  readonly reused: number; // known from an earlier start or from the dataset that is replaced
  readonly otherFiles: number; // not named like pictures
  readonly dropped: Partial<Record<DropReason, number>>;
  readonly converted: Partial<Record<Conversion, number>>; // pictures, however many of their faces were kept
  readonly marked: Partial<Record<Mark, number>>; // kept all the same
  readonly severalFaces: number; // pictures with more than one face
  readonly landmarks: 'annotation' | 'detected' | 'none';
  readonly labels: readonly string[] | null;
  readonly unusedLabels: readonly string[]; // that are 0 for every image: of classes, those without any
  readonly sidecars: readonly SidecarMatch[]; // files of labels, landmarks and notes
  readonly levels: DatasetIndex['levels'];
  readonly replaced: ReplacedDataset | null; // what was in the folder before
}

class Tally {
  readonly dropped: Partial<Record<DropReason, number>> = {};
  readonly converted: Partial<Record<Conversion, number>> = {};
  readonly marked: Partial<Record<Mark, number>> = {};
  severalFaces = 0;
  candidates = 0;
  kept = 0;
  /** The picture of the last one that was kept: its faces follow each other. */
  #path: string | undefined;

  add({ path, reason, picture, face, faces, marks }: ManifestLine): void {
    this.candidates++;
    if (face === 0 && (faces ?? 0) > 1) this.severalFaces++;
    if (reason) {
      count(this.dropped, reason);
      return;
    }
    this.kept++;
    for (const mark of marks ?? []) count(this.marked, mark);
    if (path === this.#path) return;
    this.#path = path;
    for (const what of picture?.converted ?? []) count(this.converted, what);
  }
}

function count<K extends string>(counts: Partial<Record<K, number>>, key: K): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** What dropped pictures, with the option that would let them in. */
const remedies: Partial<Record<DropReason, string>> = {
  'no-face': '--align none takes pictures without faces',
  'no-label': '--labels none takes pictures without labels',
  'face-too-small': 'lower --min-face',
  'enlarged-too-much': 'lower --resolution, raise --enlarge-limit, or keep them with --enlarged mark',
  'too-much-outside': 'raise --max-pad',
  'too-blurred': 'lower --min-sharpness',
  'low-confidence': 'lower --min-confidence',
  'turned-away': 'raise --max of the angle',
  'below-minimum': 'lower --min of the score',
  'above-maximum': 'raise --max of the score',
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
  readonly settings: PreviousSettings;
  readonly work: WorkFolder;
  readonly replaced: ReplacedDataset | null;
}

async function unusable(
  { options, source, plan, landmarks }: Build,
  { outcomes, considered }: Collected,
  log: ResultLog,
): Promise<DatasetError> {
  const counts: Partial<Record<DropReason, number>> = {};
  let [candidates, example] = [0, ''];
  for (let picture = 0; picture < considered; picture++) {
    const [from, to] = outcomes.candidatesOf(picture);
    for (let candidate = from; candidate < to; candidate++) {
      candidates++;
      const reason = outcomes.reason(candidate);
      if (reason) count(counts, reason);
      if (example !== '') continue;
      const entry = outcomes.entry(candidate);
      const detail =
        entry === undefined
          ? outcomes.aside(picture)?.detail
          : decide((await log.readHead(entry)).report, plan.select).detail;
      if (detail) example = `; for example ${source.path(picture)}: ${detail}`;
    }
  }
  const remedy = (reason: DropReason) =>
    reason === 'no-face' && landmarks === 'annotation'
      ? '--landmarks detect looks for faces that are not listed'
      : (remedies[reason] ?? dropReasons[reason]);
  const reasons = (Object.entries(counts) as [DropReason, number][])
    .sort((a, b) => b[1] - a[1])
    .map(([reason, count]) => `${count} ${reason} (${remedy(reason)})`);
  const what =
    candidates > considered ? `${candidates} faces in ${considered} pictures` : `${considered} pictures`;
  return new DatasetError(
    'source-unusable',
    `${options.source}: none of ${what} can be used: ${reasons.join(', ')}${example}`,
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

/** Null when nothing is detected. */
function detectorOptions(
  { minConfidence, search, detectSide }: BuildOptions,
  faceModel: string | null,
): DetectorOptions | null {
  return faceModel === null ? null : { modelPath: faceModel, minConfidence, search, maxSide: detectSide };
}

/** In the index: by what a dataset is known to be of the same source. */
function originOf({ source }: BuildOptions, kind: string, split?: string) {
  return { kind, name: basename(resolve(source)), ...(split === undefined ? {} : { split }) };
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
  const replaced = await checkOrigin(options.out, originOf(options, kind.kind), options.replace);
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
        await checkOrigin(options.out, originOf(options, kind.kind, source.split), options.replace);
        const landmarks = howFaces(options, plan, source);
        const faceModel = landmarks === 'detected' ? await context.faceModel() : null;
        const decoder = { sharp: sharp.versions.sharp, vips: sharp.versions.vips };
        const how = detectorOptions(options, faceModel);
        const found = how === null ? { finder: landmarks } : await detectorSettings(how);
        const settings = { stage: { stageVersion, ...plan.stage, decoder }, ...found };
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
          replaced,
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
    throw explainOutput(
      error,
      options.out,
      'free some space or choose another --out, then run the same command again: pictures that are finished are kept',
    );
  }
}

/** Of a picture without landmarks. */
function noRow({ landmarks }: BuildOptions): string {
  const list = typeof landmarks === 'string' ? "the set's list of landmarks" : basename(landmarks.file);
  return `${list} has no face for it`;
}

/** Everything up to the decision on each candidate. */
async function prepareAll(
  job: Build,
  { labels, faces }: Annotations,
  log: ResultLog,
): Promise<Collected & { chosen: Chosen }> {
  const { options, plan, context, source, faceModel } = job;
  const { signal, onProgress } = context;
  const noFace = noRow(options);
  const previous = await PreviousDataset.open(options.out, job.settings, {
    faces: plan.stage.faces,
    listed: faces !== null,
    noFace,
  });
  const pool = new WorkerPool(options.workers ?? availableParallelism(), {
    options: plan.stage,
    detector: detectorOptions(options, faceModel),
    enhancer: options.enhancer,
    ...(faces && { noFace }),
  });
  try {
    const found = await collect({
      source,
      labels,
      landmarks: faces,
      select: plan.select,
      dropDuplicates: plan.prepare.duplicates === 'drop',
      maxImages: options.maxImages ?? Infinity,
      log,
      previous,
      pool,
      signal,
      onProgress: (done, total, kept) => onProgress?.({ step: 'pictures', done, total, kept }),
    });
    const filling = { ...found, plan, source, log, pool };
    const chosen = await choose(filling);
    const again = await fillAll(
      {
        ...filling,
        signal,
        onProgress: (done, total) => onProgress?.({ step: 'chosen', done, total, kept: total }),
      },
      found.considered,
    );
    return { ...found, reused: found.reused - again, chosen };
  } finally {
    await pool.close();
    await previous?.close();
  }
}

async function build(job: Build): Promise<BuildSummary> {
  const { options, plan, context, source, settings, work } = job;
  const { signal } = context;
  const annotations = await readAnnotations(job);
  const { labels, notes, sidecars } = annotations;
  const log = await work.openLog(settings);
  const found = await prepareAll(job, annotations, log);
  if (found.outcomes.keptBefore(found.considered).candidates.length === 0)
    throw await unusable(job, found, log);

  const tally = new Tally();
  const { prepare, select } = plan;
  const index = await writeDataset({
    ...found,
    source,
    labels,
    notes,
    options,
    plan,
    log,
    index: {
      versions: { sharp: sharp.versions.sharp, vips: sharp.versions.vips },
      source: { ...originOf(options, job.kind, source.split), pictures: source.count },
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
    onCandidate: (line) => tally.add(line),
  });
  return {
    out: options.out,
    kind: job.kind,
    images: index.images,
    size: prepare.size,
    channels: prepare.channels,
    pictures: found.considered,
    candidates: tally.candidates,
    kept: tally.kept,
    reused: found.reused,
    otherFiles: source.others,
    dropped: tally.dropped,
    converted: tally.converted,
    marked: tally.marked,
    severalFaces: tally.severalFaces,
    landmarks: job.landmarks,
    labels: labels?.names ?? null,
    unusedLabels: labels ? unusedLabels(labels, found) : [],
    sidecars,
    levels: index.levels,
    replaced: job.replaced,
  };
}
