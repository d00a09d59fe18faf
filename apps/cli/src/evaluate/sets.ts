/** Images as the metrics take them: of a dataset, of a folder, and two sets made alike. */
import { readdir } from 'node:fs/promises';
import { DatasetError, TFRecordDataset } from '@pggan/dataset';
import { colourSet, datasetSet, folderSet, mirroredSet, type ImageSet } from '@pggan/metrics';
import type { LabelRows } from '@pggan/model';
import { CliError } from '../errors.js';
import { describeDataset } from '../train/dataset.js';

export interface RealImages {
  readonly set: ImageSet;
  readonly labels: LabelRows | null;
}

/**
 * The images of a dataset's folder, or of a folder of pictures.
 * @param resolution larger side of the images wanted of a dataset; default its largest
 * @throws CliError `dataset-missing` when it is neither; DatasetError, MetricsError
 */
export async function openImages(path: string, resolution?: number): Promise<RealImages> {
  let dataset: TFRecordDataset;
  try {
    dataset = await TFRecordDataset.open(path, resolution === undefined ? {} : { resolution });
  } catch (error) {
    if (!(error instanceof DatasetError) || error.code !== 'dataset-missing') throw error;
    const names = await readdir(path).catch(() => []);
    if (names.length > 0) return { set: await folderSet(path), labels: null };
    throw new CliError(
      'dataset-missing',
      `${path}: expected a folder of a dataset or of pictures, got an empty one or none at all; name the real images with --data`,
      { cause: error },
    );
  }
  const { name, sha256 } = describeDataset(path, dataset);
  return { set: datasetSet(name, dataset, sha256), labels: dataset.labels };
}

/** Two sets in the same colours, and the reals as a run saw them. */
export function alike(set: ImageSet, reals: ImageSet, mirrored: boolean): [set: ImageSet, reals: ImageSet] {
  const seen = mirrored ? mirroredSet(reals) : reals;
  return set.shape.channels === seen.shape.channels ? [set, seen] : [colourSet(set), colourSet(seen)];
}
