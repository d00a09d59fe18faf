import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { DatasetError, TFRecordDataset } from '@pggan/dataset';
import { CliError } from '../errors.js';
import type { RunConfig } from '../run/config.js';

/** Where `nx run prep:build-dataset` puts its result. */
export const defaultDataset = 'data/datasets/sample';

/** @throws CliError `dataset-missing` with the command that makes one; DatasetError for a damaged one. */
export async function openDataset(path: string, labels = false): Promise<TFRecordDataset> {
  try {
    return await TFRecordDataset.open(path, { labels });
  } catch (error) {
    if (!(error instanceof DatasetError) || error.code !== 'dataset-missing') throw error;
    throw new CliError(
      'dataset-missing',
      `no dataset in ${path}. Make the sample dataset with "npx nx run prep:build-dataset", your own with ` +
        '"npx nx run prep:build-dataset -- --source PICTURES --out FOLDER", then name its folder with --data',
      { cause: error },
    );
  }
}

/** Of the largest level: its file's, or one of those of its shards. */
function identity({ index }: TFRecordDataset): string | undefined {
  const shards = index?.levels[0]?.shards.map((shard) => shard.sha256) ?? [];
  return shards.length > 1 ? createHash('sha256').update(shards.join('\n')).digest('hex') : shards[0];
}

export function describeDataset(path: string, dataset: TFRecordDataset): RunConfig['dataset'] {
  const { width, height } = dataset.size;
  const sha256 = identity(dataset);
  return {
    path: resolve(path),
    name: dataset.index?.name ?? basename(resolve(path)),
    resolution: dataset.resolution,
    width,
    height,
    channels: dataset.channels,
    ...(dataset.labels ? { labelComponents: dataset.labels.components } : {}),
    count: dataset.count,
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

/**
 * A run can only be continued on the images it began with: the order of the next minibatches is part of
 * its state.
 * @throws CliError `dataset-mismatch` naming what differs
 */
export function requireSameDataset(
  found: RunConfig['dataset'],
  expected: RunConfig['dataset'],
  run: string,
): void {
  const differences = (['resolution', 'width', 'height', 'channels', 'count', 'sha256'] as const).flatMap(
    (key) => {
      const [is, was] = [found[key], expected[key]];
      // Datasets of the official tool have no checksums.
      if (is === was || is === undefined || was === undefined) return [];
      return key === 'sha256' ? ['other images'] : [`${key}: the run has ${was}, the dataset ${is}`];
    },
  );
  if (differences.length === 0) return;
  throw new CliError(
    'dataset-mismatch',
    `${run} was trained on another dataset than ${found.path} (${differences.join('; ')}). ` +
      `Give --data the dataset it began with (${expected.path}), or start a new run without --resume`,
  );
}
