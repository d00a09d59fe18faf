/** Multi-scale structural similarity between pairs of images: high among generated images when they resemble each other. */
import { MetricsError } from '../errors.js';
import {
  checked,
  countOf,
  samplesOf,
  shapeName,
  type ImageBatch,
  type ImageShape,
  type ImageSource,
} from '../images/batch.js';
import { meanWithInterval, type MeanWithInterval } from '../interval.js';
import { withPool, type WorkOptions } from '../work/pool.js';
import { scoreOf, scales } from './score.js';
import { similarities } from './similarity-task.js';

export interface MsSsim extends MeanWithInterval {
  readonly pairs: Float64Array; // each pair's score, 0…1
}

export interface MsSsimOptions extends WorkOptions {
  readonly pairs?: number | undefined; // how many will come, for the progress only
}

const multiple = 2 ** (scales - 1);

/** @throws MetricsError `images-invalid` for sides that do not halve often enough */
export function checkShape({ width, height }: ImageShape): void {
  if (width % multiple !== 0 || height % multiple !== 0)
    throw new MetricsError(
      'images-invalid',
      `MS-SSIM: expected sides that halve four times (multiples of ${multiple}), got ${width}x${height}`,
    );
}

/**
 * Scores of the pairs (a[i], b[i]) of two batches of one shape and count, in the calling thread. Gray images score as
 * their colour versions with three equal channels do.
 * @throws MetricsError `images-invalid`, `images-differ`
 */
export function pairScores(a: ImageBatch, b: ImageBatch): Float64Array {
  const counts = [countOf(a), countOf(b)];
  checkShape(a);
  if (shapeName(a) !== shapeName(b) || counts[0] !== counts[1])
    throw new MetricsError(
      'images-differ',
      `MS-SSIM: expected two batches alike, got ${counts[0]} of ${shapeName(a)} and ${counts[1]} of ${shapeName(b)}`,
    );
  const { channels, width, height } = a;
  const task = { a: a.data, b: b.data, channels, width, height };
  return Float64Array.from(similarities(task), scoreOf);
}

/**
 * Scores of consecutive images (0,1), (2,3), … with their mean. Pairs do not reach over the end of a batch: each needs an
 * even number of images.
 * @throws MetricsError `images-invalid`, `too-few`, `interrupted`
 */
export async function msSsim(images: ImageSource, options: MsSsimOptions = {}): Promise<MsSsim> {
  return withPool(options, async (pool) => {
    const scores: Float64Array[] = [];
    let done = 0;
    for await (const { batch, count } of checked(images)) {
      checkShape(batch);
      if (count % 2 !== 0)
        throw new MetricsError(
          'images-invalid',
          `MS-SSIM: expected an even number of images in every batch, for pairs, got ${count}`,
        );
      const { channels, width, height } = batch;
      const samples = samplesOf(batch);
      const perTask = Math.min(count / 2, Math.max(1, Math.floor(2 ** 18 / samples)));
      for (let first = 0; first < count / 2; first += perTask) {
        const pairs = Math.min(perTask, count / 2 - first);
        const every = (start: number) => {
          const out = new Uint8Array(pairs * samples);
          for (let i = 0; i < pairs; i++) {
            const from = (2 * (first + i) + start) * samples;
            out.set(batch.data.subarray(from, from + samples), i * samples);
          }
          return out;
        };
        const place = scores.push(new Float64Array()) - 1;
        await pool.give('similarities', { a: every(0), b: every(1), channels, width, height }, (result) => {
          scores[place] = Float64Array.from(result, scoreOf);
          done += pairs;
          options.onProgress?.({ done, total: options.pairs ?? null });
        });
      }
    }
    await pool.finish();
    const pairs = Float64Array.from(scores.flatMap((part) => [...part]));
    if (pairs.length === 0)
      throw new MetricsError('too-few', 'MS-SSIM: expected at least one pair, got none');
    return { pairs, ...meanWithInterval(pairs) };
  });
}
