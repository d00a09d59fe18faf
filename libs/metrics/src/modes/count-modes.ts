/** How many of the modes that stacked images can have are there, and how evenly (facts 6). */
import { MetricsError } from '../errors.js';
import type { Features } from '../features/features.js';
import { checked, samplesOf, type ImageBatch, type ImageSource } from '../images/batch.js';
import { meanWithInterval, type MeanWithInterval } from '../interval.js';
import { wholeNumber } from '../options.js';
import type { WorkOptions } from '../work/pool.js';
import { mostProbableClasses } from './classes.js';
import { ModeCounter, type ModeCount } from './mode-counter.js';

/** What tells the class of a gray image: an `Extractor` with classes does. */
export interface GrayClassifier {
  readonly channels: 1 | 3;
  extract(
    images: ImageBatch,
    wanted: readonly ['probabilities'],
  ): Promise<{ readonly probabilities: Features }>;
}

export interface ModeOptions extends Pick<WorkOptions, 'signal' | 'onProgress'> {
  readonly images?: number | undefined; // of a repeat; default 25600
  readonly repeats?: number | undefined; // default 10
}

export interface ModeCoverage {
  readonly images: number; // of a repeat
  readonly classes: number; // of a channel
  readonly bins: number; // modes there can be: classes ^ channels
  readonly modes: MeanWithInterval; // modes that were met, over the repeats
  readonly divergence: MeanWithInterval; // Σ p ln(p bins), nats, over the repeats
  readonly repeats: readonly ModeCount[];
}

/**
 * Classifies every channel by itself and counts the combinations, for consecutive parts of `source`. Gray images have as
 * many modes as there are classes, colour images that to the third power. Images beyond the last repeat are not read.
 * @throws MetricsError `too-few` images for the repeats, `images-invalid`, `features-invalid`, `option-invalid` for a
 *   classifier of colour images, `interrupted`
 */
export async function countModes(
  source: ImageSource,
  classifier: GrayClassifier,
  options: ModeOptions = {},
): Promise<ModeCoverage> {
  const { images = 25600, repeats = 10, signal, onProgress } = options;
  wholeNumber('images', images, 1, 2 ** 32 - 1);
  wholeNumber('repeats', repeats, 1, 1000);
  if (classifier.channels !== 1)
    throw new MetricsError(
      'option-invalid',
      'modes: expected a classifier of gray images, which sees one channel after the other; got one of colour images',
    );
  const total = images * repeats;
  const counts: ModeCount[] = [];
  let counter: ModeCounter | undefined;
  let classes = 0;
  let done = 0;
  for await (const { batch, count } of checked(source)) {
    const { channels } = batch;
    const taken = Math.min(count, total - done);
    const { probabilities } = await classifier.extract(planesOf(batch, taken), ['probabilities']);
    if (signal?.aborted)
      throw new MetricsError('interrupted', 'stopped before the end', { cause: signal.reason });
    const found = mostProbableClasses(probabilities);
    if (found.length !== taken * channels)
      throw new MetricsError(
        'features-invalid',
        `modes: expected ${taken * channels} rows of the classifier, got ${found.length}`,
      );
    classes = probabilities.dimension;
    for (let first = 0; first < taken;) {
      counter ??= new ModeCounter({ classes, channels });
      const part = Math.min(taken - first, images - counter.images);
      counter.add(found.subarray(first * channels, (first + part) * channels));
      first += part;
      if (counter.images < images) continue;
      counts.push(counter.count());
      counter = undefined;
    }
    done += taken;
    onProgress?.({ done, total });
    if (done === total) break;
  }
  if (done < total)
    throw new MetricsError(
      'too-few',
      `modes: expected ${repeats} x ${images} images, got ${done}; give more, or ask for fewer images or repeats`,
    );
  return {
    images,
    classes,
    bins: counts[0]!.bins,
    modes: meanWithInterval(counts.map(({ modes }) => modes)),
    divergence: meanWithInterval(counts.map(({ divergence }) => divergence)),
    repeats: counts,
  };
}

/** The first images of a batch, each channel a gray image: planes lie one after the other already. */
function planesOf(batch: ImageBatch, images: number): ImageBatch {
  const { width, height } = batch;
  return { data: batch.data.subarray(0, images * samplesOf(batch)), channels: 1, width, height };
}
