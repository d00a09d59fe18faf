/** What a model gives, as rows. */
import { MetricsError } from '../errors.js';
import type { Features } from '../features/features.js';
import type { NetworkTensor } from './network.js';

/**
 * The first `count` rows of an output of `batch` images. Sides of 1 do not matter; of [batch, maps, height, width] (or
 * [batch, height, width, maps], by the layout) the mean over all places is taken where that is wanted.
 * @param what names the output in messages
 * @throws MetricsError `extractor-invalid` for another shape, `features-invalid` for what is no finite number
 */
export function rowsOf(
  { data, dims }: NetworkTensor,
  what: string,
  { count, batch, layout, pool }: { count: number; batch: number; layout: 'nchw' | 'nhwc'; pool: boolean },
): Features {
  const invalid = (expected: string) =>
    new MetricsError('extractor-invalid', `${what}: expected ${expected}, got [${dims.join(', ')}]`);
  const whole = batch === 1 && dims[0] !== 1 ? [1, ...dims] : dims;
  const [rows, ...sides] = whole;
  if (rows !== batch) throw invalid(`a row for each of ${batch} images`);
  const long = sides.filter((side) => side !== 1);
  const dimension = data.length / batch;
  if (long.length <= 1) return finite({ dimension, data: data.subarray(0, count * dimension) }, what);
  if (sides.length !== 3 || !pool)
    throw invalid('[image, value]; "pool": "mean" in the manifest takes the mean over all places of maps');
  const [maps, places] =
    layout === 'nchw' ? [sides[0]!, sides[1]! * sides[2]!] : [sides[2]!, sides[0]! * sides[1]!];
  const [mapStep, placeStep] = layout === 'nchw' ? [places, 1] : [1, maps];
  const means = new Float32Array(count * maps);
  for (let row = 0; row < count; row++)
    for (let map = 0; map < maps; map++) {
      let sum = 0;
      for (let place = 0, at = row * dimension + map * mapStep; place < places; place++, at += placeStep)
        sum += data[at]!;
      means[row * maps + map] = sum / places;
    }
  return finite({ dimension: maps, data: means }, what);
}

function finite(features: Features, what: string): Features {
  const odd = features.data.findIndex((value) => !Number.isFinite(value));
  if (odd < 0) return features;
  throw new MetricsError(
    'features-invalid',
    `${what}: expected finite numbers, got ${features.data[odd]} for image ${Math.floor(odd / features.dimension)} of the batch; ` +
      'do range, mean and deviation in the manifest fit the model?',
  );
}

/** Of each row; in float64, kept in float32. */
export function softmax({ dimension, data }: Features): Features {
  const out = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += dimension) {
    const row = Float64Array.from(data.subarray(at, at + dimension));
    const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = row.map((value) => Math.exp(value - most));
    const sum = powers.reduce((a, b) => a + b, 0);
    out.set(
      powers.map((power) => power / sum),
      at,
    );
  }
  return { dimension, data: out };
}
