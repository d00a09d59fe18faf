/** The contact sheet of a dataset, as a build draws it. */
import { contactSheet } from '../../pipeline/sheet.js';
import { TFRecordDataset } from '../../records/dataset.js';

/** As in a build: the first images, at the largest level that fits a cell. */
const images = 96;
const columns = 12;
const side = 128;

/** @throws DatasetError when images cannot be read */
export async function redrawSheet(directory: string): Promise<Buffer> {
  const dataset = await TFRecordDataset.open(directory, { labels: false });
  const fitting = [...dataset.levels].filter(([, { shape }]) => Math.max(shape[1], shape[2]) <= side);
  const [level, { shape }] = fitting.sort(([a], [b]) => b - a)[0]!;
  const count = Math.min(images, dataset.count);
  const shown = await dataset.images(
    level,
    Array.from({ length: count }, (_, record) => record),
  );
  const [channels, height, width] = shape;
  return contactSheet(shown, { columns: Math.min(columns, count), width, height, channels });
}
