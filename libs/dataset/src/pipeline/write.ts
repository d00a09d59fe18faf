/** Last pass: the kept candidates, in their final order, into a dataset folder. */
import { DatasetError } from '../errors.js';
import { TFRecordExporter } from '../records/exporter.js';
import type { DatasetIndex } from '../records/index-file.js';
import { shuffledOrder } from '../records/order.js';
import type { Source } from '../sources/source.js';
import type { Chosen } from './choose.js';
import type { Collected } from './collect.js';
import type { PictureLabels } from './labels.js';
import { formatManifestLine, manifestName, type ManifestLine } from './manifest.js';
import type { PictureNotes } from './notes.js';
import type { BuildOptions, BuildPlan } from './options.js';
import type { Aside } from './outcomes.js';
import { mirrored } from './pixels.js';
import type { LogHead, ResultLog } from './result-log.js';
import { readAhead } from './read-ahead.js';
import { decide, marksOf } from './select.js';
import { DatasetSheet, sheetName } from './sheet.js';
import { nothingKnown } from './stage.js';

/** Bytes for the head of a result; a longer one is read into memory of its own. */
const headRoom = 4096;

/** Images, and heads of results, that are being read while one is used. */
const imagesAhead = 3;
const headsAhead = 16;

/** Manifest lines per write. */
const linesAtOnce = 100;

export interface WriteContext extends Collected {
  readonly source: Source;
  readonly labels: PictureLabels | null;
  readonly notes: PictureNotes | null;
  readonly chosen: Chosen;
  readonly options: BuildOptions;
  readonly plan: BuildPlan;
  readonly log: ResultLog;
  readonly index: Pick<DatasetIndex, 'versions' | 'source' | 'settings'>; // recorded
  readonly signal: AbortSignal | undefined;
  onProgress(done: number, total: number): void;
  /** Once per line of the manifest. */
  onCandidate(line: ManifestLine): void;
}

/** Which candidate each record shows, and whether left to right. */
interface RecordOrder {
  readonly candidates: Int32Array; // the kept ones, in source order
  readonly pictureOf: Int32Array; // by place in `candidates`
  readonly places: Int32Array; // record → place in `candidates`; from its length on: mirrored
}

function orderRecords({ outcomes, considered, plan, options }: WriteContext): RecordOrder {
  const { candidates, pictureOf } = outcomes.keptBefore(considered);
  const count = candidates.length;
  const images = plan.prepare.mirror ? count * 2 : count;
  const places = plan.prepare.shuffle
    ? shuffledOrder(images, options.seed)
    : Int32Array.from({ length: images }, (_, record) =>
        // Unshuffled, a mirror image follows its picture.
        plan.prepare.mirror ? (record >> 1) + (record & 1) * count : record,
      );
  return { candidates, pictureOf, places };
}

/** Head of a candidate's result. */
async function headOf({ outcomes, log }: WriteContext, candidate: number): Promise<LogHead | null> {
  const entry = outcomes.entry(candidate);
  return entry === undefined ? null : log.readHead(entry);
}

/** Bytes of a picture that did not come to the stage; a duplicate has those of the earlier picture. */
async function bytesOf(context: WriteContext, picture: number): Promise<Pick<Aside, 'sha256' | 'bytes'>> {
  const { outcomes } = context;
  const same = outcomes.duplicateOf(picture) ?? picture;
  const [candidate] = outcomes.candidatesOf(same);
  return (await headOf(context, candidate)) ?? outcomes.aside(same) ?? { sha256: null, bytes: null };
}

/** The better candidate that shows the same, for which this one was dropped. */
function twinOf(
  { outcomes, source, chosen }: WriteContext,
  candidate: number,
): ManifestLine['nearDuplicateOf'] {
  const twin = chosen.twin(candidate);
  if (!twin) return undefined;
  const face = twin.candidate - outcomes.candidatesOf(twin.picture)[0];
  return { path: source.path(twin.picture), face };
}

/** The number that decided, or what went wrong. */
function detailOf(context: WriteContext, picture: number, candidate: number, head: LogHead | null) {
  const { outcomes, source, plan, chosen } = context;
  const { topBy, top } = plan.select;
  switch (outcomes.reason(candidate)) {
    case null:
      return null;
    case 'duplicate':
      return `of ${source.path(outcomes.duplicateOf(picture)!)}`;
    case 'near-duplicate': {
      const { path, face } = twinOf(context, candidate)!;
      return `of ${path}${face > 0 ? ` face ${face}` : ''}, ${chosen.twin(candidate)!.distance} bits apart`;
    }
    case 'not-among-best':
      return `of the best ${top} by ${Object.keys(topBy).join(', ')}`;
    case 'enough-images':
      return `${context.options.maxImages} come before it`;
    default:
      return head ? decide(head.report, plan.select).detail : (outcomes.aside(picture)?.detail ?? null);
  }
}

