/** One dataset into two: for training, and held out from it, without the same picture in both. */
import { z } from 'zod';
import { systemReason } from '@pggan/files';
import { DatasetError } from '../../errors.js';
import { TFRecordDataset } from '../../records/dataset.js';
import { LevelReader } from '../../records/level.js';
import { Groups } from '../../similarity/near-duplicates.js';
import { DatasetCopy, foreignVersions } from './dataset-copy.js';
import { checkSignal, everyRecord, imagesOf, type SteppedContext } from '../image-stream.js';
import { classesOf, componentNames } from '../inspect/label-summary.js';
import {
  allEntries,
  datasetName,
  originOf,
  pictureOfEach,
  recordsOf,
  type ManifestEntry,
} from '../manifest-lines.js';
import { checkOutputs } from '../../records/output-paths.js';
import { checkOrigin, type ReplacedDataset } from '../../records/same-origin.js';
import { givenOnly, parseRequest, seedSchema } from '../request.js';
import { largestLevel, similarSchema } from './near-images.js';
import { findSimilar, type SimilarSummary } from './similar-groups.js';
import { countClasses, planSplit, type SplitPlan } from './split-plan.js';

const requestSchema = z.object({
  train: z.string(), // folder to make
  heldOut: z.string(), // folder to make
  replace: z.boolean().default(false), // datasets there that were made from something else
  held: z.number().positive(), // images to hold out: a share below 1, or how many
  seed: seedSchema.default(0),
  stratify: z.boolean().default(false), // hold out the same share of every class
  /** Near duplicates stay together; null: no check. */
  similar: similarSchema.nullable().default({}), // mirrors: default true
});
export type SplitDatasetRequest = z.input<typeof requestSchema>;

export interface SplitPart {
  readonly out: string;
  readonly images: number;
  readonly replaced: ReplacedDataset | null; // what was in the folder before
}

/** Plain JSON. */
export interface SplitSummary {
  readonly directory: string;
  readonly images: number;
  readonly train: SplitPart;
  readonly heldOut: SplitPart;
  readonly wanted: number; // images to hold out
  readonly seed: number;
  readonly classes:
    readonly { readonly name: string; readonly images: number; readonly heldOut: number }[] | null;
  readonly similar: SimilarSummary | null;
}

function wantedImages(held: number, count: number): number {
  const wanted = held < 1 ? Math.round(held * count) : held;
  if (Number.isInteger(wanted) && wanted >= 1 && wanted < count) return wanted;
  throw new DatasetError(
    'option-invalid',
    `held: expected a share between 0 and 1 or a number of images from 1 to ${count - 1}, got ${held}` +
      (held < 1 ? `, which is ${wanted} of ${count} images` : ''),
  );
}

function classesToStratify({ labels, count, directory }: TFRecordDataset): Int32Array {
  const classes = labels && classesOf(labels, count);
  if (classes) return classes;
  throw new DatasetError(
    'option-invalid',
    `stratify: ${directory} has ${labels ? 'labels that are not one class for each image' : 'no labels'}; split it without`,
  );
}

/** Entries of one part, with the new numbers of its images. What was dropped stays with the training set. */
async function* partEntries(
  dataset: TFRecordDataset,
  { heldOut }: SplitPlan,
  part: 0 | 1,
): AsyncGenerator<ManifestEntry> {
  const numbers = new Int32Array(dataset.count);
  let next = 0;
  heldOut.forEach((held, image) => {
    if (held === part) numbers[image] = next++;
  });
  const name = datasetName(dataset);
  for await (const entry of allEntries(dataset)) {
    const [record, mirrored] = recordsOf(entry);
    if (record === undefined) {
      if (part === 0) yield entry;
    } else if (heldOut[record] === part)
      yield {
        ...entry,
        record: numbers[record]!,
        ...(mirrored === undefined ? {} : { mirrored: numbers[mirrored]! }),
        from: originOf(entry, name),
      };
  }
}

/**
 * Holds out pictures drawn with `seed`, in their stored order. Near duplicates of each other (what is near to the
 * same picture belongs together) all stay in the training set, so that nothing like a held-out picture is in it;
 * a picture and its mirror image stay together. Labels, manifest lines, settings and provenance go along. Both
 * folders appear complete, one right after the other.
 * @throws DatasetError `option-invalid`, `split-impossible`, `output-refused`, `output-busy`, `interrupted`, and
 *   those of `TFRecordDataset.open`
 */
