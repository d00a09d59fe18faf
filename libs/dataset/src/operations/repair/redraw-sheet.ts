/** The contact sheet of a dataset, as a build draws it. */
import { DatasetSheet } from '../../pipeline/sheet.js';
import { TFRecordDataset } from '../../records/dataset.js';

/** @throws DatasetError when images cannot be read */
export async function redrawSheet(directory: string): Promise<Buffer> {
  const dataset = await TFRecordDataset.open(directory, { labels: false });
  const sheet = new DatasetSheet(dataset.size, dataset.channels);
  for (let record = 0; record < dataset.count && !sheet.full; record++)
    sheet.addShown(await dataset.images(sheet.level, [record]));
  return sheet.draw();
}
