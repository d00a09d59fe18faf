/** Descriptors on disk. */
import { z } from 'zod';
import { cached, type CacheFormat, type CacheKey } from '../cache/cached.js';
import type { Descriptors } from './descriptors.js';

const whole = z.int().nonnegative();
const moments = z.strictObject({
  count: whole,
  sum: z.number(),
  squares: z.number(),
  least: z.number(),
  greatest: z.number(),
});
const headSchema = z.strictObject({
  shape: z.strictObject({
    channels: z.union([z.literal(1), z.literal(3)]),
    width: whole,
    height: whole,
  }),
  images: whole,
  patches: whole,
  levels: z.array(z.strictObject({ width: whole, height: whole, moments: z.array(moments) })),
});

/** A file per level. */
const format: CacheFormat<Descriptors, z.infer<typeof headSchema>> = {
  kind: 'descriptors',
  version: 2,
  head: headSchema,
  pack: ({ levels, ...rest }) => ({
    head: {
      ...rest,
      levels: levels.map(({ width, height, moments }) => ({ width, height, moments: [...moments] })),
    },
    files: levels.map(({ blocks }) => blocks),
  }),
  unpack: ({ levels, ...rest }, files) =>
    files.length === levels.length
      ? {
          ...rest,
          levels: levels.map((level, i) => ({
            ...level,
            blocks: files[i]!.map((bytes) => new Float32Array(bytes)),
          })),
        }
      : null,
};

/**
 * Descriptors for `key` from `folder`, or else those that `make` gives, which are then kept there. Files are complete or
 * absent; damaged ones are made anew. Several processes may share the folder.
 * @throws MetricsError `cache-failed` when the folder cannot be written or read
 */
export function cachedDescriptors(
  folder: string,
  key: CacheKey,
  make: () => Promise<Descriptors>,
): Promise<Descriptors> {
  return cached(folder, key, format, make);
}
