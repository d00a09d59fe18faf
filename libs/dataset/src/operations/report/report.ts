/** One HTML page about how a dataset came to be: scores and their lines, reasons, duplicates, portraits, licences. */
import { basename, resolve } from 'node:path';
import { writeAtomic } from '@pggan/files';
import { z } from 'zod';
import { DatasetError } from '../../errors.js';
import { TFRecordDataset } from '../../records/dataset.js';
import { formatSize } from '../../records/image-size.js';
import { checkSignal } from '../image-stream.js';
import { findManifest, manifestEntries, pictureOfEach } from '../manifest-lines.js';
import { besideDataset, checkTarget } from '../output-file.js';
import { parseRequest, seedSchema } from '../request.js';
import { levelToCompare, nearImages, nearLimits, type NearImages } from '../reshape/near-images.js';
import type { FaceEntry } from './face-entry.js';
import { alignOf, cutOf, limitsOf, type ScoreLimit } from './limits.js';
import type { FramedPicture, NearSummary, PageModel } from './page-model.js';
import { reportPage } from './page.js';
import { counted } from './page-parts.js';
import { Originals, RecordPortraits, type Missing, type Shown, type SourceRequest } from './portraits.js';
import { Least } from './samples.js';
import { fetchEntries, surveyManifest, type Fetched, type Survey } from './survey.js';

const requestSchema = z.object({
  page: z.string().min(1), // HTML file to write
  examples: z.number().int().min(1).max(100).default(9), // faces of every group
  seed: seedSchema.default(0), // of the samples
  near: z.boolean().default(true), // look for near duplicates among the images
});
export type ReportRequest = z.input<typeof requestSchema> & {
  /** The pictures that the dataset was made from. */
  readonly source?: SourceRequest;
};

export type ReportStep = 'manifest' | 'compare' | 'pictures';

export interface ReportContext {
  readonly signal?: AbortSignal | undefined; // stop; no page is written
  readonly onProgress?: ((step: ReportStep, done: number, total: number | undefined) => void) | undefined;
}

/** How one score is spread. */
export interface ScoreReport {
  readonly count: number;
  readonly min: number;
  readonly median: number; // to about a four-thousandth of the spread
  readonly max: number;
  readonly limits: readonly (Omit<ScoreLimit, 'score'> & { readonly beyond: number })[]; // faces that do not meet it
}

/** What the page says, in numbers; plain JSON. */
export interface Report {
  readonly directory: string;
  readonly page: { readonly path: string; readonly bytes: number };
  readonly lines: number; // of the manifest
  readonly kept: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly scores: Readonly<Record<string, ScoreReport>>;
  readonly duplicates: number; // lines dropped as duplicates or near duplicates of another
  readonly nearDuplicates: number | null; // pairs of images; null: not looked for
  readonly shown: number; // faces on the page
}

/** `<dataset>.report.html` beside the dataset's folder. */
export const reportTarget = (directory: string) => besideDataset(directory, '.report.html');

/** Lines between two looks at what else happens. */
const linesAtOnce = 1000;

/** One report while it is made. */
class Reporter {
  constructor(
    private readonly dataset: TFRecordDataset,
    private readonly request: z.output<typeof requestSchema>,
    private readonly originals: Originals | null,
    private readonly context: ReportContext,
  ) {}

  async make(): Promise<{ readonly html: string; readonly report: Omit<Report, 'page'> }> {
    const { dataset, request } = this;
    const { examples, seed } = request;
    const survey = await this.#survey();
    const near = request.near ? await this.#near() : null;
    const faces = new Map(shownOf(survey).map((face) => [face.line, face]));
    const fetched = await this.#fetch(survey, near?.pairs ?? []);
    const model = {
      title: dataset.index?.name ?? basename(resolve(dataset.directory)),
      facts: factsOf(dataset),
      images: dataset.count,
      noun: alignOf(dataset.index) === 'none' ? ('picture' as const) : ('face' as const),
      survey,
      examples,
      seed,
      near: near && nearSummary(near, fetched),
      twins: twinsOf(survey, fetched),
    };
    const pairs = [
      ...model.twins,
      ...(model.near?.pairs ?? []).map(({ entries: [first, second] }) => ({ first, second })),
    ];
    for (const { first, second } of pairs) for (const face of [first, second]) faces.set(face.line, face);
    const framed = framedOf(survey, fetched);
    for (const { faces: inPicture } of framed) for (const face of inPicture) faces.set(face.line, face);

    const portraits = new Map<number, Shown | Missing>();
    const drawn = await this.#show([...faces.values()], framed, portraits);
    const page: PageModel = { ...model, portraits, framed: this.originals ? drawn : null };
    const listed = [...faces.values()].sort((a, b) => a.line - b.line);
    return {
      html: reportPage(page, listed),
      report: this.#numbers(survey, near?.found ?? null, listed.length),
    };
  }

