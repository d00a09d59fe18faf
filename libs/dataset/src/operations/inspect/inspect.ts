/** What is in a dataset: sizes, labels, pixel statistics, and the pictures it was made from. */
import { z } from 'zod';
import { LevelReader } from '../../records/level.js';
import { imagesOf, sampleRecords, type OperationContext } from '../image-stream.js';
import { summarizeLabels, type LabelSummary } from './label-summary.js';
import { manifestEntries } from '../manifest-lines.js';
import { summarizePictures, type PictureSummary } from './picture-summary.js';
import { PixelCounter, type ChannelStatistics } from './pixel-statistics.js';
import { parseRequest, seedSchema } from '../request.js';
import { openSound, type LeftOut } from '../sound-levels.js';

/** Pixels of the largest images are all counted up to so many bytes; of more, of a sample of this size. */
const countedBytes = 2 ** 30;

const requestSchema = z.object({
  sample: z.number().int().positive().optional(), // images whose pixels are counted; default: all up to 1 GiB
  seed: seedSchema.default(0), // of the sample
});
export type InspectRequest = z.input<typeof requestSchema>;

export interface LevelSummary {
  readonly level: number;
  readonly width: number;
  readonly height: number;
  readonly records: number;
  readonly shards: number;
  readonly bytes: number;
}

export interface PixelSummary {
  readonly level: number;
  readonly images: number; // whose pixels were counted
  readonly sampled: boolean; // not all of them
  readonly seed: number | null; // of the sample
  readonly channels: readonly ChannelStatistics[];
}

/** Plain JSON. */
export interface Inspection {
  readonly directory: string;
  readonly name: string | null; // null without an index
  readonly images: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly levels: readonly LevelSummary[]; // largest first
  readonly damaged: readonly LeftOut[]; // levels that are not among them
  readonly labels: LabelSummary | null;
  readonly pixels: PixelSummary;
  readonly pictures: PictureSummary | null; // null without a manifest
  readonly shuffleSeed: number | null;
  readonly source: Readonly<Record<string, unknown>> | null;
  readonly settings: Readonly<Record<string, unknown>> | null;
  readonly versions: Readonly<Record<string, string>> | null;
}

/**
 * Pixels are counted at full size: of all images while that is no more than 1 GiB, else of as many as make
 * 1 GiB, drawn with `seed`; `sample` decides otherwise. Damaged levels are left out.
 * @throws DatasetError `option-invalid`, `interrupted`, those of `TFRecordDataset.open`, and for a damaged manifest
 */
export async function inspectDataset(
  directory: string,
  request: InspectRequest = {},
  { signal, onProgress }: OperationContext = {},
): Promise<Inspection> {
  const { sample, seed } = parseRequest(requestSchema, request);
  const { dataset, damaged } = await openSound(directory, 'any');
  const { index, count, channels, size } = dataset;
  const levels = [...dataset.levels].sort(([a], [b]) => b - a);
  const [topNumber, top] = levels[0]!;

  const imageBytes = channels * size.width * size.height;
  const amount = sample ?? Math.max(1, Math.floor(countedBytes / imageBytes));
  const records = sampleRecords(count, amount, seed);
  const counter = new PixelCounter(channels);
  const reader = new LevelReader(top, 0);
  try {
    let done = 0;
    for await (const { pixels } of imagesOf(reader, records, signal)) {
      counter.add(pixels);
      onProgress?.(++done, records.length);
    }
  } finally {
    await reader.close();
  }
  const sampled = records.length < count;
  return {
    directory,
    name: index?.name ?? null,
    images: count,
    ...size,
    channels,
    levels: levels.map(([level, { shape, count: records, shards, bytes }]) => ({
      level,
      width: shape[2],
      height: shape[1],
      records,
      shards: shards.length,
      bytes,
    })),
    damaged,
    labels: dataset.labels && summarizeLabels(dataset.labels, count),
    pixels: {
      level: topNumber,
      images: records.length,
      sampled,
      seed: sampled ? seed : null,
      channels: counter.result(),
    },
    pictures: await summarizePictures(manifestEntries(dataset)),
    shuffleSeed: index?.shuffleSeed ?? null,
    source: index?.source ?? null,
    settings: index?.settings ?? null,
    versions: index?.versions ?? null,
  };
}