/** Lines of the candidates in the order of the source; `recordAt`: record of each place, then of its mirror image. */
async function* manifestLines(context: WriteContext, recordAt: Int32Array): AsyncGenerator<ManifestLine> {
  const { outcomes, considered, source, plan, chosen, notes } = context;
  const { mirror } = plan.prepare;
  let place = 0;
  const inOrder = function* () {
    for (let picture = 0; picture < considered; picture++) {
      const [from, to] = outcomes.candidatesOf(picture);
      for (let candidate = from; candidate < to; candidate++) yield { picture, candidate };
    }
  };
  const read = ({ candidate }: { readonly candidate: number }) => headOf(context, candidate);
  for await (const [{ picture, candidate }, head] of readAhead(inOrder(), headsAhead, read)) {
    const path = source.path(picture);
    const noted = notes?.of(path);
    const earlier = outcomes.duplicateOf(picture);
    const { sha256, bytes } = head ?? (await bytesOf(context, picture));
    const reason = outcomes.reason(candidate);
    const kept = reason === null;
    const report = head?.report ?? nothingKnown;
    const marked = kept && head ? marksOf(head.report, plan.select) : [];
    const nearest = chosen.nearest(candidate);
    const nearDuplicateOf = twinOf(context, candidate);
    yield {
      path,
      face: report.face,
      faces: report.faces,
      sha256,
      bytes,
      decision: kept ? 'kept' : 'dropped',
      reason,
      detail: detailOf(context, picture, candidate, head),
      record: kept ? recordAt[place]! : null,
      ...(kept && mirror ? { mirrored: recordAt[place + recordAt.length / 2]! } : {}),
      ...(earlier === undefined ? {} : { duplicateOf: source.path(earlier) }),
      ...(nearDuplicateOf ? { nearDuplicateOf } : {}),
      ...(marked.length > 0 ? { marks: marked } : {}),
      picture: report.picture,
      landmarks: report.landmarks,
      confidence: report.confidence,
      quad: report.quad,
      scores: report.scores && nearest !== undefined ? { ...report.scores, nearest } : report.scores,
      hash: report.hash,
      ...(noted ? { notes: noted } : {}),
    };
    if (kept) place++;
  }
}

async function* manifest(context: WriteContext, { places }: RecordOrder): AsyncGenerator<string> {
  const recordAt = new Int32Array(places.length);
  places.forEach((place, record) => (recordAt[place] = record));
  let lines: string[] = [];
  for await (const line of manifestLines(context, recordAt)) {
    context.onCandidate(line);
    lines.push(formatManifestLine(line));
    if (lines.length < linesAtOnce) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}

async function writeLabels(
  exporter: TFRecordExporter,
  labels: PictureLabels | null,
  { pictureOf, places }: RecordOrder,
): Promise<void> {
  if (!labels) return;
  const width = labels.names.length;
  const rows = new Float32Array(places.length * width);
  places.forEach((place, record) =>
    rows.set(labels.row(pictureOf[place % pictureOf.length]!)!, record * width),
  );
  await exporter.addLabels(rows, width, labels.names);
}

/** @throws DatasetError `interrupted`; nothing is left of the new dataset then */
export async function writeDataset(context: WriteContext): Promise<DatasetIndex> {
  const { options, plan, outcomes, log, labels, signal } = context;
  const { size, channels, shuffle } = plan.prepare;
  const order = orderRecords(context);
  const { candidates, places } = order;

  const exporter = await TFRecordExporter.create(options.out, {
    size,
    channels,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.shardImages === undefined ? {} : { shardImages: options.shardImages }),
    ...(shuffle ? { shuffleSeed: options.seed } : {}),
    ...context.index,
  });
  try {
    const sheet = new DatasetSheet(size, channels);
    const scratch = Array.from({ length: imagesAhead + 1 }, () =>
      Buffer.allocUnsafe(channels * size.width * size.height + headRoom),
    );
    const read = (place: number, record: number) =>
      log.read(outcomes.entry(candidates[place % candidates.length]!)!, scratch[record % scratch.length]);
    for await (const [place, { pixels }] of readAhead(places, imagesAhead, read)) {
      if (signal?.aborted)
        throw new DatasetError(
          'interrupted',
          'stopped while writing; the same command continues from the finished pictures',
        );
      const image = place < candidates.length ? pixels! : mirrored(pixels!, size.width);
      await exporter.add(image);
      sheet.add(image);
      context.onProgress(exporter.images, places.length);
    }
    await writeLabels(exporter, labels, order);
    await exporter.addFile(manifestName, manifest(context, order));
    await exporter.addFile(sheetName, await sheet.draw());
    return await exporter.finish();
  } catch (error) {
    await exporter.discard();
    throw error;
  }
}