  async #survey(): Promise<Survey> {
    const { examples, seed } = this.request;
    const { signal, onProgress } = this.context;
    const { index } = this.dataset;
    const cut = await cutOf(index, manifestEntries(this.dataset));
    const limits = [...limitsOf(index), ...(cut ? [cut] : [])];
    const options = { limits, examples, seed };
    return surveyManifest(manifestEntries(this.dataset), options, (line) => {
      if (line % linesAtOnce !== 0) return;
      checkSignal(signal);
      onProgress?.('manifest', line, undefined); // how many there are is seen at the end
    });
  }

  async #near(): Promise<{ found: number; pairs: NearImages[] }> {
    const { dataset, context } = this;
    const level = levelToCompare(dataset.levels);
    const pictures = await pictureOfEach(dataset);
    const least = new Least<NearImages>(this.request.examples);
    let found = 0;
    await nearImages({
      level,
      records: pictures.filter((picture, record) => picture === record),
      limits: nearLimits(level, {}),
      signal: context.signal,
      onProgress: (done, total) => context.onProgress?.('compare', done, total),
      found: (pair) => {
        found++;
        least.offer(-pair.likeness, () => pair);
      },
    });
    return { found, pairs: least.items() };
  }

  async #fetch(survey: Survey, near: readonly NearImages[]): Promise<Fetched> {
    const framed = [...survey.framed.kept.items(), ...survey.framed.dropped.items()];
    const twins = survey.twins.items().map(({ twin }) => twin!.path);
    const paths = new Set([...framed.map(({ path }) => path), ...twins]);
    const records = new Set(near.flatMap(({ first, second }) => [first, second]));
    return fetchEntries(manifestEntries(this.dataset), { paths, records });
  }

  /** Fills `portraits` by line, and returns the whole pictures. */
  async #show(
    faces: readonly FaceEntry[],
    framed: readonly Omit<FramedPicture, 'picture'>[],
    portraits: Map<number, Shown | Missing>,
  ): Promise<FramedPicture[]> {
    const { signal, onProgress } = this.context;
    const fromRecord = faces.filter(({ record }) => record !== null);
    const fromSource = new Map<string, FaceEntry[]>();
    for (const face of faces)
      if (face.record === null) fromSource.set(face.path, [...(fromSource.get(face.path) ?? []), face]);
    const whole = new Map(framed.map((picture) => [picture.path, picture]));
    const paths = new Set([...fromSource.keys(), ...whole.keys()]);
    const total = fromRecord.length + (this.originals ? paths.size : 0);
    let done = 0;

    const records = new RecordPortraits(this.dataset);
    for (const face of fromRecord) {
      checkSignal(signal);
      portraits.set(face.line, await records.show(face.record!));
      onProgress?.('pictures', ++done, total);
    }
    const drawn: FramedPicture[] = [];
    if (!this.originals) return drawn;
    this.originals.find(paths);
    for (const path of paths) {
      const [inPicture, picture] = [fromSource.get(path) ?? [], whole.get(path)];
      const sha256 = inPicture[0]?.sha256 ?? picture?.faces[0]?.sha256 ?? null;
      const original = await this.originals.read(path, sha256, signal);
      for (const face of inPicture)
        portraits.set(face.line, 'missing' in original ? original : await original.face(face));
      if (picture)
        drawn.push({ ...picture, picture: 'missing' in original ? original : await original.whole() });
      onProgress?.('pictures', ++done, total);
    }
    return drawn;
  }

  #numbers(survey: Survey, nearDuplicates: number | null, shown: number): Omit<Report, 'page'> {
    const scores = [...survey.scores].filter(([, { histogram }]) => histogram.min <= histogram.max);
    return {
      directory: this.dataset.directory,
      lines: survey.lines,
      kept: survey.kept,
      reasons: Object.fromEntries([...survey.reasons].map(([reason, { offered }]) => [reason, offered])),
      scores: Object.fromEntries(
        scores.map(([name, { histogram, limits }]) => {
          const { min, max, count } = histogram;
          const lines = limits.map(({ limit: { side, at, cut }, beyond }) => ({
            side,
            at,
            cut,
            beyond: beyond.count,
          }));
          const median = Number(histogram.quantile(0.5).toPrecision(5));
          return [name, { count: count.kept + count.dropped, min, median, max, limits: lines }];
        }),
      ),
      duplicates: survey.twins.offered,
      nearDuplicates,
      shown,
    };
  }
}

