/** Second pass: the kept pictures, in their final order, into a dataset folder. */
import { DatasetError } from '../errors.js';
import { TFRecordExporter } from '../records/exporter.js';
import type { DatasetIndex } from '../records/index-file.js';
import { imageLevels } from '../records/levels.js';
import { shuffledOrder } from '../records/order.js';
import type { Candidate } from './collect.js';
import { manifestLine, manifestName } from './manifest.js';
import type { BuildOptions } from './options.js';
import type { ResultLog } from './result-log.js';
import { contactSheet } from './sheet.js';
import type { PictureSource } from './source.js';
import type { StageReport } from './stage.js';

export const sheetName = 'sheet.png';

/** The sheet shows the first records: a random sample of a shuffled dataset. */
const sheetImages = 96;
const sheetColumns = 12;
const sheetSide = 128;

/** Manifest lines per write. */
const linesAtOnce = 100;

export interface WriteContext {
  readonly candidates: readonly Candidate[];
  readonly source: PictureSource;
  readonly options: BuildOptions;
  readonly settings: Record<string, unknown>; // for the index
  readonly log: ResultLog;
  readonly signal: AbortSignal | undefined;
  onProgress(done: number, total: number): void;
  onReport(candidate: Candidate, report: StageReport | null): void; // once per candidate
}

async function* manifest(
  { candidates, log, onReport }: WriteContext,
  recordOf: ReadonlyMap<Candidate, number>,
): AsyncGenerator<string> {
  let lines: string[] = [];
  for (const candidate of candidates) {
    const report = candidate.entry ? await log.readReport(candidate.entry) : null;
    onReport(candidate, report);
    lines.push(manifestLine(candidate, report, recordOf.get(candidate) ?? null));
    if (lines.length === linesAtOnce) {
      yield lines.join('');
      lines = [];
    }
  }
  yield lines.join('');
}

async function writeLabels(
  exporter: TFRecordExporter,
  { labels }: PictureSource,
  ordered: readonly Candidate[],
): Promise<void> {
  if (!labels) return;
  const rows = new Float32Array(ordered.length * labels.names.length);
  ordered.forEach(({ picture }, i) => rows.set(labels.of(picture.path)!, i * labels.names.length));
  await exporter.addLabels(rows, labels.names.length, labels.names);
}

/** @throws DatasetError `interrupted`; nothing is left of the new dataset then */
export async function writeDataset(context: WriteContext): Promise<DatasetIndex> {
  const { candidates, source, options, log, signal } = context;
  const kept = candidates.filter((candidate) => candidate.decision.reason === null);
  const order = options.shuffle ? [...shuffledOrder(kept.length, options.seed)] : kept.map((_, i) => i);
  const ordered = order.map((place) => kept[place]!);

  const exporter = await TFRecordExporter.create(options.out, {
    resolution: options.resolution,
    channels: 3,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.shuffle ? { shuffleSeed: options.seed } : {}),
    source: { kind: source.kind, name: source.name, pictures: source.pictures.length },
    settings: context.settings,
  });
  try {
    const shown: Uint8Array[] = [];
    const side = Math.min(options.resolution, sheetSide);
    for (const [record, candidate] of ordered.entries()) {
      if (signal?.aborted)
        throw new DatasetError(
          'interrupted',
          'stopped while writing; the same command continues from the aligned pictures',
        );
      const { pixels } = await log.read(candidate.entry!);
      await exporter.add(pixels!);
      if (record < sheetImages)
        shown.push(imageLevels(pixels!, 3, options.resolution)[Math.log2(options.resolution / side)]!);
      context.onProgress(record + 1, ordered.length);
    }
    await writeLabels(exporter, source, ordered);
    const recordOf = new Map(ordered.map((candidate, record) => [candidate, record]));
    await exporter.addFile(manifestName, manifest(context, recordOf));
    const columns = Math.min(sheetColumns, shown.length);
    await exporter.addFile(
      sheetName,
      await contactSheet(Buffer.concat(shown), { columns, side, channels: 3 }),
    );
    return await exporter.finish();
  } catch (error) {
    await exporter.discard();
    throw error;
  }
}
