/** An existing dataset as a source: its largest images, in stored order, with its labels. */
import { readdir } from 'node:fs/promises';
import { TFRecordDataset } from '../records/dataset.js';
import { LevelReader } from '../records/level.js';
import { DatasetError } from '../errors.js';
import { SourcePictureError, type Source, type SourceKind, type SourceLabels } from './source.js';

function labelsOf({ labels }: TFRecordDataset): SourceLabels | null {
  if (!labels) return null;
  const { components, data } = labels;
  const names = labels.names ?? Array.from({ length: components }, (_, i) => String(i));
  return { names, row: (i) => data.slice(i * components, (i + 1) * components) };
}

export const tfrecords: SourceKind = {
  kind: 'tfrecords',
  summary: 'a dataset of TFRecord files, ours or of the official tool',
  defaults: { align: 'none', fit: 'crop', shuffle: false, duplicates: 'keep' },

  async recognises(path) {
    const names = await readdir(path).catch(() => []);
    return names.some((name) => name.endsWith('.tfrecords'));
  },

  async open({ path }): Promise<Source> {
    const dataset = await TFRecordDataset.open(path);
    const { channels, size, count } = dataset;
    const level = new LevelReader(dataset.levels.get(Math.max(...dataset.levels.keys()))!, 0);
    return {
      count,
      others: 0,
      split: dataset.split ?? undefined,
      path: (i) => String(i).padStart(8, '0'),
      async read(i) {
        try {
          return { kind: 'pixels', channels, ...size, data: await level.read(Int32Array.of(i)) };
        } catch (error) {
          if (!(error instanceof DatasetError)) throw error;
          throw new SourcePictureError('unreadable', `record ${i} is damaged`);
        }
      },
      labels: labelsOf(dataset),
      landmarks: null,
      close: () => level.close(),
    };
  },
};
