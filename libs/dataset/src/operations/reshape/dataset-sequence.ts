/** Datasets of one size and number of channels, read as if they were one. */
import { DatasetError } from '../../errors.js';
import type { TFRecordDataset } from '../../records/dataset.js';
import { formatSize } from '../../records/image-size.js';
import { levelOfShards, type Level } from '../../records/level.js';
import { datasetName } from '../manifest-lines.js';

/** An image of one of the datasets. */
export interface MergedImage {
  readonly dataset: number; // place in the list of datasets
  readonly record: number;
}

function describe({ directory, size, channels }: TFRecordDataset): string {
  return `${directory} has images of ${formatSize(size)}, ${channels === 3 ? 'RGB' : 'gray'}`;
}

/** Datasets one after the other; images are numbered through. */
export class DatasetSequence {
  readonly firsts: readonly number[]; // number of the first image of each dataset
  readonly count: number;
  readonly names: readonly string[];

  /** @throws DatasetError `datasets-differ` */
  constructor(readonly datasets: readonly TFRecordDataset[]) {
    const first = datasets[0]!;
    const differs = ({ size, channels }: TFRecordDataset) =>
      formatSize(size) !== formatSize(first.size) || channels !== first.channels;
    const other = datasets.find(differs);
    if (other)
      throw new DatasetError(
        'datasets-differ',
        `${describe(first)}; ${describe(other)}; build one of them again at the size and channels of the other ` +
          '("prep build-dataset --source" takes a dataset)',
      );
    let count = 0;
    this.firsts = datasets.map((dataset) => (count += dataset.count) - dataset.count);
    this.count = count;
    this.names = distinctNames(datasets.map(datasetName));
  }

  /** All images of a level; `choose` picks it from the levels of each dataset. */
  level(choose: (levels: ReadonlyMap<number, Level>) => Level): Level {
    return levelOfShards(this.datasets.flatMap(({ levels }) => choose(levels).shards));
  }

  find(image: number): MergedImage {
    const dataset = this.firsts.findLastIndex((first) => first <= image);
    return { dataset, record: image - this.firsts[dataset]! };
  }
}

function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let distinct = name;
    for (let i = 2; taken.has(distinct); i++) distinct = `${name}-${i}`;
    taken.add(distinct);
    return distinct;
  });
}
