import { RandomState } from '@pggan/random';
import { generateImages, seededLatents } from './generate.js';
import { assembleGrid, snapshotGridSize, toChannelsLast } from './image-grid.js';
import { imageShape } from './image-shape.js';
import { drawLabels } from './labels.js';
import type { TrainArguments } from './trainer.js';
import type { TrainingState } from './training-state.js';

/** Added to the seed for the labels of the samples, a stream of their own. */
const labelStream = 7;

/** The same samples at every tick, so that pictures of a run can be compared. */
export class SamplePictures {
  readonly #args: TrainArguments;
  readonly #state: TrainingState;

  constructor(args: TrainArguments, state: TrainingState) {
    this.#args = args;
    this.#state = state;
  }

  async fakes(lod: number): Promise<void> {
    const { options, reader, onImages } = this.#args;
    if (onImages === undefined) return;
    const { network, seed } = options;
    const size = snapshotGridSize(options.snapshotGrid, imageShape(network));
    const count = size.columns * size.rows;
    const latents = seededLatents(seed, count, network.latentSize);
    const random = new RandomState((seed + labelStream) >>> 0);
    const labels = reader.labels
      ? drawLabels(reader.labels, network.labelSize, count, random)
      : new Float32Array(0);
    // Running averages belong to G's weights, not to their average: the samples' own statistics fit Gs.
    const images = generateImages(this.#state.Gs, network, latents, lod, { labels, statistics: 'batch' });
    const kimg = this.#state.progress.nimg / 1000;
    await onImages({ kind: 'fakes', kimg, lod, grid: assembleGrid(images, size) });
  }

  /** Shown once; the reader is put back, so that the picture does not change the training. */
  async reals(): Promise<void> {
    const { options, reader, onImages } = this.#args;
    if (onImages === undefined) return;
    const { resolution, numChannels } = options.network;
    const shape = imageShape(options.network);
    const size = snapshotGridSize(options.snapshotGrid, shape);
    const cursor = reader.state();
    const bytes = await reader.next(Math.log2(resolution), size.columns * size.rows);
    reader.restore(cursor);
    const images = toChannelsLast(bytes, numChannels, shape);
    await onImages({ kind: 'reals', kimg: 0, lod: 0, grid: assembleGrid(images, size) });
  }
}
