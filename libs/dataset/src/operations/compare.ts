/** Two datasets image by image, at the full resolution (facts 7.3). */
import { createHash } from 'node:crypto';
import { TFRecordDataset } from '../records/dataset.js';
import type { ImageSize } from '../records/image-size.js';
import { LevelReader } from '../records/level.js';
import { everyRecord, imagesOf, type OperationContext } from './image-stream.js';

export interface CompareOptions extends OperationContext {
  readonly labels?: boolean; // compare them as well; default true
  readonly anyOrder?: boolean; // whether both hold the same images, in whatever order; default false
}

export interface ComparedDataset {
  readonly directory: string;
  readonly images: number;
  readonly size: ImageSize;
  readonly channels: number;
  readonly labels: number | null; // components
}

export interface Comparison {
  readonly a: ComparedDataset;
  readonly b: ComparedDataset;
  readonly anyOrder: boolean;
  readonly same: boolean; // images, labels if they were compared, and all of the next three
  readonly sameCount: boolean;
  readonly sameShape: boolean; // if not, no image is compared
  readonly sameLabelSize: boolean | null; // null: labels were not to be compared, or neither has any
  readonly identicalImages: number;
  readonly identicalLabels: number | null; // of the compared images; null: not compared
  /** Pairs of record numbers in a and b; equal numbers in stored order. */
  readonly differentImages: readonly number[]; // stored order only: record numbers in both
  readonly differentLabels: readonly (readonly [a: number, b: number])[]; // images that are identical or of one place
  readonly onlyInA: readonly number[]; // record numbers: beyond the other's end, or in any order not found there
  readonly onlyInB: readonly number[];
}

type Found = Pick<
  Comparison,
  'identicalImages' | 'identicalLabels' | 'differentImages' | 'differentLabels' | 'onlyInA' | 'onlyInB'
>;

function describe(dataset: TFRecordDataset): ComparedDataset {
  const { directory, count, size, channels, labels } = dataset;
  return { directory, images: count, size, channels, labels: labels?.components ?? null };
}

function topReader(dataset: TFRecordDataset): LevelReader {
  // No level is kept in memory: each image is read once.
  return new LevelReader(dataset.levels.get(Math.max(...dataset.levels.keys()))!, 0);
}

function labelRow({ labels }: TFRecordDataset, record: number): Float32Array {
  const components = labels?.components ?? 0;
  return labels?.data.subarray(record * components, (record + 1) * components) ?? new Float32Array();
}

function equalRows(a: Float32Array, b: Float32Array): boolean {
  return (
    a.length === b.length &&
    a.every((value, i) => value === b[i] || (Number.isNaN(value) && Number.isNaN(b[i])))
  );
}

const numbersFrom = (start: number, end: number) =>
  Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);

async function compareInOrder(
  a: TFRecordDataset,
  b: TFRecordDataset,
  labels: boolean,
  { signal, onProgress }: OperationContext,
): Promise<Found> {
  const count = Math.min(a.count, b.count);
  const differentImages: number[] = [];
  const differentLabels: [number, number][] = [];
  const readers = [topReader(a), topReader(b)] as const;
  const others = imagesOf(readers[1], everyRecord(count), signal);
  try {
    for await (const { record, pixels } of imagesOf(readers[0], everyRecord(count), signal)) {
      const other = (await others.next()).value!;
      if (Buffer.compare(pixels, other.pixels) !== 0) differentImages.push(record);
      if (labels && !equalRows(labelRow(a, record), labelRow(b, record)))
        differentLabels.push([record, record]);
      onProgress?.(record + 1, count);
    }
  } finally {
    await others.return(undefined);
    for (const reader of readers) await reader.close();
  }
  return {
    identicalImages: count - differentImages.length,
    identicalLabels: labels ? count - differentLabels.length : null,
    differentImages,
    differentLabels,
    onlyInA: numbersFrom(count, a.count),
    onlyInB: numbersFrom(count, b.count),
  };
}

