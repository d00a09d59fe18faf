/** Several datasets into one. */
import { z } from 'zod';
import { DatasetError } from '../../errors.js';
import { datasetNameSchema } from '../../records/dataset-name.js';
import { TFRecordDataset } from '../../records/dataset.js';
import { LevelReader } from '../../records/level.js';
import { shuffledOrder } from '../../records/order.js';
import { DatasetCopy } from './dataset-copy.js';
import { DatasetSequence } from './dataset-sequence.js';
import { checkSignal, everyRecord, imagesOf, type SteppedContext } from '../image-stream.js';
import { allEntries, originOf, pictureOfEach, recordsOf, type ManifestEntry } from '../manifest-lines.js';
import { mergeLabelModes, mergeLabels, type MergedLabels } from './merge-labels.js';
import {
  duplicateModes,
  findDuplicates,
  type DuplicateMode,
  type Duplicates,
  type NearReport,
} from './merge-duplicates.js';
import { largestLevel, similarSchema } from './near-images.js';
import { checkOutputs } from '../../records/output-paths.js';
import { checkOrigin, type ReplacedDataset } from '../../records/same-origin.js';
import { givenOnly, parseRequest, seedSchema } from '../request.js';

const requestSchema = z.object({
  out: z.string(), // folder to make
  replace: z.boolean().default(false), // a dataset there that was made from something else
  shuffleSeed: seedSchema.nullable().default(null), // null: one dataset after the other
  labels: z.enum(mergeLabelModes).default('same'),
  duplicates: z.enum(duplicateModes).default('keep'),
  /** Which images are near duplicates; null: do not look for them. */
  similar: similarSchema.nullable().default({}), // mirrors: default false
  name: datasetNameSchema.optional(), // prefix of the files; default: last part of `out`
  shardImages: z.number().int().positive().optional(), // images per file; default: one file for each level
});
export type MergeDatasetsRequest = z.input<typeof requestSchema>;

/** Plain JSON. */
export interface MergeSummary {
  readonly out: string;
  readonly images: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly datasets: readonly {
    readonly directory: string;
    readonly name: string; // as in the manifest
    readonly images: number;
    readonly kept: number;
  }[];
  readonly labels: { readonly components: number; readonly names: readonly string[] | null } | null;
  readonly shuffleSeed: number | null;
  readonly duplicates: DuplicateMode;
  readonly dropped: number; // images
  /** Pictures that are near an earlier one: left out with drop-near. Null: not looked for. */
  readonly near: NearReport | null;
  readonly replaced: ReplacedDataset | null; // what was in the folder before
}

/** `numbers`: of each image in the new dataset, −1 for those left out. */
async function* mergedEntries(
  sequence: DatasetSequence,
  { replacedBy }: Duplicates,
  numbers: Int32Array,
): AsyncGenerator<ManifestEntry> {
  for (const [i, dataset] of sequence.datasets.entries()) {
    const name = sequence.names[i]!;
    const first = sequence.firsts[i]!;
    for await (const entry of allEntries(dataset)) {
      const [record, mirrored] = recordsOf(entry);
      if (record === undefined) {
        yield { ...entry, dataset: name };
        continue;
      }
      const from = originOf(entry, name);
      const earlier = replacedBy[first + record]!;
      if (earlier === -1)
        yield {
          ...entry,
          record: numbers[first + record]!,
          ...(mirrored === undefined ? {} : { mirrored: numbers[first + mirrored]! }),
          dataset: name,
          from,
        };
      else {
        const other = sequence.find(earlier);
        const detail = `of image ${other.record} of ${sequence.names[other.dataset]}`;
        yield {
          ...entry,
          decision: 'dropped',
          reason: 'duplicate',
          detail,
          record: null,
          mirrored: undefined, // JSON leaves it out
          dataset: name,
          from,
        };
      }
    }
  }
}

function labelsOf(
  sequence: DatasetSequence,
  merged: MergedLabels | null,
  image: number,
): Float32Array | null {
  if (!merged) return null;
  const { dataset, record } = sequence.find(image);
  const { components, data } = sequence.datasets[dataset]!.labels!;
  const row = new Float32Array(merged.components);
  merged.places[dataset]!.forEach((place, i) => (row[place] = data[record * components + i]!));
  return row;
}

