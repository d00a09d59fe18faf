/** Second pass: the kept pictures, in their final order, into a dataset folder. */
import { DatasetError } from '../errors.js';
import { TFRecordExporter } from '../records/exporter.js';
import type { DatasetIndex } from '../records/index-file.js';
import { shuffledOrder } from '../records/order.js';
import type { Source } from '../sources/source.js';
import type { Collected } from './collect.js';
import type { PictureLabels } from './labels.js';
import { formatManifestLine, manifestName } from './manifest.js';
import type { BuildOptions, BuildPlan } from './options.js';
import { mirrored } from './pixels.js';
import type { DropReason } from './reasons.js';
import type { LogHead, ResultLog } from './result-log.js';
import { decide } from './select.js';
import { DatasetSheet, sheetName } from './sheet.js';
import { nothingKnown, type StageReport } from './stage.js';

/** Bytes for the head of a result; a longer one is read into memory of its own. */
const headRoom = 4096;

/** Manifest lines per write. */
const linesAtOnce = 100;

export interface WriteContext extends Collected {
  readonly source: Source;
  readonly labels: PictureLabels | null;
  readonly options: BuildOptions;
  readonly plan: BuildPlan;
  readonly log: ResultLog;
  readonly index: Pick<DatasetIndex, 'versions' | 'source' | 'settings'>; // recorded
  readonly signal: AbortSignal | undefined;
  onProgress(done: number, total: number): void;
  /** Once per picture that was considered. */
  onPicture(reason: DropReason | null, report: StageReport | null): void;
}

/** Which picture each record shows, and whether left to right. */
interface RecordOrder {
  readonly pictures: Int32Array; // of the kept ones, in source order
  readonly places: Int32Array; // record → place in `pictures`; from its length on: mirrored
}

function orderRecords({ outcomes, considered, plan, options }: WriteContext): RecordOrder {
  const count = outcomes.keptBefore(considered);
  const pictures = new Int32Array(count);
  for (let i = 0, to = 0; i < considered; i++) if (outcomes.isKept(i)) pictures[to++] = i;
  const images = plan.prepare.mirror ? count * 2 : count;
  const places = plan.prepare.shuffle
    ? shuffledOrder(images, options.seed)
    : Int32Array.from({ length: images }, (_, record) =>
        // Unshuffled, a mirror image follows its picture.
        plan.prepare.mirror ? (record >> 1) + (record & 1) * count : record,
      );
  return { pictures, places };
}

/** Head of a picture's result; a duplicate has that of the earlier picture. */
async function headOf({ outcomes, log }: WriteContext, picture: number): Promise<LogHead | null> {
  const entry = outcomes.entry(picture);
  return entry === undefined ? null : log.readHead(entry);
}

async function* manifest(context: WriteContext, order: RecordOrder): AsyncGenerator<string> {
  const { outcomes, considered, source, plan } = context;
  const { pictures, places } = order;
  const recordAt = new Int32Array(places.length);
  places.forEach((place, record) => (recordAt[place] = record));
  let lines: string[] = [];
  for (let picture = 0, place = 0; picture < considered; picture++) {
    const head = await headOf(context, picture);
    const aside = outcomes.aside(picture);
    const earlier = outcomes.duplicateOf(picture);
    const twin = earlier === undefined ? null : await headOf(context, earlier);
    const reason = outcomes.reason(picture);
    const earlierPath = earlier === undefined ? null : source.path(earlier);
    const report = head?.report ?? nothingKnown;
    const kept = reason === null;
    context.onPicture(reason, head?.report ?? null);
    lines.push(
      formatManifestLine({
        path: source.path(picture),
        sha256: (head ?? twin ?? aside)?.sha256 ?? outcomes.aside(earlier ?? picture)?.sha256 ?? null,
        bytes: (head ?? twin ?? aside)?.bytes ?? outcomes.aside(earlier ?? picture)?.bytes ?? null,
        decision: kept ? 'kept' : 'dropped',
        reason,
        detail: head
          ? decide(head.report, plan.select).detail
          : earlierPath === null
            ? (aside?.detail ?? null)
            : `of ${earlierPath}`,
        record: kept ? recordAt[place]! : null,
        ...(kept && plan.prepare.mirror ? { mirrored: recordAt[place + pictures.length]! } : {}),
        ...(earlierPath === null ? {} : { duplicateOf: earlierPath }),
        picture: report.picture,
        faces: report.faces,
        landmarks: report.landmarks,
        confidence: report.confidence,
        quad: report.quad,
        scores: report.scores,
      }),
    );
    if (kept) place++;
    if (lines.length === linesAtOnce) {
      yield lines.join('');
      lines = [];
    }
  }
  yield lines.join('');
}

async function writeLabels(
  exporter: TFRecordExporter,
  labels: PictureLabels | null,
  { pictures, places }: RecordOrder,
): Promise<void> {
  if (!labels) return;
  const width = labels.names.length;
  const rows = new Float32Array(places.length * width);
  places.forEach((place, record) =>
    rows.set(labels.row(pictures[place % pictures.length]!)!, record * width),
  );
  await exporter.addLabels(rows, width, labels.names);
}

/** @throws DatasetError `interrupted`; nothing is left of the new dataset then */
export async function writeDataset(context: WriteContext): Promise<DatasetIndex> {
  const { options, plan, outcomes, log, labels, signal } = context;
  const { size, channels, shuffle } = plan.prepare;
  const order = orderRecords(context);
  const { pictures, places } = order;

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
    // One image is read while the one before it is written.
    const scratch = [0, 1].map(() => Buffer.allocUnsafe(channels * size.width * size.height + headRoom));
    const read = (record: number) => {
      const place = places[record];
      if (place === undefined) return undefined;
      const reading = log.read(outcomes.entry(pictures[place % pictures.length]!)!, scratch[record & 1]);
      // An error waits for the turn of its image.
      reading.catch(() => undefined);
      return reading;
    };
    let ahead = read(0);
    for (const [record, place] of places.entries()) {
      if (signal?.aborted)
        throw new DatasetError(
          'interrupted',
          'stopped while writing; the same command continues from the finished pictures',
        );
      const { pixels } = (await ahead)!;
      ahead = read(record + 1);
      const image = place < pictures.length ? pixels! : mirrored(pixels!, size.width);
      await exporter.add(image);
      sheet.add(image);
      context.onProgress(record + 1, places.length);
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
