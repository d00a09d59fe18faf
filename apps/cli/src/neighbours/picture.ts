import type { ImageBatch, ImageGrid } from '@pggan/model';
import { digitHeight, drawDigits } from '../pictures/digits.js';

/** Generated pictures with what is nearest to each. */
export interface NeighbourRow {
  /** Indices into the batch of neighbours. */
  readonly cells: readonly { readonly index: number; readonly distance: number }[];
}

const gap = 4;
const least = 24;
const [paper, ink] = [255, 0];

/**
 * A row for every generated picture: itself, a gap, its neighbours, each with its distance below. Small pictures are
 * repeated up to a size at which numbers fit and eyes see something.
 */
export function neighbourPicture(
  generated: ImageBatch,
  neighbours: ImageBatch,
  rows: readonly NeighbourRow[],
): ImageGrid {
  const { channels } = generated;
  const factor = Math.max(1, Math.ceil((2 * least) / Math.min(generated.width, generated.height)));
  const [width, height] = [generated.width * factor, generated.height * factor];
  const columns = 1 + Math.max(...rows.map(({ cells }) => cells.length));
  const across = (column: number) => gap + column * (width + gap) + (column > 0 ? 2 * gap : 0);
  const down = (row: number) => gap + row * (height + digitHeight + 2 * gap);
  const grid = {
    width: across(columns),
    height: down(rows.length),
    channels,
    data: new Uint8Array(0),
  };
  grid.data = new Uint8Array(grid.width * grid.height * channels).fill(paper);
  const place = (batch: ImageBatch, index: number, left: number, top: number) => {
    const source = index * batch.width * batch.height * channels;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) {
          const from = (Math.floor(y / factor) * batch.width + Math.floor(x / factor)) * channels + c;
          grid.data[((top + y) * grid.width + left + x) * channels + c] = batch.data[source + from]!;
        }
  };
  rows.forEach(({ cells }, row) => {
    place(generated, row, across(0), down(row));
    cells.forEach(({ index, distance }, i) => {
      place(neighbours, index, across(i + 1), down(row));
      // Three digits tell two apart.
      const digits = distance < 10 ? 2 : distance < 100 ? 1 : 0;
      drawDigits(distance.toFixed(digits), (x, y) => {
        const at = ((down(row) + height + 2 + y) * grid.width + across(i + 1) + x) * channels;
        grid.data.fill(ink, at, at + channels);
      });
    });
  });
  return grid;
}