/** All faces that the survey alone puts on the page. */
function shownOf({ scores, reasons, twins }: Survey): FaceEntry[] {
  const ofScores = [...scores.values()].flatMap(({ limits, lowest, highest }) =>
    limits.length > 0
      ? limits.flatMap(({ failing, meeting }) => [...failing.items(), ...meeting.items()])
      : [...lowest.items(), ...highest.items()],
  );
  return [...ofScores, ...[...reasons.values()].flatMap((sample) => sample.items()), ...twins.items()];
}

function factsOf({ count, size, channels, index }: TFRecordDataset): string[] {
  const text = (value: unknown) => (typeof value === 'string' ? [value] : []);
  return [
    `${counted(count, 'image')} of ${formatSize(size)}, ${channels === 3 ? 'RGB' : 'gray'}`,
    ...text(index?.source['name']).map((name) => `made from ${name}`),
    ...text(index?.source['kind']).map((kind) => `a source of kind ${kind}`),
  ];
}

function twinsOf(survey: Survey, { byPath }: Fetched): PageModel['twins'] {
  return survey.twins.items().flatMap((second) => {
    const { path, face } = second.twin!;
    const inPicture = byPath.get(path) ?? [];
    const first = inPicture.find((each) => each.face === face) ?? inPicture[0];
    return first ? [{ first, second, facts: second.detail ?? '' }] : [];
  });
}

function nearSummary(
  { found, pairs }: { found: number; pairs: NearImages[] },
  { byRecord }: Fetched,
): NearSummary {
  return {
    found,
    pairs: pairs.flatMap((pair) => {
      const [first, second] = [byRecord.get(pair.first), byRecord.get(pair.second)];
      return first && second ? [{ ...pair, entries: [first, second] as const }] : [];
    }),
  };
}

function framedOf({ framed }: Survey, { byPath }: Fetched): Omit<FramedPicture, 'picture'>[] {
  const chosen = [...framed.kept.items(), ...framed.dropped.items()].sort((a, b) => a.line - b.line);
  const pictures = new Map(chosen.map(({ path, picture }) => [path, picture!]));
  return [...pictures].map(([path, { width, height }]) => ({
    path,
    width,
    height,
    faces: byPath.get(path) ?? [],
  }));
}

/**
 * Writes the page, whole or not at all. Memory does not grow with the manifest, but for some hundred bytes per image
 * while near duplicates are looked for.
 * @throws DatasetError `option-invalid`, `output-refused`, `dataset-invalid` for a dataset without a manifest,
 * `interrupted`, those of `TFRecordDataset.open` and of the source
 */
export async function reportDataset(
  directory: string,
  { source, ...request }: ReportRequest,
  context: ReportContext = {},
): Promise<Report> {
  const options = parseRequest(requestSchema, request);
  const dataset = await TFRecordDataset.open(directory);
  await checkTarget(options.page, directory, 'html');
  if ((await findManifest(dataset)) === null)
    throw new DatasetError(
      'dataset-invalid',
      `${directory}: has no manifest.jsonl, of which reports are made; expected a dataset of "prep build-dataset"`,
    );
  // A wrong source is told now, not after the work.
  const originals = source ? await Originals.open(source, dataset) : null;
  const { html, report } = await new Reporter(dataset, options, originals, context)
    .make()
    .finally(() => originals?.close());
  checkSignal(context.signal);
  const bytes = Buffer.from(html);
  await writeAtomic(options.page, bytes);
  return { ...report, page: { path: options.page, bytes: bytes.length } };
}
