/** Precision and recall of generated features: how many fakes look like reals, and how many reals the fakes cover. */
import { wholeNumber } from '../options.js';
import { withPool, type Pool, type WorkOptions } from '../work/pool.js';
import { bothCounts, type Features } from './features.js';
import type { NeighboursTask } from './neighbours-task.js';

export interface PrecisionRecallOptions extends WorkOptions {
  readonly k?: number | undefined; // neighbours; default 3
}

export interface PrecisionRecall {
  readonly precision: number; // share of fakes within the manifold of the reals
  readonly recall: number; // share of reals within the manifold of the fakes
}

const rowsPerTask = 256;

function shared({ data }: Features): Float64Array {
  const out = new Float64Array(new SharedArrayBuffer(data.length * 8));
  out.set(data);
  return out;
}

async function forRows(
  pool: Pool,
  rows: Float64Array,
  set: Float64Array,
  dimension: number,
  findOf: (first: number) => NeighboursTask['find'],
  onRows: (rows: number) => void,
): Promise<Float64Array> {
  const count = rows.length / dimension;
  const results = new Float64Array(count);
  for (let first = 0; first < count; first += rowsPerTask) {
    const some = rows.subarray(first * dimension, (first + rowsPerTask) * dimension);
    await pool.give('neighbours', { rows: some, set, dimension, find: findOf(first) }, (values) => {
      results.set(values, first);
      onRows(values.length);
    });
  }
  await pool.finish();
  return results;
}

/**
 * A set's manifold is made of balls around its features, each as wide as the distance to its k-th nearest neighbour
 * (Kynkäänniemi et al., Improved Precision and Recall Metric, 2019). Distances of equal features are zero, so that every copy of
 * a real counts as within.
 * @throws MetricsError `features-invalid`, `too-few` for less than k + 1 images, `option-invalid`, `interrupted`
 */
export async function precisionRecall(
  reals: Features,
  fakes: Features,
  options: PrecisionRecallOptions = {},
): Promise<PrecisionRecall> {
  const { k = 3, onProgress } = options;
  wholeNumber('k', k, 1, 1000);
  const [m, n] = bothCounts('precision and recall', reals, fakes, k + 1);
  const { dimension } = reals;
  const [a, b] = [shared(reals), shared(fakes)];
  const total = 2 * (m + n);
  let done = 0;
  const onRows = (rows: number) => onProgress?.({ done: (done += rows), total });
  const share = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return withPool(options, async (pool) => {
    const radius = (set: Float64Array) =>
      forRows(pool, set, set, dimension, (first) => ({ kind: 'radius', first, k }), onRows);
    const within = async (rows: Float64Array, set: Float64Array) => {
      const radii = await radius(set);
      return share(await forRows(pool, rows, set, dimension, () => ({ kind: 'inside', radii }), onRows));
    };
    return { precision: await within(b, a), recall: await within(a, b) };
  });
}
