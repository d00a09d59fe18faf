/** Statistics of features on disk. */
import { z } from 'zod';
import { cached, type CacheFormat, type CacheKey } from '../cache/cached.js';
import type { FeatureStatistics } from './statistics.js';

const headSchema = z.strictObject({ count: z.int().min(2), dimension: z.int().min(1) });

const format: CacheFormat<FeatureStatistics, z.infer<typeof headSchema>> = {
  kind: 'feature statistics',
  version: 1,
  head: headSchema,
  pack: ({ count, mean, covariance }) => ({
    head: { count, dimension: mean.length },
    files: [[mean, covariance]],
  }),
  unpack({ count, dimension }, [blocks = []]) {
    const [mean, covariance] = blocks;
    const sound =
      mean?.byteLength === 8 * dimension &&
      covariance?.byteLength === 8 * dimension ** 2 &&
      blocks.length === 2;
    return sound ? { count, mean: new Float64Array(mean), covariance: new Float64Array(covariance) } : null;
  },
};

/**
 * Statistics for `key` from `folder`, or else those that `make` gives, which are then kept there. The key needs what they
 * depend on: `contentHash` of the images, their number, `hash` and `runtime` of the extractor. Files are complete or
 * absent; damaged ones are made anew. Several processes may share the folder.
 * @throws MetricsError `cache-failed` when the folder cannot be written or read
 */
export function cachedStatistics(
  folder: string,
  key: CacheKey,
  make: () => Promise<FeatureStatistics>,
): Promise<FeatureStatistics> {
  return cached(folder, key, format, make);
}
