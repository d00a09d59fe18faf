/** Sliced Wasserstein distances of an evaluation. */
import { MetricsError } from '../errors.js';
import { shapeName, type ImageBatch, type ImageShape } from '../images/batch.js';
import { cachedDescriptors } from '../swd/cache.js';
import { componentsOf, describeImages, type Descriptors } from '../swd/descriptors.js';
import { levelSizes } from '../swd/level-sizes.js';
import { slicedWasserstein } from '../swd/sliced-wasserstein.js';
import { standardError } from '../interval.js';
import type { Draw, Measured, Meter, MeterContext } from './measure.js';
import { metricName, type Metric } from './metric-name.js';
import { evaluationStream } from './streams.js';

const [patches, repeats, directions] = [128, 4, 128];

/** Bytes of the descriptors of both sets, which are in memory while they are compared. */
export function descriptorBytes(metric: Metric, shape: ImageShape): number {
  const levels = levelSizes(shape).length;
  return 2 * levels * metric.images * patches * componentsOf(shape) * Float32Array.BYTES_PER_ELEMENT;
}

export class SwdMeter implements Meter {
  readonly metrics: readonly Metric[];
  readonly images: number;
  #reals: Descriptors | undefined;

  constructor(readonly metric: Metric) {
    this.metrics = [metric];
    this.images = metric.images;
  }

  async prepare(context: MeterContext): Promise<void> {
    const { reals, seed, minibatch, cache } = context;
    if (reals === null)
      throw new MetricsError(
        'option-invalid',
        `${metricName(this.metric)} needs real images to compare with (--data)`,
      );
    const make = () =>
      this.#describe(reals.images(0, this.images, minibatch, seed), { role: 'reals', repeat: 0 }, context);
    if (cache === undefined) this.#reals = await make();
    else {
      const key = {
        reals: await reals.identity(),
        shape: shapeName(reals.shape),
        images: this.images,
        minibatch,
        seed,
        patches,
      };
      this.#reals = await cachedDescriptors(cache, key, make);
    }
  }

  async measure(
    images: AsyncIterable<ImageBatch>,
    draw: Draw,
    context: MeterContext,
  ): Promise<readonly Measured[]> {
    const { workers, signal, seed, onProgress } = context;
    const fakes = await this.#describe(images, draw, context);
    const { levels, average, arithmetic } = await slicedWasserstein(this.#reals!, fakes, {
      random: evaluationStream(seed, `directions ${draw.repeat}`),
      repeats,
      directions,
      workers,
      signal,
      onProgress: ({ done, total }) => onProgress('compare', done, total),
    });
    const averages = Array.from(
      { length: repeats },
      (_, i) => levels.reduce((sum, level) => sum + level.repeats[i]!, 0) / levels.length,
    );
    const values = levels.map((level) => ({
      name: level.name,
      value: level.value,
      spread: standardError(level.repeats),
    }));
    return [
      {
        metric: this.metric,
        values: [...values, { name: 'SWDx1e3_avg', value: average, spread: standardError(averages) }],
        spreadOf: `standard error over ${repeats} draws of ${directions} directions`,
        settings: { patches, repeats, directions, arithmetic },
      },
    ];
  }

  #describe(
    images: AsyncIterable<ImageBatch>,
    { role, repeat }: Draw,
    { seed, workers, signal, onProgress }: MeterContext,
  ): Promise<Descriptors> {
    return describeImages(images, {
      random: evaluationStream(seed, `patches of ${role} ${repeat}`),
      patches,
      images: this.images,
      workers,
      signal,
      onProgress: ({ done, total }) => onProgress('read', done, total),
    });
  }
}