export async function splitDataset(
  directory: string,
  request: SplitDatasetRequest,
  context: SteppedContext = {},
): Promise<SplitSummary> {
  const options = parseRequest(requestSchema, request);
  const outs = [options.train, options.heldOut] as const;
  const dataset = await TFRecordDataset.open(directory);
  const { count, channels, size, index, labels } = dataset;
  const wanted = wantedImages(options.held, count);
  const classes = options.stratify ? classesToStratify(dataset) : null;
  await checkOutputs(outs, [directory]);
  const datasetOrigin = (part: 0 | 1) => ({
    kind: 'split',
    part: part === 1 ? 'held-out' : 'train',
    from: {
      name: datasetName(dataset),
      images: count,
      shuffleSeed: index?.shuffleSeed ?? null,
      source: index?.source ?? null,
      versions: index?.versions ?? null,
    },
  });
  const replaced = [
    await checkOrigin(outs[0], datasetOrigin(0), options.replace),
    await checkOrigin(outs[1], datasetOrigin(1), options.replace),
  ] as const;

  const pictures = await pictureOfEach(dataset);
  const checked =
    options.similar && (await findSimilar(dataset, pictures, givenOnly(options.similar), context));
  const groups = checked?.groups ?? new Groups(count);
  const plan = planSplit({ pictures, groups, classes, held: wanted, seed: options.seed });

  const top = largestLevel(dataset.levels);
  const shardImages = top.shards.length > 1 ? top.shards[0]!.count : undefined;
  const { similar } = checked ?? { similar: null };
  const copy = (part: 0 | 1) => {
    const origin = datasetOrigin(part);
    return DatasetCopy.create(outs[part], {
      size,
      channels,
      images: part === 1 ? plan.count : count - plan.count,
      labels,
      versions: foreignVersions(index),
      ...(shardImages === undefined ? {} : { shardImages }),
      source: {
        kind: origin.kind,
        part: origin.part,
        held: plan.count,
        seed: options.seed,
        stratified: options.stratify,
        similar: similar && {
          distance: similar.distance,
          likeness: similar.likeness,
          mirrors: similar.mirrors,
        },
        from: origin.from,
      },
      settings: index?.settings ?? {},
    });
  };
  const copies: DatasetCopy[] = [];
  const reader = new LevelReader(top, 0);
  try {
    for (const part of [0, 1] as const) copies.push(await copy(part));
    let done = 0;
    for await (const { record, pixels } of imagesOf(reader, everyRecord(count), context.signal)) {
      const row =
        labels && labels.data.subarray(record * labels.components, (record + 1) * labels.components);
      await copies[plan.heldOut[record]!]!.add(pixels, row);
      context.onProgress?.('write', ++done, count);
    }
    for (const part of [0, 1] as const) await copies[part]!.complete(partEntries(dataset, plan, part));
    checkSignal(context.signal);
    await copies[0]!.finish();
    await copies[1]!.finish().catch((error: unknown) => {
      throw new DatasetError(
        'output-failed',
        `${outs[1]}: cannot be put in place (${systemReason(error)}); ${outs[0]} is complete; split again`,
        { cause: error },
      );
    });
  } finally {
    await reader.close();
    for (const each of copies) await each.close();
  }
  return {
    directory,
    images: count,
    train: { out: outs[0], images: count - plan.count, replaced: replaced[0] },
    heldOut: { out: outs[1], images: plan.count, replaced: replaced[1] },
    wanted,
    seed: options.seed,
    classes: summarizeClasses(dataset, plan),
    similar,
  };
}

function summarizeClasses(
  { labels, count }: TFRecordDataset,
  { heldOut }: SplitPlan,
): SplitSummary['classes'] {
  const classes = labels && classesOf(labels, count);
  if (!classes) return null;
  const all = countClasses(classes);
  const held = countClasses(classes.filter((_, image) => heldOut[image] === 1));
  return componentNames(labels).map((name, i) => ({ name, images: all[i] ?? 0, heldOut: held[i] ?? 0 }));
}
