/** MS-SSIM among the images of an evaluation. */
import type { ImageBatch } from '../images/batch.js';
import { msSsim } from '../ssim/ms-ssim.js';
import type { Draw, Measured, Meter, MeterContext } from './measure.js';
import type { Metric } from './metric-name.js';

export class MsSsimMeter implements Meter {
  readonly metrics: readonly Metric[];
  readonly images: number;

  constructor(readonly metric: Metric) {
    this.metrics = [metric];
    this.images = metric.images;
  }

  /** It compares images with each other only. */
  async prepare(): Promise<void> {}

  async measure(
    images: AsyncIterable<ImageBatch>,
    _draw: Draw,
    { workers, signal, onProgress }: MeterContext,
  ): Promise<readonly Measured[]> {
    const { mean, deviation, pairs } = await msSsim(images, {
      pairs: this.images / 2,
      workers,
      signal,
      onProgress: ({ done, total }) => onProgress('read', 2 * done, total === null ? null : 2 * total),
    });
    const spread = pairs.length < 2 ? null : deviation / Math.sqrt(pairs.length);
    return [
      {
        metric: this.metric,
        values: [{ name: 'MS-SSIM', value: mean, spread }],
        spreadOf: 'standard error of the mean over pairs',
        settings: { pairs: pairs.length },
      },
    ];
  }
}
