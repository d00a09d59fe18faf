/** Modes covered and KL of an evaluation (facts 6). */
import type { Extractor } from '../extractor/extractor.js';
import { countModes } from '../modes/count-modes.js';
import type { ImageBatch } from '../images/batch.js';
import type { Draw, Measured, Meter, MeterContext } from './measure.js';
import { partsOf, type Metric } from './metric-name.js';

export class ModesMeter implements Meter {
  readonly metrics: readonly Metric[];
  readonly images: number;

  constructor(
    readonly metric: Metric,
    private readonly classifier: Extractor,
  ) {
    this.metrics = [metric];
    this.images = partsOf('modes') * metric.images;
  }

  /** It compares with nothing. */
  async prepare(): Promise<void> {}

  async measure(
    images: AsyncIterable<ImageBatch>,
    _draw: Draw,
    { signal, onProgress }: MeterContext,
  ): Promise<readonly Measured[]> {
    const repeats = partsOf('modes');
    const { modes, divergence, classes, bins } = await countModes(images, this.classifier, {
      images: this.metric.images,
      repeats,
      signal,
      onProgress: ({ done, total }) => onProgress('read', done, total),
    });
    const error = (deviation: number) => deviation / Math.sqrt(repeats);
    return [
      {
        metric: this.metric,
        values: [
          { name: 'Modes', value: modes.mean, spread: error(modes.deviation) },
          { name: 'KL', value: divergence.mean, spread: error(divergence.deviation) },
        ],
        spreadOf: `standard error of the mean over ${repeats} parts of ${this.metric.images} images`,
        settings: { repeats, classes, bins },
      },
    ];
  }
}