/**
 * Images of all datasets, in their stored order or shuffled, with labels and manifest lines. Near duplicates are
 * always reported. With `drop-exact` and `drop-near` the earliest picture stays; a mirror image goes where its
 * picture goes. A single dataset may be "merged" to get rid of duplicates in it.
 * @throws DatasetError `option-invalid`, `datasets-differ`, `output-refused`, `output-busy`, `interrupted`, and
 *   those of `TFRecordDataset.open`
 */
export async function mergeDatasets(
  directories: readonly string[],
  request: MergeDatasetsRequest,
  context: SteppedContext = {},
): Promise<MergeSummary> {
  const options = parseRequest(requestSchema, request);
  if (options.duplicates === 'drop-near' && !options.similar)
    throw new DatasetError(
      'option-invalid',
      'duplicates: near duplicates cannot be left out (drop-near) without looking for them; look for them, or drop or keep equal images',
    );
  if (directories.length === 0)
    throw new DatasetError('option-invalid', 'datasets: expected at least one folder of a dataset, got none');
  const datasets: TFRecordDataset[] = [];
  for (const directory of directories) datasets.push(await TFRecordDataset.open(directory));
  const sequence = new DatasetSequence(datasets);
  const merged = mergeLabels(
    datasets.map(({ directory, labels }) => ({ dataset: directory, labels })),
    options.labels,
  );
  await checkOutputs([options.out], directories);
  const origin = {
    kind: 'merge',
    from: datasets.map(({ index, count }, i) => ({
      name: sequence.names[i],
      images: count,
      source: index?.source ?? null,
      versions: index?.versions ?? null,
    })),
  };
  const replaced = await checkOrigin(options.out, origin, options.replace);

  const pictures = everyRecord(sequence.count);
  for (const [i, dataset] of datasets.entries()) {
    const first = sequence.firsts[i]!;
    pictures.set(
      (await pictureOfEach(dataset)).map((picture) => first + picture),
      first,
    );
  }
  const limits = options.similar && { mirrors: false, ...givenOnly(options.similar) };
  const duplicates = await findDuplicates(sequence, pictures, options.duplicates, limits, context);
  const kept = everyRecord(sequence.count).filter((image) => duplicates.replacedBy[image] === -1);
  const { shuffleSeed } = options;
  const order =
    shuffleSeed === null ? kept : shuffledOrder(kept.length, shuffleSeed).map((place) => kept[place]!);
  const numbers = new Int32Array(sequence.count).fill(-1);
  order.forEach((image, record) => (numbers[image] = record));

  const { size, channels } = datasets[0]!;
  const { near } = duplicates;
  const labels = merged && { components: merged.components, names: merged.names };
  const copy = await DatasetCopy.create(options.out, {
    size,
    channels,
    images: kept.length,
    labels,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(shuffleSeed === null ? {} : { shuffleSeed }),
    ...(options.shardImages === undefined ? {} : { shardImages: options.shardImages }),
    source: {
      kind: origin.kind,
      duplicates: options.duplicates,
      near: near && { distance: near.distance, likeness: near.likeness, mirrors: near.mirrors },
      labels: options.labels,
      from: origin.from,
    },
    settings: { datasets: datasets.map(({ index }) => index?.settings ?? null) },
  });
  const reader = new LevelReader(sequence.level(largestLevel), 0);
  try {
    let done = 0;
    for await (const { record: image, pixels } of imagesOf(reader, order, context.signal)) {
      await copy.add(pixels, labelsOf(sequence, merged, image));
      context.onProgress?.('write', ++done, order.length);
    }
    await copy.complete(mergedEntries(sequence, duplicates, numbers));
    checkSignal(context.signal);
    await copy.finish();
  } finally {
    await reader.close();
    await copy.close();
  }
  const keptOf = (i: number) => {
    const first = sequence.firsts[i]!;
    return numbers.subarray(first, first + datasets[i]!.count).filter((number) => number >= 0).length;
  };
  return {
    out: options.out,
    images: kept.length,
    ...size,
    channels,
    datasets: datasets.map(({ directory, count }, i) => ({
      directory,
      name: sequence.names[i]!,
      images: count,
      kept: keptOf(i),
    })),
    labels,
    shuffleSeed,
    duplicates: options.duplicates,
    dropped: sequence.count - kept.length,
    near,
    replaced,
  };
}