/** Record numbers by the hash of their pixels. */
async function hashImages(
  dataset: TFRecordDataset,
  signal: AbortSignal | undefined,
  onImage: () => void,
): Promise<Map<string, number[]>> {
  const byHash = new Map<string, number[]>();
  const reader = topReader(dataset);
  try {
    for await (const { record, pixels } of imagesOf(reader, everyRecord(dataset.count), signal)) {
      const hash = createHash('sha256').update(pixels).digest('base64');
      const records = byHash.get(hash);
      if (records) records.push(record);
      else byHash.set(hash, [record]);
      onImage();
    }
  } finally {
    await reader.close();
  }
  return byHash;
}

async function compareInAnyOrder(
  a: TFRecordDataset,
  b: TFRecordDataset,
  labels: boolean,
  { signal, onProgress }: OperationContext,
): Promise<Found> {
  const total = a.count + b.count;
  let done = 0;
  const onImage = () => onProgress?.(++done, total);
  const [inA, inB] = [await hashImages(a, signal, onImage), await hashImages(b, signal, onImage)];
  const onlyInA: number[] = [];
  const onlyInB: number[] = [];
  const differentLabels: [number, number][] = [];
  let identicalImages = 0;
  for (const [hash, records] of inA) {
    const others = inB.get(hash) ?? [];
    inB.delete(hash);
    const left = labels ? pairEqualLabels(a, b, records, others) : { a: [...records], b: [...others] };
    const pairs = Math.min(left.a.length, left.b.length);
    identicalImages += Math.min(records.length, others.length);
    if (labels) for (let i = 0; i < pairs; i++) differentLabels.push([left.a[i]!, left.b[i]!]);
    onlyInA.push(...left.a.slice(pairs));
    onlyInB.push(...left.b.slice(pairs));
  }
  for (const others of inB.values()) onlyInB.push(...others);
  const rising = (x: number, y: number) => x - y;
  return {
    identicalImages,
    identicalLabels: labels ? identicalImages - differentLabels.length : null,
    differentImages: [],
    differentLabels: differentLabels.sort((x, y) => x[0] - y[0]),
    onlyInA: onlyInA.sort(rising),
    onlyInB: onlyInB.sort(rising),
  };
}

/** Takes pairs of records with equal labels out of lists of records with equal pixels; returns what is left. */
function pairEqualLabels(
  a: TFRecordDataset,
  b: TFRecordDataset,
  records: readonly number[],
  others: readonly number[],
): { a: number[]; b: number[] } {
  const free = new Map<string, number[]>();
  // Adding 0 makes −0 a 0.
  const key = (dataset: TFRecordDataset, record: number) =>
    labelRow(dataset, record)
      .map((value) => value + 0)
      .join();
  for (const other of others) free.set(key(b, other), [...(free.get(key(b, other)) ?? []), other]);
  const left = records.filter((record) => free.get(key(a, record))?.shift() === undefined);
  return { a: left, b: [...free.values()].flat().sort((x, y) => x - y) };
}

/**
 * Compares pixels and labels of all images. Both folders may be of ours or of the official tool.
 * @throws DatasetError `dataset-missing`, `dataset-invalid`, `record-corrupt`, `record-invalid`, `npy-invalid`, `interrupted`
 */
export async function compareDatasets(
  first: string,
  second: string,
  options: CompareOptions = {},
): Promise<Comparison> {
  const { labels = true, anyOrder = false } = options;
  const a = await TFRecordDataset.open(first, { labels });
  const b = await TFRecordDataset.open(second, { labels });
  const sameShape =
    a.channels === b.channels && a.size.width === b.size.width && a.size.height === b.size.height;
  const labelled = labels && (a.labels !== null || b.labels !== null);
  const sameLabelSize = labelled ? a.labels?.components === b.labels?.components : null;
  const compare = anyOrder ? compareInAnyOrder : compareInOrder;
  const found: Found = sameShape
    ? await compare(a, b, sameLabelSize === true, options)
    : {
        identicalImages: 0,
        identicalLabels: null,
        differentImages: [],
        differentLabels: [],
        onlyInA: numbersFrom(0, a.count),
        onlyInB: numbersFrom(0, b.count),
      };
  const { differentImages, differentLabels, onlyInA, onlyInB } = found;
  return {
    a: describe(a),
    b: describe(b),
    anyOrder,
    same:
      sameShape &&
      sameLabelSize !== false &&
      [differentImages, differentLabels, onlyInA, onlyInB].every((list) => list.length === 0),
    sameCount: a.count === b.count,
    sameShape,
    sameLabelSize,
    ...found,
  };
}
